"""One click mends a problem where one change is plainly right; mending all leaves what people must decide."""

import copy
import json
from typing import Any

import pytest

import nodes
from app.serve.bootstrap import EXAMPLES
from graphs.catalogue import discover
from graphs.check import check
from graphs.delta import apply_delta
from graphs.document import parse, to_json
from graphs.repair import Repair, repair_all, repairs

Json = dict[str, Any]
CATALOGUE = discover(nodes)
SOUND = to_json(parse((EXAMPLES / "product-image.json").read_text("utf-8")))


def sound() -> Json:
    return copy.deepcopy(SOUND)


def node(document: Json, name: str) -> Json:
    found: Json = next(each for each in document["nodes"] if each["id"] == name)
    return found


def one_repair(document: Json, code: str, field: str | None = None) -> Repair:
    doc = parse(document)
    problems = check(doc, CATALOGUE)
    found = [
        made
        for problem, made in zip(problems, repairs(doc, CATALOGUE, problems), strict=True)
        if problem.code == code and (field is None or problem.field == field) and made
    ]
    assert found, problems
    return found[0]


def broken() -> list[tuple[str, Json, str, str]]:
    """A name, a document with one fault, its code, and the kind of repair that mends it."""
    cases: list[tuple[str, Json, str, str]] = []

    def case(name: str, code: str, kind: str, document: Json) -> None:
        cases.append((name, document, code, kind))

    loose = sound()
    loose["links"].append({"from": ["prompt", "gone"], "to": ["metadata", "nothing"]})
    case("loose link", "graph.dangling_link", "remove_link", loose)
    renamed = sound()
    link = next(each for each in renamed["links"] if each["from"] == ["prompt", "prompt"])
    link["from"] = ["prompt", "prompts"]
    case("renamed socket", "graph.dangling_link", "relink", renamed)
    unlinked = sound()
    unlinked["links"] = [each for each in unlinked["links"] if each["to"] != ["prompt", "style"]]
    unlinked["links"] = [each for each in unlinked["links"] if each["to"] != ["generator", "prompt"]]
    case("missing input", "graph.missing_input", "connect", unlinked)
    twice = sound()
    twice["nodes"].append({"id": "second", "type": "webhook_input", "settings": {}, "position": [0, 900]})
    case("second trigger", "graph.many_triggers", "remove_node", twice)
    mistyped = sound()
    node(mistyped, "prompt")["type"] = "prompt_bilder"
    case("misspelt type", "graph.unknown_node_type", "retype", mistyped)
    unknown = sound()
    node(unknown, "prompt")["settings"]["templat"] = node(unknown, "prompt")["settings"].pop("template")
    case("misspelt setting", "graph.bad_settings", "reset", unknown)
    wrong = sound()
    node(wrong, "generator")["settings"]["count"] = 9_999
    case("out of bounds", "graph.bad_settings", "reset", wrong)
    bare = sound()
    gone = {each["id"] for each in bare["nodes"] if each["type"] == "webhook_delivery"}
    bare["nodes"] = [each for each in bare["nodes"] if each["id"] not in gone]
    bare["links"] = [each for each in bare["links"] if each["to"][0] not in gone]
    case("no callback", "graph.no_delivery", "add_delivery", bare)
    return cases


@pytest.mark.parametrize(
    ("document", "code", "kind"), [each[1:] for each in broken()], ids=[each[0] for each in broken()]
)
def test_a_fault_is_mended_by_its_repair(document: Json, code: str, kind: str) -> None:
    """Rule: applying the repair takes the problem away and brings no new one."""
    before = check(parse(document), CATALOGUE)
    made = one_repair(document, code)
    assert made.kind == kind
    assert made.text
    after = check(parse(apply_delta(document, made.change)), CATALOGUE)
    assert len(after) < len(before)
    json.dumps(made.change)


def test_the_last_link_of_a_circle_goes() -> None:
    """Rule: a circle is broken where it was closed last."""
    document = sound()
    document["nodes"].append(
        {"id": "again", "type": "prompt_builder", "settings": {"template": "{{subject}}"}, "position": [0, 0]}
    )
    document["nodes"].append(
        {"id": "more", "type": "prompt_builder", "settings": {"template": "{{subject}}"}, "position": [0, 0]}
    )
    document["links"] += [
        {"from": ["again", "prompt"], "to": ["more", "subject"]},
        {"from": ["more", "prompt"], "to": ["again", "subject"]},
    ]
    assert one_repair(document, "graph.cycle").change["removed_links"] == [document["links"][-1]]


def test_what_a_misspelt_setting_said_is_kept() -> None:
    """Rule: renaming a setting keeps its value."""
    document = sound()
    value = node(document, "prompt")["settings"].pop("template")
    node(document, "prompt")["settings"]["templat"] = value
    mended = apply_delta(document, one_repair(document, "graph.bad_settings").change)
    assert node(mended, "prompt")["settings"]["template"] == value


def test_all_repairs_together_mend_a_graph() -> None:
    """Rule: mending all applies one after the other, never makes it worse, and says how many helped."""
    document = sound()
    document["links"].append({"from": ["prompt", "gone"], "to": ["metadata", "nothing"]})
    node(document, "generator")["settings"]["count"] = 9_999
    node(document, "prompt")["type"] = "prompt_bilder"
    doc = parse(document)
    mended, count = repair_all(doc, CATALOGUE, lambda each: check(each, CATALOGUE))
    assert count >= 3
    assert check(mended, CATALOGUE) == check(parse(sound()), CATALOGUE)
    assert repair_all(parse(sound()), CATALOGUE, lambda each: check(each, CATALOGUE))[1] == 0
