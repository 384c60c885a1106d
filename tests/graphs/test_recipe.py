"""What a picture may say: the graph without secrets, prompts without a customer's words."""

import json
from pathlib import Path

import nodes
from graphs.catalogue import discover
from graphs.document import document_hash, dump, parse
from graphs.recipe import business, masked, public_graph, scrubbed, written

CATALOGUE = discover(nodes)
EXAMPLE = json.loads((Path(__file__).parents[2] / "examples" / "product-image.json").read_text("utf-8"))


def test_private_settings_addresses_and_credentials_never_leave() -> None:
    """Rule: connection names, request addresses, headers and bodies go, and secrets in texts."""
    graph = json.loads(json.dumps(EXAMPLE))
    graph["description"] = "Ask https://hooks.internal/T00/abc or use sk_live_0123456789abcdef"
    graph["notes"] = [{"id": "n", "text": "Authorization: Bearer abcdef0123456789xyz", "position": [0, 0]}]
    generator = next(node for node in graph["nodes"] if node["type"] == "generator")
    generator["settings"] |= {"provider": "acme-secret-studio", "model": "flux-2"}
    settings = {
        "url": "https://erp.internal/x",
        "headers": [{"name": "x-api-key", "value": "topsecret"}],
        "body_type": "json",
        "body": '{"a": "hush"}',
    }
    graph["nodes"] += [
        {"id": "ask", "type": "http_request", "settings": settings, "position": [0, 0]},
        {"id": "odd", "type": "unheard_of", "settings": {"password": "pw"}, "position": [0, 0]},
    ]
    shown = public_graph(parse(graph), CATALOGUE)
    told = json.dumps(shown)
    for secret in (
        "acme-secret",
        "erp.internal",
        "topsecret",
        "hush",
        "hooks.internal",
        "sk_live",
        "pw",
        "abcdef01",
    ):
        assert secret not in told, secret
    assert "flux-2" in told
    assert parse(shown).nodes[0].id == parse(graph).nodes[0].id


def test_what_is_called_a_key_never_leaves_whatever_it_looks_like() -> None:
    """Rule: texts under names such as api_key go, in workflows of ComfyUI and in trigger fields too."""
    inputs = {"api_key": "0123456789", "openaiApiKey": "abc", "auth_token_org": "abc9", "clientSecret": "x1"}
    plain = {"text": "a lamp", "max_tokens": 77, "image": ["3", 0], "keyboard": "brass", "password": ""}
    workflow = {"3": {"class_type": "Ask", "inputs": {**inputs, **plain}}}
    graph = json.loads(json.dumps(EXAMPLE))
    graph["nodes"].append(
        {"id": "c", "type": "comfy_workflow", "settings": {"workflow": workflow}, "position": [0, 0]}
    )
    shown = next(each for each in public_graph(parse(graph), CATALOGUE)["nodes"] if each["id"] == "c")
    left = shown["settings"]["workflow"]["3"]["inputs"]
    assert {name: left[name] for name in plain} == plain
    assert {name for name in inputs if left[name] == "(removed)"} == inputs.keys()
    assert business({"secret_key": "s3", "password": "pw", "colour": "red"}) == {
        "secret_key": "(removed)",
        "password": "(removed)",
        "colour": "red",
    }
    for key in ("AIza" + "x" * 35, "github_pat_" + "a1" * 10, "glpat-" + "a1" * 10):
        assert scrubbed(f"with {key} in it") == "with (removed) in it"


def test_words_of_the_customer_are_called_by_their_field_again() -> None:
    """Rule: values of trigger fields in a prompt become placeholders, longest first, whole words."""
    fields = {
        "product_name": "Ember Mug",
        "maker": "Ember",
        "size": 42,
        "year": 2027,
        "tags": ["ceramic"],
        "n": None,
    }
    text = "ember mug by Ember, 2027, CERAMIC, September, 42 (size)"
    wanted = "{{product_name}} by {{maker}}, {{year}}, {{tags}}, September, 42 (size)"
    assert masked(text, fields) == wanted
    assert masked("unchanged", {}) == "unchanged"
    assert business({"callback_url": "https://x", "idempotency_key": "k", "name": "n"}) == {"name": "n"}
    assert scrubbed({"a": ["token abcdefghijklmnop"]}) == {"a": ["(removed)"]}


def test_how_much_pictures_say_is_part_of_the_document() -> None:
    """Rule: the default is not written, another one survives and is a change."""
    plain = parse(EXAMPLE)
    assert plain.recipe == "on"
    assert '"recipe"' not in dump(plain)
    quiet = parse({**EXAMPLE, "recipe": "off"})
    assert parse(dump(quiet)).recipe == "off"
    assert document_hash(plain) != document_hash(quiet)
    assert written({"b": 1, "a": "ä"}) == '{"a":"ä","b":1}'.encode()
