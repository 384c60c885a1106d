"""What a run that waits for others says of them."""

import json

from app.engine import waits
from app.store import runs
from graphs.errors import AmbiguousError
from tests.engine.test_children import calling, child, children
from tests.support.rig import ORG


def test_a_run_says_what_the_runs_below_it_wait_for(rig):
    """A child that needs a person is named where somebody looks: at the run that waits for it."""
    r = rig(graph=calling("middle"))
    r.publish("middle", calling("child"))
    r.publish("child", child())

    def lost(*_):
        raise AmbiguousError("node.provider_outcome_unknown", "painter did not answer")

    r.acts["work"] = lost
    run_id = r.start(inputs={"name": "n"})
    r.run_dry()
    with r.db.read() as reading:
        found = runs.get(reading, runs.Scope(ORG), run_id)
        assert found is not None
        wait = json.loads(waits.closely(reading, found).wait or "{}")
    assert wait["reason"] == "children"
    assert wait["explanation"].endswith("1 wait: Work: painter did not answer")
    (middle,) = children(r, run_id)
    (below,) = children(r, middle.id)
    assert wait["children"] == {"total": 1, "ended": 0, "open": 1, "waits": {"review": 1}, "first": below.id}
