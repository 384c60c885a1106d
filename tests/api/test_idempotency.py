"""The same key and payload start one run, whatever happens around it (R7, S119)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx


def test_fifty_at_once_start_one_run(world: Any) -> None:
    """50 concurrent triggers with one key get one job id and equal bytes; all but one are replays."""
    key, headers = str(uuid4()), {"authorization": "Bearer owner-key-0123456789abcdef"}

    async def storm() -> list[httpx.Response]:
        transport = httpx.ASGITransport(world.client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8099") as client:
            body = {"product_name": "Oak chair", "idempotency_key": key}
            calls = [client.post("/v1/hooks/product-image", json=body, headers=headers) for _ in range(50)]
            return await asyncio.gather(*calls)

    answers = asyncio.run(storm())
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 49


def test_from_threads_too(world: Any) -> None:
    """The same holds when requests come from many threads."""
    key = str(uuid4())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: world.trigger(idempotency_key=key), range(16)))
    assert len({answer.json()["job_id"] for answer in answers}) == 1


def test_a_replay_is_byte_equal(world: Any) -> None:
    """Header and body spell the same key; the order of fields does not matter."""
    key = str(uuid4())
    first = world.trigger(idempotency_key=key, product_id="1")
    again = world.ask(
        "POST",
        "/v1/hooks/product-image",
        json={"product_id": "1", "product_name": "Oak chair"},
        headers={"idempotency-key": f'"{key}"'},
    )
    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]


def test_another_payload_is_a_mismatch(world: Any) -> None:
    """422 names the field, starts no run and keeps none."""
    key = str(uuid4())
    world.trigger(idempotency_key=key)
    before = newest(world)
    answer = world.trigger(idempotency_key=key, product_id="other")
    assert (answer.status_code, answer.json()["error_code"]) == (422, "trigger.idempotency_mismatch")
    assert answer.json()["invalid_field"] == "idempotency_key"
    assert newest(world) == before


def test_the_scope_is_caller_and_workflow(world: Any) -> None:
    """Another caller, or another workflow, may use the same key."""
    key = str(uuid4())
    first = world.trigger(idempotency_key=key).json()["job_id"]
    from_elsewhere = world.system.callers.create(actor(world), f"shop-{key[:8]}")
    other = world.trigger(key=world.key("caller", from_elsewhere.id), idempotency_key=key)
    assert other.status_code == 202
    assert other.json()["job_id"] != first
    slug = "product-image-guarded"
    assert world.trigger(slug, idempotency_key=key).json()["job_id"] != first


def test_failed_validation_leaves_the_key_unused(world: Any) -> None:
    """After a 422 the corrected payload may come with the same key."""
    key = str(uuid4())
    assert world.trigger(idempotency_key=key, target_style="baroque").status_code == 422
    answer = world.trigger(idempotency_key=key, target_style="noir")
    assert answer.status_code == 202
    assert "idempotency-replayed" not in answer.headers


def test_a_replay_outlives_a_stricter_contract(world: Any) -> None:
    """What was accepted once is answered the same even when a later version would refuse it."""
    slug, key = f"strict-{uuid4().hex[:8]}", str(uuid4())
    graph = world.ask("GET", "/v1/workflows/product-image/draft").json()
    world.ask("POST", "/v1/workflows", json={"slug": slug, "graph": graph})
    assert world.ask("POST", f"/v1/workflows/{slug}/publish").status_code == 201
    first = world.trigger(slug, idempotency_key=key)
    node = next(each for each in graph["nodes"] if each["type"] == "webhook_input")
    node["settings"]["fields"].append({"name": "season", "type": "string", "required": True})
    world.ask("PUT", f"/v1/workflows/{slug}/draft", json=graph)
    world.ask("POST", f"/v1/workflows/{slug}/publish", json={"allow_breaking": True})
    assert world.trigger(slug).status_code == 422
    again = world.trigger(slug, idempotency_key=key)
    assert (again.status_code, again.content) == (202, first.content)


def newest(world: Any) -> str:
    return str(world.ask("GET", "/v1/runs?limit=1").json()["items"][0]["job_id"])


def actor(world: Any) -> Any:
    return world.system.keys.authenticate("owner-key-0123456789abcdef").acting()
