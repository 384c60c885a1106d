"""Scenes that lead a process to a crash point, and what must be true after it died there.

A scene gives the runs that are meant to fail or to be cancelled.
"""

import contextlib
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import httpx
from sqlalchemy import text

from app.points import Point
from tests.chaos.evidence import reading, rows, writing
from tests.chaos.house import ENDED, House, until
from tests.support.site import link, node, plain_graph

Play = Callable[[House, Point], Sequence[str]]
_NO_ANSWER = (httpx.ReadError, httpx.RemoteProtocolError, httpx.ConnectError)
_OPEN = (
    "SELECT count(*) AS count FROM run LEFT JOIN delivery ON delivery.run_id = run.id"
    " WHERE (run.finished_at IS NULL AND run.wait IS NULL)"
    " OR (delivery.id IS NOT NULL AND delivery.finished_at IS NULL)"
    " OR EXISTS (SELECT 1 FROM spend_entry)"
)
_DUE = "UPDATE schedule SET next_at = :at WHERE id = :id"
_OF_SCHEDULE = "SELECT id FROM run WHERE schedule_id = :owner"
_CHILDREN = "SELECT id FROM run WHERE parent_id = :owner"
_OF_BATCH = "SELECT id FROM run WHERE batch_id = :owner"
_ORGANISATIONS = "SELECT id FROM organisation"
_EXAMPLES = (
    "SELECT slug, number FROM workflow"
    " LEFT JOIN workflow_version ON workflow_version.workflow_id = workflow.id"
)


def furnish(house: House) -> None:
    """The workflows that scenes trigger."""
    queued = plain_graph()
    paint = next(each for each in queued["nodes"] if each["id"] == "paint")
    paint["settings"]["model"] = "procedural/queued-1"
    gates = [node("limit", "rate_limiter", limit=1), node("fuse", "circuit_breaker", factor=1)]
    words = plain_graph()
    words["nodes"] = words["nodes"][:2]
    words["links"] = words["links"][:1]
    nested = plain_graph()
    call = node("call", "subworkflow", workflow="words", fields=["subject"])
    nested["nodes"] = [nested["nodes"][0], call]
    nested["links"] = [link("input.subject", "call.subject")]
    graphs = {
        **_paying(house),
        "plain": plain_graph(),
        "words": words,
        "queued": queued,
        "guarded": plain_graph(*gates),
        "counted": plain_graph(node("money", "cost_monitor", daily_credits=1000)),
        "nested": nested,
    }
    for slug, graph in graphs.items():
        house.workflow(slug, graph)


def _paying(house: House) -> dict[str, Any]:
    """Workflows whose pictures are charged, made again, or taken from earlier runs."""
    graphs = {}
    for slug, kind in (("paid", "openai_images"), ("jobs", "fal_queue")):
        wanted = {
            "name": slug,
            "kind": kind,
            "base_url": house.service.url,
            "credential": "secret",
            "models": [{"id": "m1", "price": 0.25}],
            "settings": {"idempotent": True, "poll_seconds": 0.05},
        }
        house.http.post("/v1/providers", json=wanted).raise_for_status()
        graphs[slug] = plain_graph(node("money", "cost_monitor", daily_credits=1000))
        _of(graphs[slug], "paint")["settings"] |= {"provider": slug, "model": "m1"}
    graphs["redone"] = plain_graph(on_fail="redo", max_redos=1)
    _of(graphs["redone"], "check")["settings"]["min_sharpness"] = 9999
    graphs["thrifty"] = plain_graph()
    _of(graphs["thrifty"], "paint")["cache"] = {"seconds": 600}
    return graphs


def _of(graph: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in graph["nodes"] if each["id"] == name)


def overcharged(house: House) -> list[str]:
    """What the service charged, and for what, is what the ledger of calls says."""
    with reading(house.url) as connection:
        found = rows(connection, "SELECT idempotency_key, charged FROM call WHERE charged > 0")
    noted = {row["idempotency_key"]: row["charged"] for row in found}
    charged = {key: amount for key, amount in house.service.by_key().items() if amount}
    return [] if noted == charged else [f"the service charged {charged}, the ledger says {noted}"]


def preparing(house: House, point: Point) -> Sequence[str]:
    """The preparation of a first start dies; the next one completes what it finds."""
    house.start("preparation", point).died()
    return ()


