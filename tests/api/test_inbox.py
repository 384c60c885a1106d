"""The test inbox takes what a receiver would take, and says whether we signed it (contract §5)."""

import json
import time
from typing import Any
from uuid import uuid4

from app.delivery.signing import sign
from app.store import inbox as rows


def send(world: Any, name: str, body: bytes) -> Any:
    return world.ask("POST", f"/v1/inbox/{name}", None, content=body)


def box() -> str:
    return f"box-{uuid4().hex[:8]}"


def test_any_json_is_kept_newest_first(world: Any) -> None:
    """No key is needed to send; one is needed to read."""
    name = box()
    for body in ({"n": 1}, [1, 2], "text", None, 7):
        assert send(world, name, json.dumps(body).encode()).status_code == 200
    found = world.ask("GET", f"/v1/inbox/{name}").json()["items"]
    assert [each["body"] for each in found] == [7, None, "text", [1, 2], {"n": 1}]
    assert {each["verified"] for each in found} == {None}
    assert name in {each["name"] for each in world.ask("GET", "/v1/inbox").json()["items"]}


def test_our_signature_is_recognised(world: Any) -> None:
    """A callback of a run of ours is verified by its caller's secret; a forged one is marked."""
    name, job_id = box(), world.trigger().json()["job_id"]
    body = json.dumps({"job_id": job_id}).encode()
    good = sign(world.system.callers.secrets(world.caller_id), "msg_1", int(time.time()), body)
    bad = {**good, "webhook-signature": "v1,AAAA"}
    for headers in (good, bad):
        world.ask("POST", f"/v1/inbox/{name}", None, content=body, headers=headers)
    found = world.ask("GET", f"/v1/inbox/{name}").json()["items"]
    assert [each["verified"] for each in found] == [False, True]
    assert found[1]["webhook_id"] == "msg_1"


def test_callbacks_of_other_organisations_stay_hidden(world: Any, stranger: str) -> None:
    """A message belongs to its run's organisation, and to the first one when it names none."""
    name = box()
    world.ask("POST", "/v1/workflows", stranger, json={"slug": "inboxed"})
    world.ask("POST", "/v1/workflows/inboxed/publish", stranger)
    world.ask("POST", f"/v1/inbox/{name}", None, json={"job_id": world.trigger().json()["job_id"]})
    assert len(world.ask("GET", f"/v1/inbox/{name}").json()["items"]) == 1
    assert world.ask("GET", f"/v1/inbox/{name}", stranger).json()["items"] == []
    assert name not in {each["name"] for each in world.ask("GET", "/v1/inbox", stranger).json()["items"]}
    assert world.ask("DELETE", f"/v1/inbox/{name}", stranger).status_code == 204
    assert len(world.ask("GET", f"/v1/inbox/{name}").json()["items"]) == 1
    own = world.trigger("inboxed", stranger).json()["job_id"]
    world.ask("POST", f"/v1/inbox/{name}", None, json={"job_id": own})
    assert [each["body"] for each in world.ask("GET", f"/v1/inbox/{name}", stranger).json()["items"]] == [
        {"job_id": own}
    ]
    assert len(world.ask("GET", f"/v1/inbox/{name}").json()["items"]) == 1


def test_headers_with_secrets_are_not_kept(world: Any) -> None:
    """Only what explains a webhook is stored."""
    name = box()
    headers = {"authorization": "Bearer x", "cookie": "a=b", "x-request-id": "r-1"}
    world.ask("POST", f"/v1/inbox/{name}", None, json={}, headers=headers)
    kept = world.ask("GET", f"/v1/inbox/{name}").json()["items"][0]["headers"]
    assert kept["x-request-id"] == "r-1"
    assert not kept.keys() & {"authorization", "cookie"}


def test_what_is_no_json_or_too_much_is_refused(world: Any) -> None:
    """400 and 413, as problems."""
    name = box()
    for body in (b"<x>", b"[" * 5000, b'{"n": NaN}', b'{"a": "\\ud800"}', b'{"a": 1, "a": 2}', b""):
        assert send(world, name, body).status_code == 400
    assert send(world, name, b'"' + b"x" * (1024 * 1024) + b'"').status_code == 413
    assert world.ask("GET", f"/v1/inbox/{name}").json()["items"] == []


def test_an_inbox_does_not_grow_for_ever(world: Any) -> None:
    """Only the newest messages are kept, and it can be emptied."""
    name = box()
    with world.system.db.write() as connection:
        for number in range(rows.KEPT + 5):
            rows.add(
                connection, world.org_id, name, message_id=None, headers="{}", body=str(number), verified=None
            )
    found = world.ask("GET", f"/v1/inbox/{name}?limit=200").json()
    assert len(found["items"]) == rows.KEPT
    assert world.ask("DELETE", f"/v1/inbox/{name}").status_code == 204
    assert world.ask("GET", f"/v1/inbox/{name}").json()["items"] == []


def test_an_inbox_does_not_fill_the_disk(world: Any) -> None:
    """Long messages push older ones out by their bytes, in one inbox and in all of an organisation's."""
    body = json.dumps("ü" * 450_000, ensure_ascii=False)
    boxes = [box() for _ in range(5)]
    with world.system.db.write() as connection:
        for name in boxes:
            for _ in range(20):
                rows.add(
                    connection, world.org_id, name, message_id=None, headers="{}", body=body, verified=None
                )
    most = rows.KEPT_BYTES // len(body.encode())
    with world.system.db.read() as connection:
        counts = {name: count for name, count, _ in rows.names(connection, world.org_id) if name in boxes}
    assert counts[boxes[-1]] == counts[boxes[-2]] == most
    assert counts.get(boxes[0], 0) < most
    assert sum(counts.values()) <= rows.KEPT_BYTES_IN_ALL // len(body.encode())
    assert send(world, boxes[0], b"1").status_code == 200
    for name in boxes:
        world.ask("DELETE", f"/v1/inbox/{name}")
