"""Secrets in graphs: what is named must be there, and keys in plain sight are told without being repeated."""

import pytest

import nodes
from graphs.catalogue import discover
from graphs.check import Facts, check
from graphs.delta import apply_delta
from graphs.document import parse, to_json
from graphs.repair import repairs
from graphs.resolved import resolve
from graphs.secrets import PASTED, KnownSecrets, may_name_secrets, secret_names

CATALOGUE = discover(nodes)
KEY = "sk-live-0123456789abcdefghij"


def graph(url="https://api.example.com/x", **header):
    settings = {"url": url, "headers": [{"name": "Authorization", **header}]}
    drawn = [
        {"id": "input", "type": "webhook_input", "settings": {}, "position": [0, 0]},
        {"id": "call", "type": "http_request", "settings": settings, "position": [0, 0]},
    ]
    return parse({"format": "sakuga.graph/1", "name": "t", "nodes": drawn, "links": []})


def found(document, **hosts):
    facts = Facts(secrets=KnownSecrets(hosts, lambda places, url: url.split("/")[2] in places))
    found = check(document, CATALOGUE, facts)
    return [each for each in found if (each.field or "").startswith("settings.")]


def test_names_are_judged_where_the_secrets_are_known():
    """Without an organisation nothing is said; with one, an unknown name and a wrong host are errors."""
    document = graph(value="Bearer", secret="crm")
    assert [each for each in check(document, CATALOGUE) if each.node_id == "call" and each.field] == []
    assert found(document, crm=("api.example.com",)) == []
    (unknown,) = found(document, crn=())
    assert (unknown.field, unknown.severity) == ("settings.headers[0].secret", "error")
    assert unknown.did_you_mean == "crn"
    (repair,) = repairs(document, CATALOGUE, [unknown])
    assert repair.text == "Use crn instead"
    mended = parse(apply_delta(to_json(document), repair.change))
    assert mended.nodes[1].settings["headers"][0] == {
        "name": "Authorization",
        "value": "Bearer",
        "secret": "crn",
    }
    (elsewhere,) = found(document, crm=("other.example",))
    assert "other.example only" in elsewhere.message
    assert secret_names(resolve(document, CATALOGUE)) == {"crm": ["call"]}
    assert may_name_secrets(document, CATALOGUE)
    assert not may_name_secrets(parse({**GATE, "links": []}), CATALOGUE)


GATE = {
    "format": "sakuga.graph/1",
    "name": "t",
    "nodes": [{"id": "input", "type": "webhook_input", "settings": {}, "position": [0, 0]}],
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", f"Bearer {KEY}"),
        ("authorization", "Basic dXNlcjpwYXNzd29yZA=="),
        ("X-Api-Key", "0123456789abcdef0123"),
        ("X-Auth-Token", "tok_0123456789"),
        ("X-Anything", "ghp_0123456789abcdefghijklmn"),
        ("Cookie", "session=0123456789abcdef"),
    ],
)
def test_a_key_in_a_header_is_told_without_repeating_it(name, value):
    """A warning at the header, which can be moved to a secret."""
    (problem,) = found(graph(name=name, value=value))
    assert (problem.code, problem.field, problem.severity) == (PASTED, "settings.headers[0].value", "warning")
    assert value.split()[-1] not in problem.message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Authorization", "Bearer {{token}}"),
        ("Authorization", "Bearer"),
        ("Idempotency-Key", "0123456789abcdef0123"),
        ("Accept", "application/vnd.example.v3+json"),
        ("User-Agent", "Sakuga studio automation 1.0"),
        ("X-Token-Kind", "authentication"),
    ],
)
def test_what_is_no_key_is_not_called_one(name, value):
    """Placeholders, ids of requests and ordinary texts are let alone."""
    assert found(graph(name=name, value=value)) == []


def test_a_key_in_an_address_is_told():
    """It would end up in the logs of whoever it passes."""
    url = f"https://api.example.com/x?size=large&api_key={KEY}"
    (problem,) = found(graph(url, name="Accept", value="*/*"))
    assert (problem.code, problem.field) == (PASTED, "settings.url")
    assert KEY not in problem.message


def test_a_key_in_a_workflow_of_comfyui_is_told():
    """Nodes there often ask for keys; they would travel with the graph."""
    workflow = {"3": {"class_type": "Ask", "inputs": {"api_key": "0123456789abcdef", "text": "a lamp"}}}
    settings = {"workflow": workflow}
    drawn = {"id": "call", "type": "comfy_workflow", "settings": settings, "position": [0, 0]}
    (problem,) = found(parse({**GATE, "nodes": [*GATE["nodes"], drawn], "links": []}))
    assert (problem.code, problem.field) == (PASTED, "settings.workflow")
    assert "0123" not in problem.message
