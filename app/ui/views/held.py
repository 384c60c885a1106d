"""What an open breaker holds, content by content, and the decisions about it (S73)."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from nicegui import ui

from app.engine.held import Mode, Release
from app.store import held
from app.store.held import Group
from app.ui.lang.say import n, number, t
from app.ui.parts.base import Tag, attrs, box, button, text
from app.ui.parts.show import Code, When, dialog
from app.ui.visitor import Visitor

_SHOWN = 10
_PER_MINUTE = 10
_FIELDS = 4


async def open_held(visitor: Visitor, gate: str, title: str) -> None:
    """Show the groups of a gate in a dialog, with what can be decided about them."""
    groups = await visitor.read(held.groups, visitor.org_id, gate)
    with dialog(t("Held triggers of {title}", title=title)) as (window, foot):
        if not groups:
            text(t("Nothing is held any more."), "sk-muted")
        elif visitor.may("limits.resume"):
            with box("sk-row sk-row--wrap"):
                _decisions(visitor, gate, groups, window.close)
        for group in groups[:_SHOWN]:
            _group(visitor, gate, group, window.close)
        if len(groups) > _SHOWN:
            text(
                t("and {number} more", number=number(len(groups) - _SHOWN)),
                "sk-small sk-muted",
            )
        with foot:
            button(t("Close"), window.close, kind="ghost")
    window.open()


def _group(visitor: Visitor, gate: str, group: Group, close: Callable[[], Any]) -> None:
    with box("sk-stack sk-stack--tight sk-held"):
        with box("sk-row sk-row--between sk-row--wrap"):
            with box("sk-stack sk-stack--none"):
                text(n("{count} time the same", "{count} times the same", group.count), "sk-strong sk-num")
                with box("sk-row sk-row--wrap sk-small sk-muted"):
                    text(t("first"))
                    When(group.first_at)
                    text("·", "sk-faint")
                    text(t("last"))
                    When(group.last_at)
            if visitor.may("limits.resume"):
                ask = partial(_ask, visitor, gate, (group,), close)
                with box("sk-row"):
                    button(t("Release"), partial(ask, "all"), small=True)
                    button(t("Drop"), partial(ask, "drop"), kind="danger", small=True)
        _payload(group)


def _payload(group: Group) -> None:
    """The first fields as a small picture of the payload; all of it on demand."""
    payload = json.loads(group.sample)
    with box("sk-row sk-row--wrap sk-small"):
        for name, value in list(payload.items())[:_FIELDS]:
            with attrs(box("sk-tag"), title=str(value)[:500]):
                text(f"{name}: {str(value)[:40]}")
    with box(tag="details"):
        Tag("summary", t("Whole payload"), "sk-small sk-muted")
        Code(json.dumps(payload, indent=1, ensure_ascii=False)[:20_000])


def _decisions(visitor: Visitor, gate: str, groups: Sequence[Group], close: Callable[[], Any]) -> None:
    ask = partial(_ask, visitor, gate, groups, close)
    button(t("Release all"), partial(ask, "all"), kind="primary", small=True)
    trickle = t("Release {count} a minute", count=_PER_MINUTE)
    button(trickle, partial(ask, "trickle"), small=True)
    button(t("Release one of each, drop the rest"), partial(ask, "one_of_each"), small=True)
    button(t("Drop all"), partial(ask, "drop"), kind="danger", small=True)


async def _ask(
    visitor: Visitor, gate: str, groups: Sequence[Group], close: Callable[[], Any], mode: Mode
) -> None:
    count = sum(group.count for group in groups)
    words = {
        "all": n(
            "{count} run starts, each in its turn at the limiter.",
            "{count} runs start, each in its turn at the limiter.",
            count,
        ),
        "trickle": n(
            "{count} run starts, {rate} a minute at most.",
            "{count} runs start, {rate} a minute at most.",
            count,
            rate=_PER_MINUTE,
        ),
        "one_of_each": n(
            "The first of {count} content starts; all others end as cancelled and their callers are told.",
            "The first of each of {count} contents starts; "
            "all others end as cancelled and their callers are told.",
            len(groups),
        ),
        "drop": n(
            "{count} run ends as cancelled and its caller is told.",
            "{count} runs end as cancelled and their callers are told.",
            count,
        ),
    }
    with dialog(t("Are you sure?"), size="narrow") as (window, foot):
        text(words[mode], "sk-muted", tag="p")
        with foot:
            button(t("Keep them held"), window.close, kind="ghost")

            async def go() -> None:
                window.close()
                close()
                await _decide(visitor, gate, groups, mode)

            risky = mode in {"drop", "one_of_each"}
            button(t("Drop") if risky else t("Release"), go, kind="danger" if risky else "primary")
    window.open()


async def _decide(visitor: Visitor, gate: str, groups: Sequence[Group], mode: Mode) -> None:
    identity = await visitor.require("limits.resume")
    # what arrived since these groups were shown stays held, for another look
    chosen = tuple(group.content for group in groups)
    asked = Release(gate, identity.org_id, identity.actor, mode, chosen, _PER_MINUTE)
    done = await visitor.house.system.engine.release_held(asked)
    if done is None:
        ui.notify(t("The breaker was closed already."))
        return
    ui.notify(
        t(
            "{released} released, {dropped} dropped, {left} still held.",
            released=number(len(done.released)),
            dropped=number(len(done.dropped)),
            left=number(done.left),
        )
    )
