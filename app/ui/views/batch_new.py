"""A new table: paste it or drop a file, map its columns, see every wrong cell, run."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from nicegui import ui
from nicegui.element import Element

from app.store import batches as rows
from app.store.batches import BatchRow
from app.ui.forms.fields import select, select_input, switch, text_input
from app.ui.lang.heard import heard
from app.ui.lang.say import n, number, t
from app.ui.parts.base import Tag, attrs, box, button, link_button, text
from app.ui.parts.show import banner, card, empty
from app.ui.rows import load_object
from app.ui.shell import frame, head
from app.ui.visitor import Visitor
from app.ui.words import title
from app.workflows.batches import Upload
from app.workflows.errors import WorkflowError
from app.workflows.flat import fillable
from app.workflows.published import Published
from app.workflows.rowcheck import EXTERNAL_ID, CellProblem, Judged, judge
from app.workflows.sheet import MAX_BYTES, SheetError, read
from graphs.errors import GraphError

# constant script: the upload field's button has no words; what the field is called names it
_NAME_THE_BUTTON = """for (const one of document.querySelectorAll('.q-uploader')) {
  const name = one.querySelector('.q-uploader__title')?.textContent;
  for (const button of one.querySelectorAll('[role=button], button')) button.setAttribute('aria-label', name);
}"""
_SHOWN = 20
_TOLD = 12
_LEFT_OUT = "leave out"


async def show(visitor: Visitor, query: Mapping[str, str]) -> None:
    """Build the page; the address may name the workflow."""
    await visitor.require("runs.trigger")
    found = await visitor.call(visitor.house.system.workflows.list, visitor.org_id)
    published = {each.slug: each.name or each.slug for each in found if each.published}
    with frame(visitor, "rows", t("New table")):
        with head(t("New table"), t("The first line names the columns."), back=(t("Rows"), "/rows")):
            pass
        if not published:
            told = t("Rows run the published version of a workflow. Publish one first.")
            with card(), empty("o_table_rows", t("Nothing to run yet"), told):
                link_button(t("Open the workflows"), "/workflows", kind="primary")
            return
        await NewRows(visitor, published, query.get("workflow", ""), _go_there).build()


async def _go_there(row: BatchRow) -> None:
    ui.navigate.to(f"/rows/{row.id}")


class NewRows:
    """Paste or drop rows, map their columns, see what is wrong, run.

    Args:
        visitor: Who does it.
        workflows: What may be chosen, name by slug; with one there is nothing to choose.
        slug: The one to begin with.
        done: Gets the stored file.
        contract: What the rows run; default: the published version.
    """

    def __init__(
        self,
        visitor: Visitor,
        workflows: dict[str, str],
        slug: str,
        done: Callable[[BatchRow], Awaitable[None]],
        contract: Callable[[], Awaitable[Published]] | None = None,
    ) -> None:
        self._visitor, self._workflows = visitor, workflows
        self._slug = slug if slug in workflows else next(iter(workflows))
        self._done, self._contract = done, contract
        self._raw, self._name = b"", ""
        self._mapping: dict[str, str | None] = {}
        self._checked: tuple[Published, Judged] | None = None
        self._skip = False
        self._callback = ""

    async def build(self, raw: bytes = b"", name: str = "") -> None:
        """Draw the inputs; with rows, show at once what they would become."""
        with card(t("Table")):
            with box("sk-cols"):
                if len(self._workflows) > 1:
                    select_input(t("Workflow"), self._workflows, self._slug, self._choose)
                upload = ui.upload(
                    label=t("Drop a CSV file here"),
                    auto_upload=True,
                    max_file_size=MAX_BYTES,
                    on_upload=self._file,
                    on_rejected=lambda: ui.notify(t("A file may have at most 10 MiB.")),
                )
                upload.props("accept=.csv,.tsv,.txt,text/csv flat bordered").classes("sk-upload")
                ui.timer(0.1, lambda: ui.run_javascript(_NAME_THE_BUTTON), once=True)
            area = ui.textarea(placeholder=t("Or paste rows from a spreadsheet"), on_change=self._pasted)
            area.classes("sk-input sk-mono").props("outlined dense rows=5 debounce=400")
            attrs(area, aria_label=t("Rows"))
        self._place = box("sk-stack")
        if raw:
            await self._take(raw, name)

    async def _choose(self, slug: str) -> None:
        self._slug, self._mapping = slug, {}
        await self._check()

    async def _file(self, event: Any) -> None:
        await self._take(await event.file.read(), event.file.name)

    async def _pasted(self, event: Any) -> None:
        await self._take(str(event.value or "").encode(), t("Pasted rows"))

    async def _take(self, raw: bytes, name: str) -> None:
        self._raw, self._name = raw, name
        self._mapping = await self._remembered()
        await self._check()

    async def _remembered(self) -> dict[str, str | None]:
        """How the columns of this name were mapped last time."""
        visitor = self._visitor
        try:
            columns = read(self._raw).columns
            workflow = await visitor.call(visitor.house.system.workflows.get, visitor.org_id, self._slug)
        except (SheetError, WorkflowError):
            return {}
        last = load_object(await visitor.read(rows.last_mapping, workflow.id))
        return {column: str(last[column]) for column in columns if column in last}

    def _upload(self) -> Upload:
        return Upload(
            self._raw, self._name, self._mapping, self._callback.strip() or None, skip_invalid=self._skip
        )

    async def _check(self) -> None:
        """Judge the table anew and show it."""
        self._checked = None
        self._place.clear()
        if not self._raw.strip():
            return
        service, visitor = self._visitor.house.system.batches, self._visitor
        try:
            if self._contract is None:
                self._checked = await visitor.call(service.check, visitor.org_id, self._slug, self._upload())
            else:
                published = await self._contract()
                judged = await visitor.call(judge, published.trigger, read(self._raw), self._mapping)
                self._checked = published, judged
        except (SheetError, WorkflowError, GraphError) as error:
            with self._place:
                banner("bad", "error_outline", t("This table cannot be used"), heard(error))
            return
        with self._place:
            self._draw(*self._checked)

    def _draw(self, published: Published, judged: Judged) -> None:
        wrong = {(each.row, each.column): each for each in judged.problems}
        names = [each.name for each in fillable(published.trigger.fields)]
        count = len(judged.sheet.rows)
        columns = n("{count} column", "{count} columns", len(judged.sheet.columns))
        with card(f"{n('{count} row', '{count} rows', count)} · {columns}", flush=True):
            with box("sk-scroll"), box("sk-table sk-sheet", "table"):
                self._columns(judged, names)
                with box(tag="tbody"):
                    for row in judged.sheet.rows[:_SHOWN]:
                        with box(tag="tr"):
                            Tag("td", str(row.number), "sk-num sk-muted")
                            for place, column in enumerate(judged.sheet.columns):
                                value = row.cells[place] if place < len(row.cells) else ""
                                _cell(value, wrong.get((row.number, column)))
            if count > _SHOWN:
                text(t("and {number} more", number=number(count - _SHOWN)), "sk-small sk-muted sk-pad")
        self._problems(judged)
        self._go(judged)

    def _columns(self, judged: Judged, names: list[str]) -> None:
        options = {
            _LEFT_OUT: t("– leave out –"),
            **{name: title(name) for name in names},
            EXTERNAL_ID: t("External id"),
        }
        with box(tag="thead"), box(tag="tr"):
            attrs(Tag("th", t("Row")), scope="col")
            for column in judged.sheet.columns:
                with attrs(box(tag="th"), scope="col"):
                    text(column, "sk-cut")
                    chosen = judged.mapping.get(column, self._mapping.get(column) or _LEFT_OUT)
                    made = select(options, chosen, partial(self._map, column))
                    attrs(made, aria_label=t("Column {column} fills", column=column))

    async def _map(self, column: str, name: str) -> None:
        self._mapping[column] = None if name == _LEFT_OUT else name
        await self._check()

    def _problems(self, judged: Judged) -> None:
        if not judged.problems:
            return
        count = len(judged.problems)
        with (
            card(n("{count} problem to mend", "{count} problems to mend", count)),
            box("sk-stack sk-stack--tight"),
        ):
            for each in judged.problems[:_TOLD]:
                where = t("Row {number}:", number=each.row) + " " if each.row else ""
                hint = " " + t("Did you mean {name}?", name=each.did_you_mean) if each.did_you_mean else ""
                told = heard(each.detail)
                text(f"{where}{told.rstrip('.')}.{hint}", "sk-wrap")
            if count > _TOLD:
                text(t("and {number} more", number=number(count - _TOLD)), "sk-muted")

    def _go(self, judged: Judged) -> None:
        good, wrong = len(judged.rows), len(judged.sheet.rows) - len(judged.rows)
        with card():
            text_input(
                t("Callback URL"),
                self._callback,
                lambda value: setattr(self, "_callback", str(value or "")),
                help_text=t("Empty: no callback."),
            )
            if good and wrong:
                with box("sk-row sk-row--between"):
                    text(
                        n("Leave {count} wrong row out", "Leave {count} wrong rows out", wrong),
                        "sk-field__label",
                    )
                    switch(t("Leave wrong rows out"), self._skip, self._skipping)
            with box("sk-row sk-row--end"):
                label = n("Run {count} row", "Run {count} rows", good)
                made = button(label, self._send, kind="primary", icon="play_arrow")
                made.set_enabled(bool(good) and (not judged.problems or self._skip))

    async def _skipping(self, value: bool) -> None:
        self._skip = bool(value)
        await self._check()

    async def _send(self) -> None:
        who = await self._visitor.require("runs.trigger")
        if self._checked is None:
            return
        service = self._visitor.house.system.batches
        try:
            row = await self._visitor.call(service.accept, who, self._slug, self._upload(), self._checked)
        except WorkflowError as error:
            ui.notify(heard(error))
            return
        await self._done(row)


def _cell(value: str, problem: CellProblem | None) -> Element:
    made = Tag("td", value or "–", "" if value else "sk-faint")
    if problem is not None:
        attrs(made.classes("sk-cellbad"), title=heard(problem.detail))
    return made