def born(house: House) -> list[str]:
    """After all those deaths a start succeeds: one organisation, every example once, a way in."""
    house.prepare()
    facts = json.loads((house.folder / "preparation.log").read_text().splitlines()[-1])
    house.open()
    token = facts["login_url"].partition("token=")[2]
    with reading(house.url) as connection:
        organisations = rows(connection, _ORGANISATIONS)
        examples = {row["slug"]: row["number"] for row in rows(connection, _EXAMPLES)}
        published = rows(connection, _EXAMPLES)
    wrong = [] if len(organisations) == 1 else [f"there are {len(organisations)} organisations"]
    if set(examples.values()) != {1} or len(published) != len(examples) or len(examples) < 4:
        wrong.append(f"the examples are {published}")
    if not token or house.http.get("/v1/workflows").status_code != 200:
        wrong.append(f"nobody gets in: {facts}")
    return wrong


def unsettled(house: House) -> list[str]:
    """Wait until nothing is open but what waits for a named reason."""
    try:
        until(lambda: not _count(house), 30, "everything settled")
    except AssertionError as error:
        return [f"{error}; {_count(house)} are open"]
    return []


def _count(house: House) -> int:
    with reading(house.url) as connection:
        return int(rows(connection, _OPEN)[0]["count"])


def working(slug: str = "words", how: str = "plain", before: Point | None = None) -> Play:
    """A worker dies with a run in its hands; another one takes over. `counted` makes a picture."""

    def play(house: House, point: Point) -> Sequence[str]:
        run_id = house.trigger(slug, how, subject=f"lamp {house.asked}")
        if before:
            house.start("worker", before).died()
        house.start("worker", point).died()
        with house.running("worker"):
            found = house.settled(run_id)
        assert (found["status"], found["callback_status"]) == ("succeeded", "delivered")
        assert len(_made(house, _CHILDREN, run_id)) == (slug == "nested")
        return ()

    return play


def waiting(house: House, point: Point) -> Sequence[str]:
    """A delivery waits for its second attempt, and its worker dies; the same message goes on."""
    run_id = house.trigger("words", "once-500")
    house.start("worker", point).died()
    with house.running("worker"):
        assert house.settled(run_id)["callback_status"] == "delivered"
    return ()


def stopping(house: House, point: Point) -> Sequence[str]:
    """A worker is told to stop while a receiver keeps it waiting, and dies over its hand-over."""
    run_id = house.trigger("words", "very-slow")
    worker = house.start("worker", point)
    until(lambda: _receipts(house, run_id), 30, "the callback came")
    worker.stop()
    worker.died()
    with house.running("worker"):
        assert house.settled(run_id)["callback_status"] == "delivered"
    return ()


def scheduled(house: House, point: Point) -> Sequence[str]:
    """A schedule is due, and the worker that serves it dies: it is served once."""
    wanted = {"workflow": "words", "cron": "0 0 1 1 *", "payload": {"subject": "a lamp"}}
    made = house.http.post("/v1/schedules", json=wanted | {"callback_url": house.callback()})
    made.raise_for_status()
    with writing(house.url) as connection:
        connection.execute(text(_DUE), {"id": made.json()["id"], "at": time.time() - 1})
    _take_over(house, point, _OF_SCHEDULE, made.json()["id"], 1)
    return ()


def filed(house: House, point: Point) -> Sequence[str]:
    """A file's rows become runs, and the worker that makes them dies: each row has one run."""
    house.asked += 1
    file = "subject\n" + "".join(f"lamp {house.asked} {number}\n" for number in range(3))
    made = house.http.post(
        "/v1/workflows/words/rows",
        params={"callback_url": house.callback()},
        content=file,
        headers={"content-type": "text/csv"},
    )
    made.raise_for_status()
    _take_over(house, point, _OF_BATCH, made.json()["id"], 3)
    return ()


def _take_over(house: House, point: Point, query: str, owner: str, wanted: int) -> None:
    """A worker dies, another one makes the runs there should be, and no more."""
    house.start("worker", point).died()
    with house.running("worker"):
        until(lambda: len(_made(house, query, owner)) >= wanted, 30, "the runs are there")
        for run_id in _made(house, query, owner):
            house.settled(run_id)
    assert len(_made(house, query, owner)) == wanted


def _made(house: House, query: str, owner: str) -> list[str]:
    with reading(house.url) as connection:
        return [row["id"] for row in rows(connection, query, owner=owner)]


def asking(house: House, point: Point) -> Sequence[str]:
    """A door dies over a trigger; sent again with the same key, the next one answers, and always the same."""
    body, headers = house.payload()

    def ask() -> httpx.Response:
        return house.http.post("/v1/hooks/words", json=body, headers=headers)

    _die_over(house, point, ask)
    answer = ask()
    house.note(answer, "words")
    assert ask().content == answer.content
    return ()


