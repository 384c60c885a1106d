"""Paid calls that nobody answered: a person says what became of them."""

from functools import partial
from typing import Any

from nicegui import ui

from app.engine.resolve import Outcome
from app.store import calls
from app.store.calls import CallRow, Filter
from app.ui.lang.heard import heard
from app.ui.lang.say import said, t
from app.ui.parts.base import anchor, box, button, row, text
from app.ui.parts.show import When, card, dialog, status
from app.ui.visitor import Visitor
from app.ui.words import Look, plural_credits
from graphs.pricing import MICRO

_SHOWN = 20
_UNKNOWN = Look("o_help_outline", "Decision needed", "warn")
_CHOICES: tuple[tuple[Outcome, str, str], ...] = (
    ("charged_failed", said("It was charged"), said("The money counts as spent and the step fails.")),
    (
        "not_charged_retry",
        said("Not charged, send again"),
        said("Nothing is counted and the call is made once more."),
    ),
    ("give_up", said("Give up"), said("Nothing is counted and the step fails.")),
)


async def show(visitor: Visitor, draw: Any) -> None:
    """The calls of unknown outcome, where there are any."""
    if not visitor.may("calls.read"):
        return
    found = await visitor.read(calls.list_page, visitor.org_id, Filter(state="unknown"), limit=_SHOWN)
    if not found.items:
        return
    with card(t("Calls of unknown outcome"), flush=True) as top:
        with top:
            status(_UNKNOWN)
        for each in found.items:
            _line(visitor, each, draw)
        with box("sk-line"):
            more = " " + t("Older ones follow when these are decided.") if found.next_cursor else ""
            text(
                t(
                    "The request left and no answer came. Look the call up at the service by time and "
                    "price, then decide: it is never sent again by itself."
                )
                + more,
                "sk-hint",
            )


def _line(visitor: Visitor, call: CallRow, draw: Any) -> None:
    with box("sk-line"):
        with box("sk-stack sk-stack--tight sk-grow"):
            with row():
                text(f"{call.provider} · {call.model}", "sk-strong sk-cut")
                text(plural_credits(call.reserved / MICRO), "sk-tag")
            with row("sk-small sk-muted sk-row--wrap"):
                anchor(f"…{call.run_id[-10:]}", f"/runs/{call.run_id}", "sk-link sk-mono")
                text(call.node_id)
                When(call.created_at)
            if call.note:
                text(heard(call.note), "sk-small sk-muted")
        if visitor.may("calls.resolve"):
            button(t("Decide"), partial(_decide, visitor, call, draw), small=True)


async def _decide(visitor: Visitor, call: CallRow, draw: Any) -> None:
    with dialog(t("What became of this call?"), size="narrow") as (window, foot):
        with box("sk-stack"):
            for outcome, label, words in _CHOICES:
                with box("sk-stack sk-stack--tight"):
                    button(t(label), partial(_take, visitor, call, outcome, window, draw))
                    text(t(words), "sk-hint")
        with foot:
            button(t("Not now"), window.close, kind="ghost")
    window.open()


async def _take(visitor: Visitor, call: CallRow, outcome: Outcome, window: Any, draw: Any) -> None:
    identity = await visitor.require("calls.resolve")
    window.close()
    done = await visitor.house.system.engine.resolve_call(identity.acting(), call.id, outcome)
    ui.notify(t("Decided; the step goes on.") if done else t("Somebody decided this already."))
    await draw()
