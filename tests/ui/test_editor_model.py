"""The document being edited: what a change does to it."""

import asyncio
import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.editor.model import PatchError, apply_patch, blank, node_of, same_graph, set_settings
from app.ui.editor.sessions import EditorSession, EditorSessions
from app.ui.editor.sketch import shape, sketch

IDS = st.sampled_from("abcdef")
NODES = st.builds(
    lambda name, kind, x: {"id": name, "type": kind, "settings": {}, "position": [x, 0]},
    IDS,
    st.sampled_from(["one", "two"]),
    st.integers(0, 9),
)
LINKS = st.builds(lambda a, b, s: {"from": [a, "out"], "to": [b, s]}, IDS, IDS, st.sampled_from(["in", "on"]))


def _unique(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({node["id"]: node for node in nodes}.values())


PATCHES = st.fixed_dictionaries(
    {},
    optional={
        "nodes": st.lists(NODES, max_size=4).map(_unique),
        "links": st.lists(LINKS, max_size=4),
        "removed_nodes": st.lists(IDS, max_size=2),
        "removed_links": st.lists(LINKS, max_size=2),
    },
)


def document(*names: str) -> dict[str, Any]:
    nodes = [{"id": name, "type": "one", "settings": {}, "position": [0, 0]} for name in names]
    return {**blank("Test"), "nodes": nodes}


@given(st.lists(PATCHES, max_size=6))
def test_no_patch_leaves_a_loose_end_or_changes_what_was(patches: list[dict[str, Any]]) -> None:
    """Ids and links stay unique, removed nodes take their links along, earlier documents stay."""
    current = document("a", "b", "c")
    for patch in patches:
        before, kept = current, copy.deepcopy(current)
        current = apply_patch(current, patch)
        assert before == kept
        names = [node["id"] for node in current["nodes"]]
        assert len(names) == len(set(names))
        ends = [(*link["from"], *link["to"]) for link in current["links"]]
        assert len(ends) == len(set(ends))
        assert not set(patch.get("removed_nodes", ())) & {end for link in ends for end in (link[0], link[2])}


@given(PATCHES)
def test_a_patch_applied_twice_is_applied_once(patch: dict[str, Any]) -> None:
    """A change that arrives again does no harm; only the order of links may differ."""
    once = apply_patch(document("a", "b"), patch)
    again = apply_patch(once, patch)
    assert again["nodes"] == once["nodes"]
    assert same_graph(again, once)


def test_order_of_nodes_is_kept() -> None:
    """A changed node stays in its place, a new one comes last."""
    patch = {"nodes": [{"id": "new", "type": "two"}, {"id": "a", "type": "one", "title": "A"}]}
    changed = apply_patch(document("a", "b"), patch)
    assert [node["id"] for node in changed["nodes"]] == ["a", "b", "new"]
    assert changed["nodes"][0]["title"] == "A"


def test_groups_and_notes_are_whole_lists() -> None:
    """They are replaced when they are there, and left alone when not."""
    marked = apply_patch(document("a"), {"notes": [{"id": "n1", "text": "hi"}]})
    assert apply_patch(marked, {"groups": []})["notes"] == [{"id": "n1", "text": "hi"}]


@pytest.mark.parametrize(
    ("patch", "field"),
    [
        ({"nodes": "all"}, "nodes"),
        ({"nodes": [{"type": "x"}]}, "nodes"),
        ({"links": [{"from": ["a"], "to": ["b", "in"]}]}, "links"),
        ({"removed_nodes": [1]}, "removed_nodes"),
        ({"removed_links": [None]}, "removed_links"),
        ({"notes": {}}, "notes"),
        ({"groups": ["x"]}, "groups"),
        ("nothing", "patch"),
    ],
)
def test_a_message_that_is_no_change_is_refused_by_name(patch: Any, field: str) -> None:
    """The browser is never trusted: the part at fault is named."""
    with pytest.raises(PatchError) as caught:
        apply_patch(document("a"), patch)
    assert caught.value.field == field


def test_settings_of_one_node() -> None:
    """Only the named node changes; a title is changed only when given."""
    changed = set_settings(document("a", "b"), "b", {"x": 1}, "Second")
    assert (node_of(changed, "a") or {})["settings"] == {}
    assert (node_of(changed, "b") or {})["title"] == "Second"
    assert not same_graph(changed, document("a", "b"))
    assert same_graph(document("a"), {**document("a"), "name": "Other"})


class Heard:
    """What an editor session told."""

    def __init__(self) -> None:
        self.changes = 0
        self.gaps = 0

    async def changed(self, _: EditorSession) -> None:
        self.changes += 1

    def gap(self) -> None:
        self.gaps += 1


async def _session(*patches: dict[str, Any]) -> tuple[EditorSession, Heard]:
    heard = Heard()
    session = EditorSession(document("a"), heard.changed, heard.gap)
    for patch in patches:
        await session.receive(patch)
    return session, heard


def _run(*patches: dict[str, Any]) -> tuple[EditorSession, Heard]:
    return asyncio.run(_session(*patches))


def test_a_missing_change_asks_for_everything() -> None:
    """After a gap nothing is applied until the whole document came."""
    whole = {"nodes": [{"id": "z", "type": "one"}], "links": [], "groups": [], "notes": [], "name": "old"}
    session, heard = _run({"rev": 1}, {"rev": 3, "removed_nodes": ["a"]}, {"rev": 4, "document": whole})
    assert (heard.gaps, heard.changes, session.rev) == (1, 2, 4)
    assert [node["id"] for node in session.document["nodes"]] == ["z"]
    assert session.document["name"] == "Test"


def test_an_editor_belongs_to_the_browser_that_opened_it() -> None:
    """Another session does not find it, even with its id."""
    session, _ = _run()
    sessions = EditorSessions()

    async def store() -> None:
        """Nothing is kept back."""

    sessions.add(session, "mine", "wf_1", store)
    assert sessions.find(session.id, "mine") is session
    assert sessions.find(session.id, "another's") is None
    sessions.remove(session.id, "wf_1")
    assert sessions.find(session.id, "mine") is None


def test_a_miniature_holds_every_node_and_link_once() -> None:
    """Parallel links are one line; the view box lies around all boxes."""
    graph = document("a", "b")
    graph["nodes"][1]["position"] = [500, 100]
    graph["links"] = [{"from": ["a", "x"], "to": ["b", "y"]}, {"from": ["a", "z"], "to": ["b", "w"]}]
    drawn = sketch(graph)
    assert drawn is not None
    assert (len(drawn.boxes), len(drawn.lines), drawn.view) == (2, 1, "-60 -60 860 350")
    assert sketch(blank("")) is None


def test_a_line_back_to_the_left_passes_between_the_boxes() -> None:
    """It leaves on the right, crosses in the gap between the rows, and arrives from the left."""
    graph = document("a", "b")
    graph["nodes"][0]["position"], graph["nodes"][1]["position"] = [600, 0], [0, 400]
    graph["links"] = [{"from": ["a", "x"], "to": ["b", "y"]}]
    drawn = sketch(graph)
    assert drawn is not None
    assert drawn.lines == ("M840 65h20V265H-20V465h20",)


def test_the_shape_of_a_graph_follows_its_places() -> None:
    """A row is wide, a column tall; an empty graph has a usual one."""
    row, column = document("a", "b"), document("a", "b")
    row["nodes"][1]["position"], column["nodes"][1]["position"] = [2000, 0], [0, 2000]
    assert shape(row) > 3
    assert shape(column) < 0.5
    assert shape(blank("") | {"nodes": []}) == 1.6
