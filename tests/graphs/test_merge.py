"""Two edits of one document brought together: nothing lost, nothing invented, always readable."""

import copy
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from graphs.delta import apply_delta, delta, take_mine
from graphs.document import parse, to_json
from graphs.merge import Merged, merge
from graphs.parts import ABSENT, SOFT, differing, head_of, keyed, links_of, same

Json = dict[str, Any]


def node(name: str, **settings: Any) -> Json:
    return {"id": name, "type": "t", "settings": settings, "position": [0, 0]}


def link(source: str, target: str, socket: str = "in") -> Json:
    return {"from": [source, "out"], "to": [target, socket]}


def document(*nodes: Json, links: tuple[Json, ...] = (), **more: Any) -> Json:
    return to_json(parse({"format": "sakuga.graph/1", "nodes": list(nodes), "links": list(links), **more}))


BASE = document(
    node("a", x=1, y="text"),
    node("b", x=1),
    node("c"),
    links=(link("a", "b"), link("b", "c")),
    notes=[{"id": "n", "text": "hello", "position": [0, 0], "size": [1, 1]}],
    groups=[{"id": "g", "title": "G", "position": [0, 0], "size": [1, 1]}],
    name="Draft",
)


def edited(base: Json, random_: random.Random, only: tuple[str, ...] = ("a", "b", "c")) -> Json:  # noqa: C901 - one case per edit
    """A few edits as a person makes them."""
    doc: Json = copy.deepcopy(base)
    for _ in range(random_.randint(1, 5)):
        here = [each for each in doc["nodes"] if each["id"] in only or each["id"].startswith("new")]
        chosen = random_.choice(here) if here else None
        match random_.randint(0, 9):
            case 0 if chosen:
                chosen["settings"][random_.choice("xyz")] = random_.choice([1, 2, True, "雪", None, [1]])
            case 1 if chosen:
                chosen["settings"].pop("x", None)
            case 2 if chosen:
                chosen["title"] = random_.choice(["", "One", "Two"])
            case 3 if chosen:
                chosen["position"] = [random_.randint(0, 9), 5]
            case 4 if chosen:
                doc["nodes"].remove(chosen)
                name = chosen["id"]
                doc["links"] = [each for each in doc["links"] if name not in {each["from"][0], each["to"][0]}]
            case 5:
                name = f"new_{random_.randint(1, 3)}"
                if all(each["id"] != name for each in doc["nodes"]):
                    doc["nodes"].append(node(name, x=random_.randint(0, 2)))
            case 6 if len(here) > 1:
                source, target = random_.sample(here, 2)
                doc["links"] = [each for each in doc["links"] if each["to"] != [target["id"], "in"]]
                doc["links"].append(link(source["id"], target["id"]))
            case 7 if doc["links"]:
                doc["links"].remove(random_.choice(doc["links"]))
            case 8:
                doc["notes"] = [{**each, "text": random_.choice(["x", "y"])} for each in doc["notes"]]
            case _:
                doc["name"] = random_.choice(["Draft", "Other", "Third"])
    return doc


def alike(one: Json, other: Json) -> bool:
    parts = all(keyed(one[kind]) == keyed(other[kind]) for kind in ("nodes", "groups", "notes"))
    return parts and set(links_of(one)) == set(links_of(other)) and same(head_of(one), head_of(other))


def lost(base: Json, mine: Json, merged: Merged) -> list[str]:
    """What one side changed that is neither in the result nor in a conflict."""
    found = []
    kept = {(each.id, each.field) for each in merged.conflicts}
    before, own, now = keyed(base["nodes"]), keyed(mine["nodes"]), keyed(merged.document["nodes"])
    contents = list(now.values())
    for name, fields in own.items():
        if name not in before:
            alone = {key: value for key, value in fields.items() if key != "id"}
            if not any(
                all(same(each.get(key, ABSENT), value) for key, value in alone.items() if key not in SOFT)
                for each in contents
            ):
                found.append(f"new node {name}")
            continue
        for field in differing(before[name], fields):
            stands = name in now and same(now[name].get(field, ABSENT), fields.get(field, ABSENT))
            if not stands and (name, field) not in kept and (name, "") not in kept and field not in SOFT:
                found.append(f"{name}.{field}")
    found.extend(name for name in before if name not in own and name in now and (name, "") not in kept)
    return found


