"""A job that a service works on: what the service says of it is told while nobody is asking."""

from collections.abc import Callable

from app.engine.live import Live
from graphs.node import Wait
from tests.support.plant import Plant, until


def test_the_note_of_a_job_stands_until_it_is_asked_for_again(
    plant: Callable[..., Plant], broker: str
) -> None:
    """Between two questions the node is at work since its job began, with the place it has in the queue."""
    here = plant()
    answers = iter(
        [Wait(0.2, {"job": "j", "since": 1.5}, "place 4 in the queue"), Wait(60, {"job": "j"}, "")]
    )
    here.acts["one"] = lambda *_: next(answers)
    live = Live(broker)
    live.start()
    until(lambda: live.connected)
    try:
        told = []
        live.listen(lambda _: told.append(live.nodes(run_id).get("one") or {}))
        (run_id,) = here.start()
        here.hire()
        until(lambda: any(each.get("note") == "place 4 in the queue" for each in told))
        (first, *_) = [each for each in told if each.get("note")]
        assert (first["state"], first["since"]) == ("running", 1.5)
        until(lambda: told[-1].get("state") == "running" and not told[-1]["note"])
    finally:
        live.close()
