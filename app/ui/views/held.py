"""What an open breaker holds, content by content, and the decisions about it (S73)."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from app.engine.held import Mode, Release
from app.store import held
from app.store.held import Group
from app.ui.parts.base import Tag, attrs, box, button, text
from app.ui.parts.show import Code, When, dialog
from app.ui.visitor import Visitor
from app.ui.words import plural

_SHOWN = 10
_PER_MINUTE = 10
_FIELDS = 4


async def open_held(visitor: Visitor, gate: str, title: str) -> None:
    """Show the groups of a gate in a dialog, with what can be decided about them."""
    groups = await visitor.read(held.groups, visitor.org_id, gate)
    with dialog(f"Held triggers of {title}") as (window, foot):
        if not groups:
            text("Nothing is held any more.", "sk-muted")
        elif visitor.may("limits.resume"):
            with box("sk-row sk-row--wrap"):
                _decisions(visitor, gate, groups, window.close)
        for group in groups[:_SHOWN]:
            _group(visitor, gate, group, window.close)
        if len(groups) > _SHOWN:
            text(f"and {plural(len(groups) - _SHOWN, 'more content')}", "sk-small sk-muted")
        with foot:
            button("Close", window.close, kind="ghost")
    window.open()


def _group(visitor: Visitor, gate: str, group: Group, close: Callable[[], Any]) -> None:
    with box("sk-stack sk-stack--tight sk-held"):
        with box("sk-row sk-row--between sk-row--wrap"):
            with box("sk-row sk-row--wrap"):
                text(plural(group.count, "time", "times"), "sk-strong sk-num")
                text("first", "sk-small sk-muted")
                When(group.first_at)
                text("last", "sk-small sk-muted")
                When(group.last_at)
            if visitor.may("limits.resume"):
                ask = partial(_ask, visitor, gate, (group,), close)
                with box("sk-row"):
                    button("Release", partial(ask, "all"), small=True)
                    button("Drop", partial(ask, "drop"), kind="danger", small=True)
        _payload(group)


def _payload(group: Group) -> None:
    """The first fields as a small picture of the payload; all of it on demand."""
    payload = json.loads(group.sample)
    with box("sk-row sk-row--wrap sk-small"):
        for name, value in list(payload.items())[:_FIELDS]:
            with attrs(box("sk-tag"), title=str(value)[:500]):
                text(f"{name}: {str(value)[:40]}")
    with box(tag="details"):
        Tag("summary", "Whole payload", "sk-small sk-muted")
        Code(json.dumps(payload, indent=1, ensure_ascii=False)[:20_000])


def _decisions(visitor: Visitor, gate: str, groups: Sequence[Group], close: Callable[[], Any]) -> None:
    ask = partial(_ask, visitor, gate, groups, close)
    button("Release all", partial(ask, "all"), kind="primary", small=True)
    button(f"{_PER_MINUTE} a minute", partial(ask, "trickle"), small=True)
    button("One of each", partial(ask, "one_of_each"), small=True)
    button("Drop all", partial(ask, "drop"), kind="danger", small=True)


async def _ask(
    visitor: Visitor, gate: str, groups: Sequence[Group], close: Callable[[], Any], mode: Mode
) -> None:
    count = sum(group.count for group in groups)
    words = {
        "all": f"{plural(count, 'run')} start, each in its turn at the limiter.",
        "trickle": f"{plural(count, 'run')} start, {_PER_MINUTE} a minute at most.",
        "one_of_each": f"The first of each of {plural(len(groups), 'content')} starts; all others end as "
        "cancelled and their callers are told.",
        "drop": f"{plural(count, 'run')} end as cancelled and their callers are told.",
    }
    with dialog("Are you sure?", size="narrow") as (window, foot):
        text(words[mode], "sk-muted", tag="p")
        with foot:
            button("Keep them held", window.close, kind="ghost")

            async def go() -> None:
                window.close()
                close()
                await _decide(visitor, gate, groups, mode)

            risky = mode in {"drop", "one_of_each"}
            button("Drop" if risky else "Release", go, kind="danger" if risky else "primary")
    window.open()


async def _decide(visitor: Visitor, gate: str, groups: Sequence[Group], mode: Mode) -> None:
    identity = await visitor.require("limits.resume")
    # what arrived since these groups were shown stays held, for another look
    chosen = tuple(group.content for group in groups)
    asked = Release(gate, identity.org_id, identity.actor, mode, chosen, _PER_MINUTE)
    done = await visitor.house.system.engine.release_held(asked)
    if done is None:
        ui.notify("The breaker was closed already.")
        return
    ui.notify(f"{len(done.released)} released, {len(done.dropped)} dropped, {done.left} still held.")