def refused(house: House, point: Point) -> Sequence[str]:
    """A refused trigger is kept and told of, though nobody heard the refusal."""
    body, headers = house.payload()
    body["subject"] = 7
    _die_over(house, point, lambda: house.http.post("/v1/hooks/words", json=body, headers=headers))
    found = house.http.get("/v1/runs", params={"q": body["external_id"]}).json()["items"]
    (run_id,) = [each["job_id"] for each in found if each["external_id"] == body["external_id"]]
    until(lambda: _receipts(house, run_id), 30, "the refusal was told")
    return (run_id,)


def cancelling(house: House, point: Point) -> Sequence[str]:
    """Whoever cancels gets no answer, and the caller is told all the same, once."""
    run_id = house.trigger("queued")
    _die_over(house, point, lambda: house.http.post(f"/v1/runs/{run_id}/cancel", json={}))
    assert house.run(run_id)["status"] == "cancelled"
    return (run_id,)


def pausing(house: House, point: Point) -> Sequence[str]:
    """Whoever pauses, or lets go on, gets no answer; a paused run goes on when it is told to again."""
    run_id = house.trigger("queued")
    if point is Point.UNPAUSE_COMMITTED:
        house.http.post(f"/v1/runs/{run_id}/pause", json={}).raise_for_status()
        _die_over(house, point, lambda: house.http.post(f"/v1/runs/{run_id}/resume", json={}))
    else:
        _die_over(house, point, lambda: house.http.post(f"/v1/runs/{run_id}/pause", json={}))
        assert house.run(run_id)["status"] not in ENDED
        house.http.post(f"/v1/runs/{run_id}/resume", json={}).raise_for_status()
    assert house.settled(run_id)["status"] == "succeeded"
    return ()


def replaying(house: House, point: Point) -> Sequence[str]:
    """A delivery that is sent again goes out once more under its old id, though nobody rang for it."""
    run_id = house.trigger("words")
    house.settled(run_id)
    (delivery,) = house.http.get(f"/v1/runs/{run_id}/deliveries").json()["items"]
    _die_over(house, point, lambda: house.http.post(f"/v1/deliveries/{delivery['id']}/replay"))
    until(lambda: len(_receipts(house, run_id)) >= 2, 30, "it came again")
    return ()


def resuming(house: House, point: Point) -> Sequence[str]:
    """A breaker is closed and what it held is dropped: every caller is told, though nobody rang."""
    jobs = [house.trigger("guarded") for _ in range(4)]
    gates = house.http.get("/v1/limits").json()["items"]
    (gate,) = [each["gate"] for each in gates if each["breaker"] and each["breaker"]["open"]]
    _die_over(house, point, lambda: house.http.post(f"/v1/limits/{gate}/resume", json={"drop": True}))
    dropped = {run_id for run_id in jobs if house.run(run_id)["status"] == "cancelled"}
    assert dropped
    return sorted(dropped)


def publishing(house: House, point: Point) -> Sequence[str]:
    """A publication is whole or has not been, and the next one finds its place."""
    house.asked += 1
    slug = f"slug-{house.asked}"
    house.http.post("/v1/workflows", json={"slug": slug, "graph": plain_graph()}).raise_for_status()
    _die_over(house, point, lambda: house.http.post(f"/v1/workflows/{slug}/publish", json={}))
    made = house.http.get(f"/v1/workflows/{slug}/versions").json()["items"]
    assert len(made) == (0 if point is Point.PUBLISH_WRITTEN else 1)
    house.http.post(f"/v1/workflows/{slug}/publish", json={}).raise_for_status()
    house.trigger(slug)
    return ()


def keeping(house: House, point: Point) -> Sequence[str]:
    """The test inbox stored a callback and never said so: it comes again, under the same id."""
    door, inbox = house.open(point), f"inbox-{house.asked}"
    run_id = house.trigger("words", callback_url=f"{house.http.base_url}/v1/inbox/{inbox}")
    door.died()
    house.open()
    assert house.settled(run_id)["callback_status"] == "delivered"
    kept: list[dict[str, Any]] = house.http.get(f"/v1/inbox/{inbox}").json()["items"]
    assert len(kept) >= 2
    assert len({each["webhook_id"] for each in kept}) == 1
    assert len({json.dumps(each["body"]) for each in kept}) == 1
    assert all(each["verified"] for each in kept)
    return ()


def _die_over(house: House, point: Point, request: Callable[[], httpx.Response]) -> None:
    """Ask a door that dies over the request, then open another one."""
    door = house.open(point)
    with contextlib.suppress(*_NO_ANSWER):
        answer = request()
        raise AssertionError(f"was answered with {answer.status_code}: {answer.text}")
    door.died()
    house.open()


def _receipts(house: House, run_id: str) -> list[Any]:
    return [each for each in list(house.ledger.receipts) if each.job_id == run_id]
