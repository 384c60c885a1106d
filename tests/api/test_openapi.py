"""One document describes every address of the API, and the helpers around it answer (contract §7)."""

import time
from typing import Any

import pytest
from fastapi.routing import APIRoute


@pytest.fixture(scope="module")
def document(world: Any) -> dict[str, Any]:
    found: dict[str, Any] = world.ask("GET", "/v1/openapi.json", None).json()
    return found


def test_every_route_is_described(world: Any, document: dict[str, Any]) -> None:
    """With a summary; the trigger too, which no framework knows."""
    for route in world.client.app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema:
            for method in route.methods:
                assert document["paths"][route.path][method.lower()]["summary"]
    assert document["paths"]["/v1/hooks/{reference}"]["post"]["callbacks"]


def test_no_answer_is_described_in_the_frameworks_own_shape(document: dict[str, Any]) -> None:
    """Every operation's errors are problem documents, and all references resolve."""
    assert "HTTPValidationError" not in str(document)
    for path in document["paths"].values():
        for operation in path.values():
            errors = {status for status in operation["responses"] if status[0] in "45"}
            assert errors
            for status in errors:
                assert "application/problem+json" in operation["responses"][status]["content"]
    names = set(document["components"]["schemas"])
    assert {"Problem", "Accepted", "Callback"} <= names


def test_open_routes_say_that_they_are_open(document: dict[str, Any]) -> None:
    """Only these need no key."""
    without = {
        path
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if operation.get("security") == []
    }
    open_routes = {"/a/{name}", "/problems", "/problems/{code}", "/healthz", "/readyz", "/metrics"}
    assert without == {*open_routes, "/v1/inbox/{name}"}


def test_the_docs_need_no_other_server(world: Any) -> None:
    """The page loads its scripts from here."""
    page = world.ask("GET", "/docs", None)
    assert page.status_code == 200
    assert "https://" not in page.text
    assert world.ask("GET", "/static-offline-docs/swagger-ui-bundle.js", None).status_code == 200


def test_numbers_for_prometheus(world: Any) -> None:
    """Runs and callbacks by status, and how long the oldest has been waiting."""
    world.trigger(callback_url="https://example.com/x")
    text = world.ask("GET", "/metrics", None).text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#")
    assert float(values['sakuga_runs{status="queued"}']) >= 1
    assert float(values["sakuga_oldest_open_run_seconds"]) >= 0
    assert "sakuga_oldest_pending_delivery_seconds" in values


def test_alive_is_not_ready(world: Any) -> None:
    """Without a broker the process lives and is not ready, and says what is missing."""
    assert world.ask("GET", "/healthz", None).json() == {"status": "ok"}
    answer = world.ask("GET", "/readyz", None)
    assert answer.json()["checks"] == {"database": True, "broker": False}


def test_catalogue_and_presets_are_complete(world: Any) -> None:
    """Every node type of the first release, and the presets the example names."""
    kinds = {each["type"] for each in world.ask("GET", "/v1/node-types").json()["items"]}
    assert {"webhook_input", "rate_limiter", "circuit_breaker", "prompt_builder", "style_preset"} <= kinds
    assert {"generator", "qc", "multi_format_export", "metadata", "webhook_delivery"} <= kinds
    assert world.ask("GET", "/v1/node-types/qc").json()["settings_schema"]
    styles = {each["key"] for each in world.ask("GET", "/v1/presets/styles").json()["items"]}
    platforms = {each["key"] for each in world.ask("GET", "/v1/presets/platforms").json()["items"]}
    assert {"studio", "anime", "watercolour", "noir"} <= styles
    assert {"web", "instagram_feed", "amazon"} <= platforms


