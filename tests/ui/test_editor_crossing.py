"""Changes of a tab and changes of others that cross on their way: both sides end with the same document."""

import asyncio
import copy
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.ui.editor.model import apply_patch
from app.ui.editor.sessions import EditorSession
from graphs.delta import apply_delta
from graphs.parts import keyed, links_of, same

Json = dict[str, Any]
BASE: Json = {
    "format": "sakuga.graph/1",
    "name": "",
    "description": "",
    "nodes": [
        {"id": name, "type": "t", "title": "", "settings": {"x": 0, "y": 0}, "position": [0, 0]}
        for name in "abc"
    ],
    "links": [],
    "groups": [],
    "notes": [],
}


class Tab:
    """A canvas as the browser keeps it: patches up, changes of others down, both late."""

    def __init__(self) -> None:
        self.document = copy.deepcopy(BASE)
        self.up: list[Json] = []
        self.down: list[tuple[int, Json]] = []
        self.seen = self.rev = 0
        self.session = EditorSession(copy.deepcopy(BASE), self._changed, lambda: None)
        self.session.on_remote = lambda number, change: self.down.append((number, change))
        self.lost: list[Any] = []
        self.session.on_conflict = self.lost.extend

    async def _changed(self, _: EditorSession) -> None:
        return None

    def gesture(self, chance: random.Random) -> None:
        patch = turned(self.document, chance)
        self.document = apply_patch(self.document, patch)
        self.rev += 1
        self.up.append({**patch, "rev": self.rev, "seen": self.seen})

    async def sent(self) -> None:
        await self.session.receive(self.up.pop(0))

    def heard(self) -> None:
        self.seen, change = self.down.pop(0)
        self.document = apply_delta(self.document, change)


def turned(document: Json, chance: random.Random) -> Json:
    """One gesture as a patch: a setting, a place, a new node, a deletion."""
    nodes = document["nodes"]
    node = copy.deepcopy(chance.choice(nodes)) if nodes else None
    what = chance.randint(0, 5)
    if node is None or what == 0:
        fresh = {"id": f"new_{chance.randint(1, 2)}", "type": "t", "title": "", "position": [1, 1]}
        if all(each["id"] != fresh["id"] for each in nodes):
            return {"nodes": [{**fresh, "settings": {"x": chance.randint(0, 3)}}]}
        return {}
    if what == 1 and len(nodes) > 2:
        return {"removed_nodes": [node["id"]]}
    if what == 2:
        node["position"] = [chance.randint(0, 5), 0]
    else:
        node["settings"][chance.choice("xy")] = chance.randint(0, 5)
    return {"nodes": [node]}


async def _story(seed: int) -> Tab:
    chance, tab = random.Random(seed), Tab()
    for _ in range(30):
        match chance.randint(0, 3):
            case 0:
                tab.gesture(chance)
            case 1:
                others = tab.session.document
                tab.session.enter(apply_patch(others, turned(others, chance)))
            case 2 if tab.up:
                await tab.sent()
            case 3 if tab.down:
                tab.heard()
    while tab.up or tab.down:
        if tab.up:
            await tab.sent()
        else:
            tab.heard()
    return tab


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_both_sides_end_alike(seed: int) -> None:
    """Rule: whatever crosses, canvas and server hold the same document once everything has arrived."""
    tab = asyncio.run(_story(seed))
    here, there = keyed(tab.document["nodes"]), keyed(tab.session.document["nodes"])
    assert here.keys() == there.keys()
    assert all(same(here[name], there[name]) for name in here)
    assert links_of(tab.document) == links_of(tab.session.document)


def test_an_edit_that_crossed_another_one_is_kept_aside() -> None:
    """Rule: of one setting changed on both sides the stored one stands, and the tab's own is handed back."""

    async def story() -> Tab:
        tab = Tab()
        node = copy.deepcopy(tab.document["nodes"][0])
        others = apply_patch(tab.session.document, {"nodes": [{**node, "settings": {"x": 5, "y": 0}}]})
        tab.session.enter(others)
        mine = {"nodes": [{**node, "settings": {"x": 7, "y": 1}}], "rev": 1, "seen": 0}
        tab.document = apply_patch(tab.document, mine)
        await tab.session.receive(mine)
        while tab.down:
            tab.heard()
        return tab

    tab = asyncio.run(story())
    assert tab.session.document["nodes"][0]["settings"] == {"x": 5, "y": 1}
    assert tab.document["nodes"][0]["settings"] == {"x": 5, "y": 1}
    assert [(each.field, each.mine, each.theirs) for each in tab.lost] == [("settings.x", 7, 5)]