seeds = st.integers(min_value=0, max_value=2**32)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_no_edit_is_lost_and_the_result_can_be_read(seed: int) -> None:
    """Rule: each edit is in the document or kept as a conflict; what was stored first stands."""
    chance = random.Random(seed)
    mine, theirs = edited(BASE, chance), edited(BASE, chance)
    merged = merge(BASE, mine, theirs)
    parse(merged.document)
    assert lost(BASE, mine, merged) == []
    now = keyed(merged.document["nodes"])
    for name, fields in keyed(theirs["nodes"]).items():
        if name in keyed(BASE["nodes"]):
            changed = set(differing(keyed(BASE["nodes"])[name], fields)) - SOFT
            assert all(same(now[name].get(each, ABSENT), fields.get(each, ABSENT)) for each in changed)
    for ends in links_of(merged.document):
        assert {ends[0], ends[2]} <= {each["id"] for each in merged.document["nodes"]}
    inputs = [each[2:] for each in links_of(merged.document)]
    assert len(inputs) == len(set(inputs))


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_edits_of_different_nodes_commute(seed: int) -> None:
    """Rule: who saves first does not matter where two people work on different nodes."""
    chance = random.Random(seed)
    mine = copy.deepcopy(BASE)
    mine["nodes"][0] = {**mine["nodes"][0], "settings": {"x": chance.randint(2, 9)}, "title": "Mine"}
    theirs = copy.deepcopy(BASE)
    theirs["nodes"] = [*theirs["nodes"][:1], *theirs["nodes"][2:], node("extra", z=chance.randint(0, 3))]
    theirs["links"] = [link("a", "c")]
    one, other = merge(BASE, mine, theirs), merge(BASE, theirs, mine)
    assert not one.conflicts
    assert not other.conflicts
    assert alike(one.document, other.document)


@settings(max_examples=150, deadline=None)
@given(seeds)
def test_a_delta_leads_from_one_document_to_the_other(seed: int) -> None:
    """Rule: what is sent to another tab makes its document the merged one."""
    chance = random.Random(seed)
    before, after = edited(BASE, chance), edited(BASE, chance)
    assert alike(apply_delta(before, delta(before, after)), after)
    assert delta(after, after) == {}


@settings(max_examples=100, deadline=None)
@given(seeds)
def test_choosing_mine_brings_every_kept_edit_back(seed: int) -> None:
    """Rule: after mine is chosen for all, the document holds what this side wanted, and can be read."""
    chance = random.Random(seed)
    mine, theirs = edited(BASE, chance), edited(BASE, chance)
    merged = merge(BASE, mine, theirs)
    now = merged.document
    for conflict in merged.conflicts:
        now = take_mine(now, conflict)
        parse(now)
    own, chosen = keyed(mine["nodes"]), keyed(now["nodes"])
    for conflict in merged.conflicts:
        if conflict.kind == "node" and conflict.field and conflict.id in chosen:
            assert same(
                chosen[conflict.id].get(conflict.field, ABSENT), own[conflict.id].get(conflict.field, ABSENT)
            )
        if conflict.kind == "node" and not conflict.field:
            assert (conflict.id in chosen) == (conflict.id in own)


def test_different_settings_of_one_node_both_stand() -> None:
    """Rule: two people may turn two knobs of one node at once."""
    mine = document(node("a", x=2, y="text"))
    theirs = document(node("a", x=1, y="other"))
    merged = merge(document(node("a", x=1, y="text")), mine, theirs)
    assert merged.document["nodes"][0]["settings"] == {"x": 2, "y": "other"}
    assert merged.conflicts == ()


