"""Secrets over the API: values go in and never come out, and go to their own hosts only."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, select

from app.store import tables
from tests.api.conftest import OWNER, World

VALUE = "sk-live-0123456789abcdefghij"
WANTED: dict[str, Any] = {"name": "crm", "value": VALUE, "hosts": ["API.crm.example", "10.1.2.3:8443"]}
HOSTS = ["10.1.2.3:8443", "api.crm.example"]


@pytest.fixture
def keeping(world: World) -> Iterator[World]:
    """A world with a secret called crm."""
    made = world.ask("POST", "/v1/secrets", json=WANTED)
    assert made.status_code == 201, made.text
    yield world
    with world.system.db.write() as connection:
        connection.execute(delete(tables.secret))


def opened(world: World, name: str = "crm") -> Any:
    return world.system.secrets.opened(world.org_id, [name])[name]


def test_a_secret_is_kept_rotated_and_forgotten(keeping: World) -> None:
    """People see where it may go, how it ends and when it was entered; a new value holds at once."""
    shown = keeping.ask("GET", "/v1/secrets/crm").json()
    assert (shown["hosts"], shown["ending"], shown["used_by"]) == (HOSTS, "ghij", [])
    again = keeping.ask("PUT", "/v1/secrets/crm", json={"value": VALUE, "hosts": HOSTS}).json()
    assert again == {key: each for key, each in shown.items() if key != "used_by"}
    changed = keeping.ask("PUT", "/v1/secrets/crm", json={"value": "short-one"}).json()
    assert (changed["ending"], changed["hosts"]) == (None, HOSTS)
    assert changed["rotated_at"] > shown["rotated_at"]
    assert (opened(keeping).value, list(opened(keeping).hosts)) == ("short-one", HOSTS)
    assert keeping.ask("POST", "/v1/secrets", json=WANTED).status_code == 409
    assert keeping.ask("DELETE", "/v1/secrets/crm").status_code == 204
    assert keeping.ask("DELETE", "/v1/secrets/crm").status_code == 404
    assert keeping.ask("PUT", "/v1/secrets/crm", json={"value": VALUE}).status_code == 404


def test_hosts_are_added_with_the_value_only(keeping: World) -> None:
    """Who does not know a value cannot have it sent to a host of theirs; taking one away is possible."""
    more = keeping.ask("PUT", "/v1/secrets/crm", json={"hosts": [*HOSTS, "evil.example"]})
    assert (more.status_code, more.json()["invalid_field"]) == (422, "value")
    assert list(opened(keeping).hosts) == HOSTS
    fewer = keeping.ask("PUT", "/v1/secrets/crm", json={"hosts": ["api.crm.example"]})
    assert (fewer.status_code, opened(keeping).hosts) == (200, ("api.crm.example",))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Big Name"}, "name"),
        ({"name": "n" * 61}, "name"),
        ({"value": "1234567"}, "value"),
        ({"value": "x" * 4001}, "value"),
        ({"value": "with a line\nbreak"}, "value"),
        ({"value": " blank-in-front"}, "value"),
        ({"value": "schlüssel-geheim"}, "value"),
        ({"value": None}, "value"),
        ({"hosts": []}, "hosts"),
        ({"hosts": ["a.example"] * 21}, "hosts"),
        ({"hosts": ["https://a.example/"]}, "hosts.0"),
        ({"hosts": ["a.example", "*.b.example"]}, "hosts.1"),
        ({"hosts": ["a.example:99999"]}, "hosts.0"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(world: World, change: dict[str, Any], field: str) -> None:
    """Each wrong field is named with what would be right, and no answer repeats a value."""
    answer = world.ask("POST", "/v1/secrets", json={**WANTED, **change})
    assert answer.status_code == 422, answer.text
    assert answer.json()["invalid_field"] == field
    assert answer.json()["errors"][0]["pointer"] == "#/" + field.replace(".", "/")
    assert str(change.get("value") or VALUE) not in answer.text


def test_a_value_is_in_no_answer_row_or_audit_entry(keeping: World, stranger: str) -> None:
    """Sealed at rest, in no text that leaves; others see none, who edits sees names and hosts."""
    paths = ("/v1/secrets", "/v1/secrets/crm", "/v1/audit?limit=200")
    seen = [keeping.ask("GET", path).text for path in paths]
    with keeping.system.db.read() as connection:
        for table in (tables.secret, tables.audit):
            seen += [json.dumps(list(row), default=str) for row in connection.execute(select(table))]
    assert not [each for each in seen if VALUE in each]
    assert keeping.ask("GET", "/v1/secrets/crm", stranger).status_code == 404
    assert keeping.ask("GET", "/v1/secrets", stranger).json()["items"] == []
    listed = keeping.ask("GET", "/v1/secrets", keeping.key("editor")).json()["items"]
    assert listed == [{"name": "crm", "hosts": HOSTS}]
    entries = keeping.ask("GET", "/v1/audit").json()["items"]
    assert [each["action"] for each in entries if each["object"] == "crm"][:1] == ["secret.create"]


def graph(secret: str, url: str = "https://api.crm.example/items") -> dict[str, Any]:
    header = {"name": "Authorization", "value": "Bearer", "secret": secret}
    nodes = [
        {"id": "input", "type": "webhook_input", "settings": {}, "position": [0, 0]},
        {
            "id": "call",
            "type": "http_request",
            "settings": {"url": url, "headers": [header]},
            "position": [9, 9],
        },
    ]
    return {"format": "sakuga.graph/1", "name": "CRM", "nodes": nodes, "links": [], "groups": [], "notes": []}


def problems(world: World, document: dict[str, Any], key: str = OWNER) -> list[dict[str, Any]]:
    found = world.ask("POST", "/v1/workflows/product-image/validate", key, json=document).json()["problems"]
    return [each for each in found if str(each["field"]).startswith("settings.headers")]


def test_a_graph_is_told_about_its_secrets_at_the_node(keeping: World) -> None:
    """An unknown name, with the likely one, and a wrong host, each at its field, for who may see secrets."""
    assert problems(keeping, graph("crm")) == []
    (unknown,) = problems(keeping, graph("crn"))
    where = ("call", "settings.headers[0].secret", "error")
    assert (unknown["node_id"], unknown["field"], unknown["severity"]) == where
    assert unknown["did_you_mean"] == "crm"
    (elsewhere,) = problems(keeping, graph("crm", "https://api.crm.example:8443/items"))
    assert (elsewhere["node_id"], elsewhere["field"], elsewhere["severity"]) == where
    assert "may be sent to 10.1.2.3:8443, api.crm.example only" in elsewhere["message"]
    assert problems(keeping, graph("crm", "{{link}}")) == []
    viewer = keeping.key("viewer")
    for tried in (graph("crn"), graph("crm", "https://other.example/")):
        assert problems(keeping, tried, viewer) == []
    assert "crm" not in problems(keeping, graph("something-else"))[0]["message"]


def test_a_secret_that_published_versions_send_stays(keeping: World) -> None:
    """Deleting is refused with the list of what sends it; drafts and older versions do not hold it back."""
    create = keeping.ask("POST", "/v1/workflows", json={"slug": "uses-crm", "graph": graph("crm")})
    assert create.status_code == 201, create.text
    published = keeping.ask("POST", "/v1/workflows/uses-crm/publish", json={})
    assert published.status_code == 201, published.text
    refused = keeping.ask("DELETE", "/v1/secrets/crm")
    assert (refused.status_code, refused.json()["error_code"]) == (409, "secret.in_use")
    (use,) = refused.json()["errors"]
    assert (use["workflow"], use["version"], use["nodes"]) == ("uses-crm", 1, ["call"])
    keeping.ask("PUT", "/v1/workflows/uses-crm/draft", json=graph(""))
    assert keeping.ask("POST", "/v1/workflows/uses-crm/publish", json={}).status_code == 201
    used = keeping.ask("GET", "/v1/secrets/crm").json()["used_by"]
    assert [(each["version"], each["current"]) for each in used] == [(1, False)]
    assert keeping.ask("DELETE", "/v1/secrets/crm").status_code == 204
    keeping.ask("PUT", "/v1/workflows/uses-crm/draft", json=graph("crm"))
    refused = keeping.ask("POST", "/v1/workflows/uses-crm/publish", json={})
    assert (refused.status_code, refused.json()["invalid_field"]) == (422, "settings.headers[0].secret")
    keeping.ask("DELETE", "/v1/workflows/uses-crm")
