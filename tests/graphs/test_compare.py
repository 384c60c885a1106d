"""What people are shown of two documents."""

from typing import Any

from graphs.compare import both, differences, value_changes
from graphs.document import parse, to_json
from graphs.parts import ABSENT

Json = dict[str, Any]


def node(name: str, **settings: Any) -> Json:
    return {"id": name, "type": "t", "settings": settings, "position": [0, 0]}


def document(*nodes: Json, links: tuple[Json, ...] = (), **more: Any) -> Json:
    return to_json(parse({"format": "sakuga.graph/1", "nodes": list(nodes), "links": list(links), **more}))


def link(source: str, target: str) -> Json:
    return {"from": [source, "out"], "to": [target, "in"]}


OLD = document(node("a", x=1), node("b"), node("c"), links=(link("a", "b"), link("b", "c")))
NEW = document(
    {**node("a", x=2), "position": [9, 9]},
    {**node("c"), "position": [50, 50]},
    node("d"),
    links=(link("a", "c"), link("c", "d")),
    name="N",
)


def test_every_change_is_listed_once() -> None:
    """Rule: nodes, links between nodes that stay, settings and names; never where something lies."""
    found = [(each.mark, each.what, each.id, each.path) for each in differences(OLD, NEW)]
    assert found == [
        ("changed", "node", "a", ("x",)),
        ("added", "node", "d", ()),
        ("removed", "node", "b", ()),
        ("added", "link", "a.out → c.in", ()),
        ("changed", "document", "", ("@name",)),
    ]
    assert differences(NEW, NEW) == []


def test_the_drawing_of_both_keeps_what_went_as_ghosts() -> None:
    """Rule: removed nodes stay where they were, every changed part is marked, and the rest is not."""
    drawn, marks = both(OLD, NEW)
    assert {each["id"] for each in drawn["nodes"]} == {"a", "b", "c", "d"}
    assert marks["nodes"] == {"a": "changed", "b": "removed", "d": "added"}
    assert {(each["from"][0], each["to"][0], each["mark"]) for each in marks["links"]} == {
        ("a", "c", "added"),
        ("c", "d", "added"),
        ("a", "b", "removed"),
        ("b", "c", "removed"),
    }
    assert len(drawn["links"]) == 2


def test_lists_of_named_things_are_compared_by_name() -> None:
    """Rule: a field declared anew above another one is one addition, not a change of all."""
    before = [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]
    after = [{"name": "new"}, {"name": "a", "type": "integer"}, {"name": "b", "type": "string"}]
    assert list(value_changes(before, after, ("fields",))) == [
        (("fields", "a", "type"), "string", "integer"),
        (("fields", "new"), ABSENT, {"name": "new"}),
    ]
    assert list(value_changes([1], [2], ("p",))) == [(("p",), [1], [2])]
