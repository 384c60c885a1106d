"""What of an earlier run a draft would make anew, and what nobody needs."""

import pytest

import nodes
from graphs.catalogue import discover
from graphs.document import parse
from graphs.stale import Before, Reason, spare, stale

CATALOGUE = discover(nodes)
DONE = dict.fromkeys(("input", "limit", "style", "prompt", "paint"), "succeeded")


def document(template="{{subject}}", *, limit=10, links=(), more=(), **paint):
    def node(name, kind, **settings):
        return {"id": name, "type": kind, "title": name, "settings": settings}

    fields = [{"name": each, "type": "string"} for each in ("subject", "mood")]
    given = [
        node("input", "webhook_input", fields=fields),
        node("limit", "rate_limiter", limit=limit, window_seconds=60),
        node("style", "style_preset"),
        node("prompt", "prompt_builder", template=template),
        node("paint", "generator", **paint),
        *more,
    ]
    ends = [
        ("input.trigger", "limit.trigger"),
        ("input.subject", "prompt.subject"),
        ("prompt.prompt", "paint.prompt"),
        *(links or (("style.style", "prompt.style"),)),
    ]
    pairs = [{"from": a.split("."), "to": b.split(".")} for a, b in ends]
    return parse({"format": "sakuga.graph/1", "nodes": given, "links": pairs})


def judged(now, **before):
    return stale(Before(document(), **{"states": DONE, **before}), now, CATALOGUE)


def test_nothing_changed_means_nothing_is_stale():
    """A default that is written out, another limit and another title change no result."""
    assert judged(document()) == {}
    assert judged(document(limit=99, count=1)) == {}


@pytest.mark.parametrize(
    ("now", "own"),
    [
        (document(width=512, seed=3), {"paint": Reason("settings", ("seed", "width"))}),
        (
            document("Blue {{subject}}"),
            {"prompt": Reason("settings", ("template",)), "paint": Reason("upstream", ("prompt",))},
        ),
        (
            document(links=[("style.style", "paint.style")]),
            {"prompt": Reason("links", ("style",)), "paint": Reason("links", ("style",))},
        ),
    ],
)
def test_a_change_is_named_and_reaches_what_builds_on_it(now, own):
    """The node says what changed in it; those after it name the nearest node that did."""
    assert judged(now) == own


def test_fields_of_the_payload_touch_those_that_are_fed_by_them():
    """A field that nobody is linked to makes nothing stale."""
    assert judged(document(), fields={"mood"}) == {"limit": Reason("inputs", ("mood",))} or not judged(
        document(), fields={"mood"}
    )
    found = judged(document(), fields={"subject"})
    assert found["prompt"] == Reason("inputs", ("subject",))
    assert found["paint"] == Reason("upstream", ("prompt",))


def test_what_never_ran_failed_or_was_pinned_otherwise_says_so():
    """New nodes, failed steps and exchanged pins each have a reason of their own."""
    assert judged(document(), states={**DONE, "paint": "failed"}) == {"paint": Reason("failed")}
    fresh = {"id": "second", "type": "generator", "title": "", "settings": {}}
    assert judged(document(more=[fresh]))["second"] == Reason("never")
    found = stale(Before(document(), DONE, swapped={"prompt"}), document(), CATALOGUE, {"prompt"})
    assert found == {"paint": Reason("upstream", ("prompt",))}
    assert judged(document(), swapped={"prompt"})["prompt"] == Reason("pin")
    told = judged(document(), outside={"paint": "the service was changed"})
    assert told == {"paint": Reason("outside", ("the service was changed",))}


def test_a_pinned_node_holds_whatever_changed_before_it():
    """Staleness stops at a pin."""
    now = document("Blue {{subject}}")
    assert set(stale(Before(document(), DONE), now, CATALOGUE, {"paint"})) == {"prompt"}


def test_what_only_feeds_pinned_results_is_spare():
    """A node with another way to the end is needed all the same."""
    links = {"a": [], "b": ["a"], "c": ["b"], "d": ["c"], "e": ["a"]}
    assert spare(links, ["d", "e"], {"c"}) == {"b"}
    assert spare(links, ["d"], {"c"}) == {"a", "b", "e"}
    assert spare(links, ["d", "e"], set()) == frozenset()
