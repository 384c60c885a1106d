"""Repeating runs with an Idempotency-Key: the answer may be lost, and nothing is repeated twice (S119)."""

from concurrent.futures import Future
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from app.engine.writer import QueueFullError
from app.store.tables import audit, run
from app.workflows.replaying import Replays


def ended(world: Any, count: int) -> dict[str, Any]:
    """The filter of so many failed runs of their own."""
    name = f"rk-{uuid4().hex[:10]}"
    for number in range(count):
        answer = world.trigger(external_id=f"{name}-{number}")
        world.ask("POST", f"/v1/runs/{answer.json()['job_id']}/cancel")
    return {"status": "cancelled", "q": name}


def replay(world: Any, which: dict[str, Any], key: str, **more: Any) -> Any:
    body = {"filter": which, "dry_run": False, **more}
    return world.ask("POST", "/v1/runs/replay", json=body, headers={"idempotency-key": key})


def reruns(world: Any, which: dict[str, Any]) -> int:
    with world.system.db.read() as connection:
        mine = run.c.external_id.like(f"{which['q']}%"), run.c.rerun_of.is_not(None)
        return connection.scalar(select(func.count()).where(*mine)) or 0


def test_the_same_request_is_done_once(world: Any) -> None:
    """The first answer again, byte for byte, whatever matches by now; without a key it is done again."""
    which, key = ended(world, 3), str(uuid4())
    first = replay(world, which, key)
    assert (first.status_code, first.json()["replayed"]) == (202, 3)
    for each in first.json()["started"]:
        world.ask("POST", f"/v1/runs/{each['job_id']}/cancel")
    again = replay(world, which, f'"{key}"')
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert reruns(world, which) == 3
    body = {"filter": which, "dry_run": False}
    assert world.ask("POST", "/v1/runs/replay", json=body).json()["replayed"] == 6


def test_a_key_is_for_one_request(world: Any) -> None:
    """Another request under it is refused, a counted one leaves it unused, a bad key is named."""
    which, key = ended(world, 1), str(uuid4())
    assert replay(world, which, key, dry_run=True).json()["replayed"] == 0
    assert replay(world, which, key).json()["replayed"] == 1
    other = replay(world, which, key, per_second=1)
    assert (other.status_code, other.json()["error_code"]) == (422, "trigger.idempotency_mismatch")
    bad = replay(world, which, " ")
    assert (bad.status_code, bad.json()["invalid_field"]) == (422, "idempotency_key")
    assert reruns(world, which) == 1


def test_a_process_that_died_half_way_is_gone_on_from(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some were stored and nobody was told: the same are chosen, the others follow, each once and audited."""
    which, key = ended(world, 4), str(uuid4())
    engine, start = world.system.engine, world.system.engine.start
    stored: list[Any] = []

    def dies(new: Any) -> Any:
        if len(stored) == 2:
            refused: Future[Any] = Future()
            refused.set_exception(QueueFullError())
            return refused
        stored.append(start(new))
        return stored[-1]

    def lost(*_: Any) -> None:
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(engine, "start", dies)
        partly = replay(world, which, key)
        assert (partly.json()["replayed"], len(partly.json()["refused"])) == (2, 2)
    with monkeypatch.context() as patched:
        patched.setattr(Replays, "answered", lost)
        assert replay(world, which, key).status_code == 500
    assert reruns(world, which) == 4
    again = replay(world, which, key)
    assert again.json()["replayed"] == 4
    begun = [each.result().run_id for each in stored]
    assert [each["job_id"] for each in again.json()["started"]][:2] == begun
    assert reruns(world, which) == 4
    assert replay(world, which, key).content == again.content
    chosen = [each["rerun_of"] for each in again.json()["started"]]
    with world.system.db.read() as connection:
        noted = select(func.count()).where(audit.c.action == "run.rerun", audit.c.object.in_(chosen))
        assert connection.scalar(noted) == 4


def test_one_run_is_repeated_once_under_a_key(world: Any) -> None:
    """POST …/rerun knows keys as well; another run, or other inputs, are another request."""
    first, other = (world.trigger().json()["job_id"] for _ in range(2))
    key = {"idempotency-key": str(uuid4())}
    answers = [world.ask("POST", f"/v1/runs/{first}/rerun", headers=key) for _ in range(2)]
    assert answers[0].content == answers[1].content
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert world.ask("POST", f"/v1/runs/{other}/rerun", headers=key).json() != answers[0].json()
    changed = world.ask("POST", f"/v1/runs/{first}/rerun", json={"fresh": True}, headers=key)
    assert changed.status_code == 422
