"""A list of changes for people: added, removed, changed; settings before and after, texts by word."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import groupby
from typing import Any

from app.ui.editor.said import Names, value_text
from app.ui.lang.say import said, t
from app.ui.parts.base import Tag, attrs, box, icon, text
from graphs.compare import Difference, Mark, What
from graphs.parts import ABSENT
from graphs.words import word_diff

_WORDS: dict[tuple[What, Mark], str] = {
    ("node", "added"): said("Node added"),
    ("node", "removed"): said("Node removed"),
    ("node", "changed"): said("Node changed"),
    ("link", "added"): said("Link added"),
    ("link", "removed"): said("Link removed"),
    ("group", "added"): said("Group added"),
    ("group", "removed"): said("Group removed"),
    ("group", "changed"): said("Group changed"),
    ("note", "added"): said("Note added"),
    ("note", "removed"): said("Note removed"),
    ("note", "changed"): said("Note changed"),
    ("document", "changed"): said("Workflow changed"),
}
_SIGNS: dict[Mark, str] = {
    "added": "add_circle_outline",
    "removed": "remove_circle_outline",
    "changed": "o_edit",
}
# from this length on a text is compared word by word
_SHORT = 32
_MOST = 300
Go = Callable[[tuple[str, ...]], Any]


def change_list(found: Iterable[Difference], names: Names, go: Go | None) -> None:
    """Draw every change; a click on one that is about a node leads there."""
    ordered = list(found)[:_MOST]
    for (what, mark, name), members in groupby(ordered, lambda each: (each.what, each.mark, each.id)):
        several = list(members)
        with box("sk-change", "section", data_mark=mark):
            _head(what, mark, name, several[0], names, go)
            if mark == "changed":
                for each in several:
                    _value(each, names)


def _head(what: What, mark: Mark, name: str, first: Difference, names: Names, go: Go | None) -> None:  # noqa: PLR0917
    leads = go is not None and bool(first.nodes)
    head = box("sk-change__head", "button" if leads else "div")
    with head:
        icon(_SIGNS[mark])
        with box("sk-stack sk-stack--none sk-grow", "span"):
            text(_name(what, name, first, names), "sk-strong sk-cut")
            text(t(_WORDS[what, mark]), "sk-small sk-muted")
    if leads and go is not None:
        attrs(head, type="button")
        head.on("click", partial(go, first.nodes))


def _name(what: What, name: str, first: Difference, names: Names) -> str:
    if what == "node":
        return names.node(name)
    if what == "link":
        return names.link(name)
    part = first.after if first.after is not ABSENT else first.before
    said_by_itself = part.get("title") or part.get("text") if isinstance(part, dict) else None
    return str(said_by_itself or name or t("Workflow"))[:80]


def _value(change: Difference, names: Names) -> None:
    before, after = value_text(change.before), value_text(change.after)
    with box("sk-change__value"):
        text(names.path(change.id, change.path), "sk-small sk-muted")
        texts = isinstance(change.before, str) and isinstance(change.after, str)
        if texts and (len(before) > _SHORT or len(after) > _SHORT or "\n" in before + after):
            words(before, after)
        else:
            with box("sk-change__pair"):
                Tag("del", before)
                icon("arrow_forward")
                Tag("ins", after)


def words(before: str, after: str) -> None:
    """Two texts in one: what went is struck through, what came is underlined."""
    with box("sk-words"):
        for piece in word_diff(before, after):
            Tag({"same": "span", "removed": "del", "added": "ins"}[piece.kind], piece.text)
