"""Where a payload may come from: triggers that came earlier, and rows of a file."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from nicegui import ui
from sqlalchemy import Connection

from app.store import runs as run_rows
from app.store.rows import Page
from app.store.runs import RunFilter, RunRow, Scope
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.parts.base import attrs, box, button, text
from app.ui.parts.show import When, banner, status
from app.ui.rows import run_look, status_detail
from app.ui.visitor import Visitor
from app.ui.words import STARTED_BY
from app.workflows.flat import body_of, fillable
from app.workflows.rowcheck import judge
from app.workflows.sheet import MAX_BYTES, SheetError, read
from graphs.fields import FieldSpec
from graphs.trigger import TriggerContract

Use = Callable[[dict[str, Any], str], None]
_PAGE, _SHOWN = 12, 50


class PastTriggers:
    """Payloads of earlier runs, accepted and refused ones, newest first."""

    def __init__(self, visitor: Visitor, slug: str, use: Use) -> None:
        self._visitor = visitor
        self._slug = slug
        self._use = use
        self._wanted = ""

    async def draw(self) -> None:
        """Build the list."""
        with box("sk-source"):
            search = ui.input(placeholder=t("Search in what callers sent"), on_change=self._search)
            search.classes("sk-input").props("outlined dense clearable debounce=250")
            attrs(search, aria_label=t("Search past triggers"))
            self._list = box("sk-source__list", role="list")
        await self._more("")

    async def _search(self, event: Any) -> None:
        self._wanted = str(event.value or "").strip()
        self._list.clear()
        await self._more("")

    async def _more(self, cursor: str) -> None:
        visitor = self._visitor
        wanted = RunFilter(workflow=self._slug, parent="none", q=self._wanted or None)
        page, bodies = await visitor.read(_triggers, visitor.scope, wanted, cursor or None)
        with self._list:
            if not page.items and not cursor:
                text(t("Nobody has triggered this workflow like that yet."), "sk-hint")
            for run in page.items:
                self._line(run, bodies[run.id])
            if page.next_cursor:
                more = button(t("Older ones"), kind="ghost", small=True)
                more.on_click(partial(self._older, more, page.next_cursor))

    async def _older(self, more: Any, cursor: str) -> None:
        more.delete()
        await self._more(cursor)

    def _line(self, run: RunRow, raw: str) -> None:
        body = json.loads(raw)
        with box(role="listitem"):
            line = box("sk-past", "button", type="button", title=status_detail(run))
            with line:
                status(run_look(run), chip=False)
                text(" · ".join(str(each) for each in body.values()) or t("empty"), "sk-cut sk-grow")
                text(f"{run.caller} · {STARTED_BY.get(run.source, run.source)}", "sk-small sk-muted sk-cut")
                with box("sk-small sk-faint", "span"):
                    When(run.created_at)
        line.on("click", lambda: self._use(body, t("Filled in from a past trigger.")))


class FileRows:
    """Rows of a pasted or dropped file, each as the payload it would be."""

    def __init__(self, fields: tuple[FieldSpec, ...], use: Use) -> None:
        self._fields = fields
        self._contract = TriggerContract(fields)
        self._use = use

    async def draw(self) -> None:
        """Build the inputs."""
        with box("sk-source"):
            area = ui.textarea(placeholder=t("Paste rows with a head line"), on_change=self._pasted)
            area.classes("sk-input sk-mono").props("outlined dense rows=3 debounce=300")
            attrs(area, aria_label=t("Rows"))
            upload = ui.upload(
                label=t("Or drop a CSV file"), auto_upload=True, max_file_size=MAX_BYTES, on_upload=self._file
            )
            upload.props("accept=.csv,.tsv,.txt,text/csv flat bordered").classes("sk-upload")
            self._list = box("sk-source__list", role="list")

    def _pasted(self, event: Any) -> None:
        self._show(str(event.value or "").encode())

    async def _file(self, event: Any) -> None:
        self._show(await event.file.read())

    def _show(self, raw: bytes) -> None:
        self._list.clear()
        if not raw.strip():
            return
        with self._list:
            try:
                judged = judge(self._contract, read(raw), {})
            except SheetError as error:
                banner("bad", "error_outline", t("This table cannot be used"), heard(error))
                return
            wrong = {each.row: each.detail for each in reversed(judged.problems)}
            for detail in [each.detail for each in judged.problems if each.row is None]:
                text(detail[:1].upper() + detail[1:], "sk-field__error")
            good = {row.number: json.loads(row.payload) for row in judged.rows}
            for row in judged.sheet.rows[:_SHOWN]:
                self._line(row.number, " · ".join(row.cells), good.get(row.number), wrong.get(row.number, ""))
            rest = len(judged.sheet.rows) - _SHOWN
            if rest > 0:
                text(n("and {count} more row", "and {count} more rows", count=rest), "sk-small sk-muted")

    def _line(self, number: int, shown: str, values: dict[str, Any] | None, wrong: str) -> None:
        with box(role="listitem"):
            line = box("sk-past", "button", type="button", title=wrong)
            with line:
                text(str(number), "sk-num sk-muted")
                text(shown, "sk-cut sk-grow")
                if values is None:
                    text(wrong, "sk-small sk-field__error sk-cut")
        if values is None:
            attrs(line, disabled=True)
            return
        body = body_of(fillable(self._fields), values)
        line.on("click", lambda: self._use(body, t("Filled in from row {number}.", number=number)))


def _triggers(
    connection: Connection, scope: Scope, wanted: RunFilter, cursor: str | None
) -> tuple[Page[RunRow], dict[str, str]]:
    page = run_rows.list_page(connection, scope, wanted, cursor, _PAGE)
    found = {run.id: run_rows.payloads(connection, run.id) for run in page.items}
    return page, {run_id: each.trigger if each else "{}" for run_id, each in found.items()}
