"""The results of a table of rows: live cells, filters, pages, and what people decide about each."""

from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui
from sqlalchemy import Connection

from app.store import batches as rows
from app.store import verdicts
from app.store.batches import BatchRow, LineRow
from app.store.runs import OPEN
from app.ui.lang.heard import heard
from app.ui.lang.say import said, t
from app.ui.live import Changed
from app.ui.parts.base import attrs, box, button, link_button, text
from app.ui.parts.gallery import gallery
from app.ui.parts.grid import Grid
from app.ui.parts.show import cell, dialog, empty
from app.ui.payload import PayloadForm
from app.ui.rows import load_object
from app.ui.visitor import Visitor
from app.ui.words import RUN, Look, look
from app.workflows.errors import WorkflowError
from app.workflows.flat import fillable, values_in
from app.workflows.verdicts import MAX_NOTE, Verdicts
from graphs.trigger import TriggerInvalid

PAGE = 60
_PENDING = Look("o_more_horiz", said("To come"))
_FILTERS = {
    "": said("All"),
    "open": said("To judge"),
    "approved": said("Approved"),
    "rejected": said("Rejected"),
    "failed": said("Failed"),
}


class RowsGrid:
    """One page of cells of a table; `changed` is called after each decision."""

    def __init__(
        self, visitor: Visitor, row: BatchRow, changed: Callable[[], Awaitable[None]] | None = None
    ) -> None:
        self._visitor, self._row = visitor, row
        self._verdicts = Verdicts(visitor.house.db)
        self._wanted, self._after = "", 0
        self._before: list[int] = []
        self._lines: dict[str, LineRow] = {}
        self._more = 0
        self._told: object = None
        self._changed = changed
        self._client = ui.context.client

    async def build(self) -> None:
        """Draw filters, cells and pages."""
        self._bar = box("sk-row sk-row--wrap", role="group", aria_label=t("Which rows"))
        self._place = box()
        self._pages = box("sk-pager", "nav", aria_label=t("Pages"))
        visitor = self._visitor
        acts = ["approve", "reject"] if visitor.may("rows.judge") else []
        acts += ["again", "edit"] if visitor.may("runs.rerun") else []
        with self._place:
            self._grid = Grid([], acts, self._act)
            self._none = box()
        await self.update(None)

    async def update(self, _: Changed) -> None:
        """Show how the rows stand now."""
        lines, counts = await self._visitor.read(self._read)
        shown = lines[:PAGE]
        self._lines = {str(each.number): each for each in shown}
        self._grid.set_cells([self._cell(each) for each in shown])
        more = shown[-1].number if len(lines) > PAGE else 0
        now = (counts, more, self._wanted, self._after, bool(shown))
        if now != self._told:
            self._told, self._more = now, more
            self._draw(counts, bool(shown))

    def _read(self, connection: Connection) -> tuple[tuple[LineRow, ...], dict[str, int]]:
        wanted = self._wanted
        status = (wanted,) if wanted == "failed" else ()
        verdict = wanted if wanted in {"open", *verdicts.VERDICTS} else ""
        batch_id = self._row.id
        found = rows.lines(
            connection, batch_id, after=self._after, limit=PAGE + 1, status=status, verdict=verdict
        )
        standing = rows.counts(connection, batch_id)
        return found, {**verdicts.counts(connection, batch_id), "failed": standing.get("failed", 0)}

    def _draw(self, counts: dict[str, int], any_: bool) -> None:
        self._bar.clear()
        with self._bar:
            for name, label in _FILTERS.items():
                number = self._row.rows if not name else counts.get(name, 0)
                made = box(
                    "sk-filter", "button", type="button", aria_pressed=str(name == self._wanted).lower()
                )
                with made:
                    text(f"{t(label)} {number:,}")
                made.on("click", lambda name=name: self._filter(name))
            text(t("Arrows move · A approves · R rejects · G makes again"), "sk-small sk-faint sk-only-desk")
        self._none.clear()
        if not any_:
            with self._none, empty("o_filter_alt", t("No such rows"), t("Choose another filter.")):
                pass
        self._pages.clear()
        with self._pages:
            if self._before:
                button(t("Earlier rows"), self._back, icon="chevron_left")
            if self._more:
                button(t("Later rows"), self._on, icon="chevron_right")

    async def _filter(self, name: str) -> None:
        self._wanted, self._after, self._before = name, 0, []
        await self.update(None)

    async def _on(self) -> None:
        self._before.append(self._after)
        self._after = self._more
        await self.update(None)

    async def _back(self) -> None:
        self._after = self._before.pop()
        await self.update(None)

    def _cell(self, line: LineRow) -> dict[str, Any]:
        fields = " · ".join(str(value) for value in load_object(line.payload).values())[:160] or "–"
        shown = cell(look(RUN, line.status) if line.status else look({"": _PENDING}, ""))
        error = load_object(line.error).get("error_description") or line.error_code or ""
        verdict = {"approved": t("Approved"), "rejected": t("Rejected")}.get(line.verdict or "", "")
        note = f": {line.verdict_note}" if line.verdict_note else ""
        spoken = [t("Row {number}", number=line.number), shown["text"], verdict + note, fields]
        return {
            "key": str(line.number),
            "number": line.number,
            "thumb": self._visitor.house.thumb(line.thumb),
            "status": shown,
            "fields": fields,
            "problem": heard(error)[:160] if error else "",
            "verdict": line.verdict,
            "verdictText": verdict + note,
            "ended": line.status is not None and line.status not in OPEN,
            "said": ", ".join(part for part in spoken if part),
        }

    async def _act(self, key: str, name: str) -> None:
        line = self._lines.get(key)
        if line is None:
            return
        match name:
            case "approve" | "clear":
                same = line.verdict == "approved" or name == "clear"
                await self._judge(line, None if same else "approved", "")
            case "reject":
                self._ask_why(line)
            case "again":
                await self._again(line, {})
            case "edit":
                await self._ask_fields(line)
            case "open":
                await self._open(line)

    async def _judge(self, line: LineRow, verdict: str | None, note: str) -> None:
        who = await self._visitor.require("rows.judge")
        await self._do(self._verdicts.judge, who, self._row.id, line.number, verdict, note)

    async def _again(self, line: LineRow, fields: dict[str, Any]) -> bool:
        who = await self._visitor.require("runs.rerun")
        done = await self._do(self._verdicts.again, who, self._row.id, line.number, fields)
        if done:
            self._tell(t("Row {number} is made again.", number=line.number))
        return done

    async def _do(self, work: Callable[..., Any], *given: Any) -> bool:
        try:
            await self._visitor.call(work, *given)
        except (WorkflowError, TriggerInvalid) as error:
            self._tell(heard(error))
            return False
        await self.update(None)
        if self._changed is not None:
            await self._changed()
        return True

    def _tell(self, words: str) -> None:
        """Say something in the page itself: what was clicked may be drawn anew by then."""
        with self._client:
            ui.notify(words)

    def _ask_why(self, line: LineRow) -> None:
        with dialog(t("Reject row {number}", number=line.number), size="narrow") as (window, foot):
            why = ui.input(placeholder=t("Too dark")).props(f"outlined dense autofocus maxlength={MAX_NOTE}")
            attrs(why.classes("sk-input"), aria_label=t("Why, if you like"))
            with foot:
                button(t("Cancel"), window.close, kind="ghost")

                async def go() -> None:
                    window.close()
                    await self._judge(line, "rejected", str(why.value or "").strip())

                button(t("Reject"), go, kind="danger")
        window.open()

    async def _ask_fields(self, line: LineRow) -> None:
        try:
            published = await self._visitor.call(self._verdicts.contract, self._row)
        except WorkflowError as error:
            self._tell(heard(error))
            return
        fields = fillable(published.trigger.fields)
        before = load_object(line.payload)
        with dialog(t("Make row {number} again", number=line.number)) as (window, foot):
            form = PayloadForm(fields, before)
            told = t("A new run has a new seed, unless the graph or a field sets it.")
            text(told, "sk-hint", tag="p")
            with foot:
                button(t("Cancel"), window.close, kind="ghost")

                async def go() -> None:
                    now = values_in(fields, form.body)
                    gone = {name: None for name in before if name not in now}
                    if await self._again(line, {**now, **gone}):
                        window.close()

                button(t("Make again"), go, kind="primary", icon="refresh")
        window.open()

    async def _open(self, line: LineRow) -> None:
        found = await self._visitor.read(rows.results, [line.run_id]) if line.run_id else {}
        outputs = load_object(found.get(line.run_id or "")).get("outputs") or []
        with dialog(t("Row {number}", number=line.number), size="wide") as (window, foot):
            if outputs:
                gallery(self._visitor.house, outputs[:3])
            text(self._cell(line)["fields"], "sk-wrap", tag="p")
            with foot:
                if line.run_id:
                    link_button(t("Open run"), f"/runs/{line.run_id}", kind="ghost")
                    link_button(t("Compare"), f"/compare?b={line.run_id}", kind="ghost")
                if line.run_id and line.status not in OPEN and self._visitor.may("rows.judge"):
                    for name, label in (("reject", t("Reject")), ("approve", t("Approve"))):
                        kind = "primary" if name == "approve" else "plain"

                        async def go(name: str = name) -> None:
                            window.close()
                            await self._act(str(line.number), name)

                        button(label, go, kind=kind)  # type: ignore[arg-type]
        window.open()
