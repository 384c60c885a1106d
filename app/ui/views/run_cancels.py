"""Ending the open runs of a list at once, after they were counted."""

from dataclasses import replace

from nicegui import ui

from app import clock
from app.store import runs as run_rows
from app.store.runs import OPEN_STATUSES, RunFilter
from app.ui.filters import RunQuery
from app.ui.lang.say import n, number, t
from app.ui.parts.base import button, text
from app.ui.parts.show import dialog
from app.ui.visitor import Visitor

_MOST = 1_000


async def cancel_dialog(visitor: Visitor, wanted: RunQuery) -> None:
    """Say how many open runs the list's filters match, and end them when that is confirmed."""
    found = _open(wanted)
    count = await visitor.read(run_rows.count, visitor.scope, found)
    if not count:
        ui.notify(t("No open run matches these filters."))
        return
    with dialog(
        n("Cancel {count} open run?", "Cancel {count} open runs?", min(count, _MOST)), size="narrow"
    ) as (window, foot):
        words = t("They end now, their callers are told, and what they have begun is thrown away.")
        more = (
            " "
            + t(
                "{number} match; the oldest {most} are ended first.", number=number(count), most=number(_MOST)
            )
            if count > _MOST
            else ""
        )
        text(words + more, "sk-muted", tag="p")
        with foot:
            button(t("Keep them"), window.close, kind="ghost")

            async def go() -> None:
                who = await visitor.require("runs.cancel")
                window.close()
                rows = await visitor.read(run_rows.oldest, who.scope, _open(wanted), _MOST)
                engine = visitor.house.system.engine
                ended = await engine.cancel_all(who.org_id, [row.id for row in rows], who.actor)
                ui.notify(n("{count} run cancelled.", "{count} runs cancelled.", len(ended)))

            button(t("Cancel them"), go, kind="danger")
    window.open()


def _open(wanted: RunQuery) -> RunFilter:
    """The list's filters, narrowed to runs that are still open."""
    asked = wanted.wanted(clock.now())
    statuses = tuple(each for each in asked.status or OPEN_STATUSES if each in OPEN_STATUSES)
    return replace(asked, status=statuses or OPEN_STATUSES)
