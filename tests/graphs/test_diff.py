"""What breaks callers, and what editors changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.diff import contract_changes, graph_diff
from graphs.document import parse
from graphs.trigger import TriggerContract, TriggerInvalid


def changes(old: dict, new: dict) -> list[tuple[str, bool]]:
    base = {"name": "f", "type": "string"}
    found = contract_changes(TriggerContract([base | old]), TriggerContract([base | new]))
    return [(change.kind, change.breaking) for change in found]


@pytest.mark.parametrize(
    ("old", "new", "kind", "breaking"),
    [
        ({"type": "string"}, {"type": "integer"}, "type", True),
        ({"type": "integer"}, {"type": "number"}, "type", False),
        ({"type": "number"}, {"type": "integer"}, "type", True),
        ({}, {"required": True}, "required", True),
        ({"required": True}, {}, "required", False),
        ({}, {"enum": ["a"]}, "enum", True),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}, "enum", True),
        ({"enum": ["a"]}, {"enum": ["a", "b"]}, "enum", False),
        ({"enum": ["a"]}, {}, "enum", False),
        ({"max_length": 9}, {"max_length": 5}, "bounds", True),
        ({"max_length": 5}, {"max_length": 9}, "bounds", False),
        ({"max_length": 5}, {}, "bounds", False),
        ({}, {"min_length": 1}, "bounds", True),
        ({"type": "integer", "minimum": 1}, {"type": "integer", "minimum": 2}, "bounds", True),
        ({"type": "integer", "maximum": 1}, {"type": "integer", "maximum": 2}, "bounds", False),
        ({}, {"pattern": "^a"}, "pattern", True),
        ({"pattern": "^a"}, {}, "pattern", False),
        ({}, {"source": "a.b"}, "source", True),
        ({}, {"default": "x"}, "default", False),
    ],
)
def test_each_kind_of_change(old: dict, new: dict, kind: str, breaking: bool) -> None:
    """What refuses a request that was accepted before is breaking; the rest is not (S56)."""
    assert changes(old, new) == [(kind, breaking)]


def test_fields_come_and_go() -> None:
    """A removed or a new required field breaks callers, a new optional one does not."""
    old = TriggerContract([{"name": "gone", "type": "string"}])
    new = TriggerContract(
        [
            {"name": "must", "type": "string", "required": True},
            {"name": "may", "type": "string"},
            {"name": "filled", "type": "string", "required": True, "default": "x"},
        ]
    )
    found = {change.field: (change.kind, change.breaking) for change in contract_changes(old, new)}
    assert found == {
        "gone": ("removed", True),
        "must": ("added", True),
        "may": ("added", False),
        "filled": ("added", False),
    }


def test_a_narrower_and_a_wider_list_are_two_changes() -> None:
    """Swapping an allowed value names both the loss and the gain."""
    assert changes({"enum": ["a", "b"]}, {"enum": ["b", "c"]}) == [("enum", True), ("enum", False)]


def test_equal_contracts_have_no_changes() -> None:
    """A name spelled out as source is the same place; a description is no rule."""
    assert changes({}, {"source": "f", "description": "New words."}) == []


bounds = st.fixed_dictionaries(
    {},
    optional={
        "required": st.booleans(),
        "minimum": st.integers(-5, 0),
        "maximum": st.integers(1, 5),
        "enum": st.lists(st.integers(0, 1), min_size=1, unique=True),
    },
)


@given(old=bounds, new=bounds, value=st.none() | st.integers(-7, 7))
def test_without_a_breaking_change_nothing_accepted_is_refused(
    old: dict, new: dict, value: int | None
) -> None:
    """The promise behind the word: a request that passed still passes."""
    base = {"name": "f", "type": "integer"}
    before, after = TriggerContract([base | old]), TriggerContract([base | new])
    if any(change.breaking for change in contract_changes(before, after)):
        return
    body = {} if value is None else {"f": value}
    try:
        before.read(body)
    except TriggerInvalid:
        return
    after.read(body)


def test_graph_diff_ignores_moves(product: dict) -> None:
    """Dragging a node is no difference."""
    moved = {**product, "nodes": [{**node, "position": [5, 5]} for node in product["nodes"]]}
    assert graph_diff(parse(product), parse(moved)).empty


def test_graph_diff_names_nodes_settings_and_links(product: dict) -> None:
    """Each change stands with its node, before and after."""
    old = parse(product)
    nodes = [node for node in product["nodes"] if node["id"] != "breaker"]
    nodes = [{**node, "settings": {"size": 128}} if node["id"] == "draw" else node for node in nodes]
    links = [link for link in product["links"] if link["to"][0] != "breaker"]
    diff = graph_diff(
        old, parse({**product, "nodes": [*nodes, {"id": "new", "type": "cheap"}], "links": links})
    )
    assert (diff.added, diff.removed) == (("new",), ("breaker",))
    assert diff.changed[0].node_id == "draw"
    assert diff.changed[0].fields == (("settings.size", None, 128),)
    assert diff.links_removed == (("limit.trigger", "breaker.trigger"),)
    assert not diff.links_added
    assert not diff.empty