def test_pictures_open_by_signature_alone(world: Any) -> None:
    """Signed addresses give the picture with headers that keep it a picture, until they expire (S11)."""
    import asyncio  # noqa: PLC0415
    from io import BytesIO  # noqa: PLC0415

    from PIL import Image  # noqa: PLC0415

    drawn = BytesIO()
    Image.new("RGB", (64, 64), "#a33").save(drawn, "PNG")
    stored = asyncio.run(world.system.library.put(drawn.getvalue()))
    address = world.system.library.path(f"{stored.sha256}.png")
    answer = world.ask("GET", address, None)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == drawn.getvalue()
    assert "immutable" in answer.headers["cache-control"]
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert world.ask("HEAD", address, None).status_code == 200
    again = world.ask("GET", address, None, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    lifetime = world.system.settings.asset_url_days * 86_400
    late = world.system.library.path(f"{stored.sha256}.png", now=time.time() - lifetime + 100)
    kept = world.ask("GET", late, None).headers["cache-control"]
    assert 0 < int(kept.split("max-age=")[1].split(",")[0]) <= 100
    old = world.system.library.path(f"{stored.sha256}.png", now=time.time() - 10**8)
    gone = world.ask("GET", old, None)
    assert (gone.status_code, gone.json()["error_code"]) == (410, "http.gone")
    forged = old[:-1] + ("0" if old[-1] != "0" else "1")
    for bad in (forged, address[:-1] + ("0" if address[-1] != "0" else "1"), f"/a/{stored.sha256}.png"):
        assert world.ask("GET", bad, None).status_code == 404


def test_an_open_breaker_is_shown_and_resumed(world: Any) -> None:
    """Held runs are counted by gate; an operator releases them once (S73)."""
    from sqlalchemy import insert  # noqa: PLC0415

    from app.store.tables import alert, breaker  # noqa: PLC0415

    opened = {"workflow": "w", "caller": "default", "opened_at": time.time(), "reason": "too many"}
    with world.system.db.write() as connection:
        connection.execute(insert(breaker).values(gate="wf_1:cal_1", org_id=world.org_id, **opened))
        row = {"id": "alr_1", "org_id": world.org_id, "at": time.time(), "code": "breaker_open"}
        connection.execute(insert(alert).values(subject="w", text="too many", **row))
    gate = next(each for each in world.ask("GET", "/v1/limits").json()["items"] if each["breaker"])
    assert (gate["gate"], gate["breaker"]["open"]) == ("wf_1:cal_1", True)
    assert world.ask("POST", "/v1/limits/wf_1:cal_1/resume").json() == {"gate": "wf_1:cal_1", "released": 0}
    assert world.ask("POST", "/v1/limits/wf_1:cal_1/resume").status_code == 409
    assert [each["id"] for each in world.ask("GET", "/v1/alerts?pending=true").json()["items"]] == ["alr_1"]
    assert world.ask("POST", "/v1/alerts/alr_1/acknowledge").status_code == 204
    assert world.ask("GET", "/v1/alerts?pending=true").json()["items"] == []


def test_a_limited_run_tells_its_place(world: Any) -> None:
    """Position and expected start are those of now, not of the moment it was accepted (S63)."""
    slug = "narrow"
    graph = world.ask("GET", "/v1/workflows/product-image-guarded/draft").json()
    for node in graph["nodes"]:
        if node["type"] == "rate_limiter":
            node["settings"] = {"limit": 1, "window_seconds": 3600}
    world.ask("POST", "/v1/workflows", json={"slug": slug, "graph": graph})
    assert world.ask("POST", f"/v1/workflows/{slug}/publish").status_code == 201
    answers = [world.trigger(slug).json() for _ in range(3)]
    assert answers[0]["wait"] is None
    waits = [world.ask("GET", f"/v1/runs/{each['job_id']}").json()["wait"] for each in answers[1:]]
    assert [wait["reason"] for wait in waits] == ["rate_limited", "rate_limited"]
    assert waits[0]["position"] < waits[1]["position"]
    assert waits[0]["expected_start"] < waits[1]["expected_start"]
    gate = next(each for each in world.ask("GET", "/v1/limits").json()["items"] if each["workflow"] == slug)
    assert gate["waiting"] == 2