def test_the_same_setting_twice_is_a_conflict_that_keeps_both() -> None:
    """Rule: what was stored first stands; the other edit is handed back."""
    merged = merge(document(node("a", x=1)), document(node("a", x=2)), document(node("a", x=3), name="N"))
    assert merged.document["nodes"][0]["settings"] == {"x": 3}
    [conflict] = merged.conflicts
    assert (conflict.id, conflict.field, conflict.mine, conflict.theirs) == ("a", "settings.x", 2, 3)
    assert take_mine(merged.document, conflict)["nodes"][0]["settings"] == {"x": 2}


def test_two_new_nodes_with_one_id_both_live() -> None:
    """Rule: the second of them gets an id of its own, and its links follow."""
    base = document(node("a"))
    mine = document(node("a"), node("gen", x=1), links=(link("a", "gen"),))
    theirs = document(node("a"), node("gen", x=2), links=(link("a", "gen"),))
    merged = merge(base, mine, theirs)
    assert [each["id"] for each in merged.document["nodes"]] == ["a", "gen", "gen_2"]
    assert set(links_of(merged.document)) == {("a", "out", "gen", "in"), ("a", "out", "gen_2", "in")}
    assert merged.conflicts == ()


def test_a_removed_node_that_the_other_changed_stays() -> None:
    """Rule: deleting wins over nothing; over an edit it is a question, either way round."""
    base = document(node("a", x=1), node("b"), links=(link("a", "b"),))
    removed, changed = document(node("b")), document(node("a", x=2), node("b"), links=(link("a", "b"),))
    stays = merge(base, removed, changed)
    assert {each["id"] for each in stays.document["nodes"]} == {"a", "b"}
    assert links_of(stays.document) == {("a", "out", "b", "in"): None}
    assert take_mine(stays.document, stays.conflicts[0])["links"] == []
    goes = merge(base, changed, removed)
    assert {each["id"] for each in goes.document["nodes"]} == {"b"}
    again = take_mine(goes.document, goes.conflicts[0])
    assert {each["id"] for each in again["nodes"]} == {"a", "b"}
    assert links_of(again) == {("a", "out", "b", "in"): None}


def test_what_would_be_too_large_together_stays_apart() -> None:
    """Rule: two documents that together pass a limit are not joined; mine is kept whole."""
    base = document(node("a"))
    mine = {**base, "nodes": [node(f"m{i}") for i in range(3_000)]}
    theirs = {**base, "nodes": [node(f"t{i}") for i in range(3_000)]}
    merged = merge(base, mine, theirs)
    assert same(merged.document, theirs)
    assert take_mine(merged.document, merged.conflicts[0]) == mine


def test_the_points_of_a_link_are_joined_without_a_question() -> None:
    """Rule: who moved the line of a link keeps it, whatever else others changed; collapsing never asks."""
    link = {"from": ["a", "x"], "to": ["b", "y"]}
    nodes = [{"id": each, "type": "t", "settings": {}, "position": [0, 0]} for each in ("a", "b")]
    base = {"format": "sakuga.graph/1", "nodes": nodes, "links": [link], "groups": [], "notes": []}
    led = {**base, "links": [{**link, "via": [[1, 2]]}]}
    named = {**base, "nodes": [{**nodes[0], "title": "T", "collapsed": True}, nodes[1]]}
    also = {**named, "nodes": [{**nodes[0], "title": "T", "pinned": True}, nodes[1]]}
    for mine, theirs in ((led, named), (named, led)):
        joined = merge(base, mine, theirs)
        assert not joined.conflicts
        assert joined.document["links"] == led["links"]
        assert joined.document["nodes"][0]["collapsed"] is True
    assert not merge(base, named, also).conflicts
    change = delta(base, led)
    assert change["links"] == led["links"]
    assert apply_delta(base, change)["links"] == led["links"]
    assert apply_delta(led, delta(led, base))["links"] == base["links"]
