"""Paid calls that nobody answered: a person says what became of them."""

from functools import partial
from typing import Any

from nicegui import ui

from app.engine.resolve import Outcome
from app.store import calls
from app.store.calls import CallRow, Filter
from app.ui.parts.base import anchor, box, button, row, text
from app.ui.parts.show import When, card, dialog, status
from app.ui.visitor import Visitor
from app.ui.words import Look
from graphs.pricing import MICRO

_SHOWN = 20
_UNKNOWN = Look("o_help_outline", "Decision needed", "warn")
_CHOICES: tuple[tuple[Outcome, str, str], ...] = (
    ("charged_failed", "It was charged", "The money counts as spent and the step fails."),
    ("not_charged_retry", "Not charged, send again", "Nothing is counted and the call is made once more."),
    ("give_up", "Give up", "Nothing is counted and the step fails."),
)


async def show(visitor: Visitor, draw: Any) -> None:
    """The calls of unknown outcome, where there are any."""
    if not visitor.may("calls.read"):
        return
    found = await visitor.read(calls.list_page, visitor.org_id, Filter(state="unknown"), limit=_SHOWN)
    if not found.items:
        return
    with card("Calls of unknown outcome", flush=True) as top:
        with top:
            status(_UNKNOWN)
        for each in found.items:
            _line(visitor, each, draw)
        with box("sk-line"):
            more = " Older ones follow when these are decided." if found.next_cursor else ""
            text(
                "The request left and no answer came. Look the call up at the service by time and price, "
                f"then decide: it is never sent again by itself.{more}",
                "sk-hint",
            )


def _line(visitor: Visitor, call: CallRow, draw: Any) -> None:
    with box("sk-line"):
        with box("sk-stack sk-stack--tight sk-grow"):
            with row():
                text(f"{call.provider} · {call.model}", "sk-strong sk-cut")
                text(f"{call.reserved / MICRO:g} credits", "sk-tag")
            with row("sk-small sk-muted sk-row--wrap"):
                anchor(f"…{call.run_id[-10:]}", f"/runs/{call.run_id}", "sk-link sk-mono")
                text(call.node_id)
                When(call.created_at)
            if call.note:
                text(call.note, "sk-small sk-muted")
        if visitor.may("calls.resolve"):
            button("Decide", partial(_decide, visitor, call, draw), small=True)


async def _decide(visitor: Visitor, call: CallRow, draw: Any) -> None:
    with dialog("What became of this call?", size="narrow") as (window, foot):
        with box("sk-stack"):
            for outcome, label, words in _CHOICES:
                with box("sk-stack sk-stack--tight"):
                    button(label, partial(_take, visitor, call, outcome, window, draw))
                    text(words, "sk-hint")
        with foot:
            button("Not now", window.close, kind="ghost")
    window.open()


async def _take(visitor: Visitor, call: CallRow, outcome: Outcome, window: Any, draw: Any) -> None:
    identity = await visitor.require("calls.resolve")
    window.close()
    done = await visitor.house.system.engine.resolve_call(identity.acting(), call.id, outcome)
    ui.notify("Decided; the step goes on." if done else "Somebody decided this already.")
    await draw()
