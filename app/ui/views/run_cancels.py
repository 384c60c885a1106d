"""Ending the open runs of a list at once, after they were counted."""

from dataclasses import replace

from nicegui import ui

from app import clock
from app.store import runs as run_rows
from app.store.runs import OPEN_STATUSES, RunFilter
from app.ui.filters import RunQuery
from app.ui.parts.base import button, text
from app.ui.parts.show import dialog
from app.ui.visitor import Visitor
from app.ui.words import plural

_MOST = 1_000


async def cancel_dialog(visitor: Visitor, wanted: RunQuery) -> None:
    """Say how many open runs the list's filters match, and end them when that is confirmed."""
    found = _open(wanted)
    count = await visitor.read(run_rows.count, visitor.scope, found)
    if not count:
        ui.notify("No open run matches these filters.")
        return
    with dialog(f"Cancel {plural(min(count, _MOST), 'open run')}?", size="narrow") as (window, foot):
        words = "They end now, their callers are told, and what they have begun is thrown away."
        more = f" {count:,} match; the oldest {_MOST:,} are ended first." if count > _MOST else ""
        text(words + more, "sk-muted", tag="p")
        with foot:
            button("Keep them", window.close, kind="ghost")

            async def go() -> None:
                who = await visitor.require("runs.cancel")
                window.close()
                rows = await visitor.read(run_rows.oldest, who.scope, _open(wanted), _MOST)
                engine = visitor.house.system.engine
                ended = await engine.cancel_all(who.org_id, [row.id for row in rows], who.actor)
                ui.notify(f"{plural(len(ended), 'run')} cancelled.")

            button("Cancel them", go, kind="danger")
    window.open()


def _open(wanted: RunQuery) -> RunFilter:
    """The list's filters, narrowed to runs that are still open."""
    asked = wanted.wanted(clock.now())
    statuses = tuple(each for each in asked.status or OPEN_STATUSES if each in OPEN_STATUSES)
    return replace(asked, status=statuses or OPEN_STATUSES)
