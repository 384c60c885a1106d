"""Connected services and paid calls over the API: credentials go in and never come out."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from app.store import tables
from tests.api.conftest import World
from tests.support.service import Service

SECRET = "sk-very-secret-credential"
WANTED: dict[str, Any] = {
    "kind": "openai_images",
    "base_url": "https://images.example.com/v1",
    "credential": SECRET,
    "models": [{"id": "m1", "title": "Model one", "price": 0.25}],
}


@pytest.fixture
def painter(world: World) -> Iterator[World]:
    """A world with a connected service called painter."""
    made = world.ask("POST", "/v1/providers", json={"name": "painter", **WANTED})
    assert made.status_code == 201, made.text
    yield world
    with world.system.db.write() as connection:
        connection.execute(delete(tables.call))
        connection.execute(delete(tables.provider))
        connection.execute(delete(tables.provider_breaker))


def test_a_service_is_connected_shown_changed_and_forgotten(painter: World) -> None:
    """All that is known of a service can be read and replaced; its credential is only said to be there."""
    shown = painter.ask("GET", "/v1/providers/painter").json()
    assert shown["has_credential"] is True
    assert shown["models"] == [
        {"id": "m1", "title": "Model one", "price": 0.25, "description": "", "reference": False}
    ]
    assert shown["settings"]["idempotent"] is False
    kept = {key: value for key, value in WANTED.items() if key != "credential"}
    changed = painter.ask("PUT", "/v1/providers/painter", json={**kept, "enabled": False})
    assert (changed.json()["enabled"], changed.json()["has_credential"]) == (False, True)
    opened = painter.system.connections.opened(painter.org_id)["painter"]
    assert getattr(opened, "credential", None) == SECRET
    assert painter.ask("DELETE", "/v1/providers/painter").status_code == 204
    assert painter.ask("GET", "/v1/providers/painter").status_code == 404


def test_the_credential_is_in_no_answer_audit_entry_or_row(painter: World, stranger: str) -> None:
    """A credential is sealed at rest and in no text that leaves; other organisations see no service."""
    seen = [painter.ask("GET", path).text for path in ("/v1/providers", "/v1/providers/painter", "/v1/audit")]
    with painter.system.db.read() as connection:
        seen += [json.dumps(list(row), default=str) for row in connection.execute(select(tables.provider))]
    assert not [each for each in seen if SECRET in each]
    assert painter.ask("GET", "/v1/providers/painter", stranger).status_code == 404
    assert painter.ask("GET", "/v1/providers", stranger).json()["items"] == []
    entries = painter.ask("GET", "/v1/audit").json()["items"]
    assert [each["action"] for each in entries if each["object"] == "painter"][:1] == ["provider.create"]


def test_a_credential_does_not_move_to_another_address(painter: World) -> None:
    """Whoever changes the address has to know the credential: it is not sent to a place of theirs."""
    moved = {**WANTED, "base_url": "https://elsewhere.example.com"}
    del moved["credential"]
    answer = painter.ask("PUT", "/v1/providers/painter", json=moved)
    assert (answer.status_code, answer.json()["invalid_field"]) == (422, "credential")
    assert painter.ask("PUT", "/v1/providers/painter", json={**moved, "credential": "new"}).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"kind": "soap"}, "kind"),
        ({"base_url": "http://images.example.com"}, "base_url"),
        ({"base_url": "https://10.0.0.1/"}, "base_url"),
        ({"base_url": "https://169.254.169.254/"}, "base_url"),
        ({"base_url": "https://images.example.com/?x=1"}, "base_url"),
        ({"credential": "two words"}, "credential"),
        ({"credential": "a\nb"}, "credential"),
        ({"models": []}, "models"),
        ({"models": [{"id": "m"}, {"id": "m"}]}, "models"),
        ({"models": [{"id": "m", "price": -1}]}, "models.0.price"),
        ({"settings": {"timeout_seconds": 0}}, "settings.timeout_seconds"),
        ({"settings": {"sizes": ["big"]}}, "settings.sizes.0"),
        ({"name": "Not A Name"}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_used_is_named(world: World, wrong: dict[str, Any], field: str) -> None:
    """A service that cannot work is refused with the field at fault, and nothing is stored."""
    answer = world.ask("POST", "/v1/providers", json={"name": "other", **WANTED, **wrong})
    assert (answer.status_code, answer.json()["invalid_field"]) == (422, field), answer.text
    assert SECRET not in answer.text
    assert world.ask("GET", "/v1/providers").json()["items"] == []


@pytest.mark.parametrize("name", ["painter", "rehearsal"])
def test_a_name_is_given_once(painter: World, name: str) -> None:
    """Two services cannot have one name, and none takes that of the built-in one."""
    assert painter.ask("POST", "/v1/providers", json={"name": name, **WANTED}).status_code == 409


def test_a_connection_can_be_tested(world: World) -> None:
    """A test says in words what came of it; one that fails is no error of the API."""
    policy = world.system.egress_policy
    with Service() as service:
        address = f"127.0.0.1:{service.port}"
        object.__setattr__(policy, "allow", (*policy.allow, *type(policy).of((address,)).allow))
        wanted = {**WANTED, "base_url": f"{service.url}/v1"}
        assert world.ask("POST", "/v1/providers", json={"name": "painter", **wanted}).status_code == 201
        good = world.ask("POST", "/v1/providers/painter/test").json()
    gone = world.ask("POST", "/v1/providers/painter/test").json()
    assert (good["ok"], good["error_code"]) == (True, None)
    assert (gone["ok"], gone["error_code"]) == (False, "node.provider_unavailable")
    assert world.ask("DELETE", "/v1/providers/painter").status_code == 204


def test_a_graph_that_names_no_connected_service_has_a_problem_there(painter: World) -> None:
    """An unknown service or model is a problem at its node, with what was meant."""
    graph = painter.ask("GET", "/v1/workflows/product-image/draft").json()
    generator = next(node for node in graph["nodes"] if node["type"] == "generator")

    def problems(**settings: str) -> list[dict[str, Any]]:
        generator["settings"] = {**generator["settings"], **settings}
        found = painter.ask("POST", "/v1/workflows/product-image/validate", json=graph).json()["problems"]
        return [each for each in found if each["severity"] == "error"]

    (unknown,) = problems(provider="paintr", model="m1")
    assert (unknown["node_id"], unknown["field"]) == (generator["id"], "settings.provider")
    assert "did you mean 'painter'" in unknown["message"]
    (no_model,) = problems(provider="painter", model="m9")
    assert no_model["field"] == "settings.model"
    assert problems(provider="painter", model="m1") == []


def put_call(world: World, state: str) -> str:
    """A paid call in the ledger."""
    names = ("caller_id", "workflow_id", "run_id", "node_id", "provider", "model", "idempotency_key", "day")
    row = {**dict.fromkeys(names, "x"), "provider": "painter", "idempotency_key": f"k-{state}"}
    more = {"org_id": world.org_id, "state": state, "reserved": 250_000, "created_at": 1, "updated_at": 1}
    with world.system.db.write() as connection:
        connection.execute(insert(tables.call).values(id=f"call_{state}", **row, **more))
    return f"call_{state}"


def test_calls_of_unknown_outcome_are_listed_and_decided(painter: World, stranger: str) -> None:
    """An operator sees the calls that nobody answered, decides each once, and the decision is audited."""
    call_id = put_call(painter, "unknown")
    put_call(painter, "done")
    (shown,) = painter.ask("GET", "/v1/calls?state=unknown").json()["items"]
    assert (shown["id"], shown["reserved"], shown["provider"]) == (call_id, 0.25, "painter")
    assert painter.ask("GET", f"/v1/calls/{call_id}", stranger).status_code == 404
    url, decision = f"/v1/calls/{call_id}/resolve", {"outcome": "charged_failed"}
    assert painter.ask("POST", url, json={"outcome": "maybe"}).status_code == 422
    assert painter.ask("POST", url, stranger, json=decision).status_code == 404
    assert painter.ask("DELETE", "/v1/providers/painter").status_code == 409
    decided = painter.ask("POST", url, json=decision)
    assert (decided.status_code, decided.json()["state"], decided.json()["charged"]) == (200, "done", 0.25)
    assert painter.ask("POST", url, json=decision).status_code == 409
    entry = painter.ask("GET", "/v1/audit").json()["items"][0]
    assert (entry["action"], entry["object"]) == ("call.resolve", call_id)


def test_failing_services_show_among_the_limits(painter: World) -> None:
    """Whoever looks why runs wait finds the service, the reason and the time of the next trial."""
    row = {"state": "open", "failures": 5, "opened_at": 1_700_000_000, "reason": "down", "updated_at": 1}
    with painter.system.db.write() as connection:
        connection.execute(
            insert(tables.provider_breaker).values(org_id=painter.org_id, name="painter", **row)
        )
    (shown,) = painter.ask("GET", "/v1/limits").json()["services"]
    assert (shown["name"], shown["state"], shown["reason"]) == ("painter", "open", "down")
    assert shown["next_trial"].startswith("2023-11-14T22:13:50")
