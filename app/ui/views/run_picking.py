"""Choosing two runs of a list to compare them: the first click says which, the second one goes there."""

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from app.store.runs import RunRow
from app.ui.lang.say import t
from app.ui.parts.show import Table
from app.ui.rows import RUN_COLUMNS, Row, run_row
from app.ui.visitor import Visitor

_COLUMN = {"name": "compare", "label": "Compare", "kind": "action", "quiet": True, "wide": True}


class RunTable:
    """The table of runs with a button in each row that has something to compare."""

    def __init__(self, visitor: Visitor, runs: Sequence[RunRow]) -> None:
        self._visitor = visitor
        self._runs = runs
        self._first = ""
        columns: list[Mapping[str, Any]] = [*RUN_COLUMNS, {**_COLUMN, "label": t("Compare")}]
        # the buttons of a desk show on the row that is pointed at, until one is chosen
        self._table = Table(columns, self._rows()).classes("sk-table--quiet")
        self._table.on("act", lambda event: self._pick(str(event.args["key"])))

    def show(self, runs: Sequence[RunRow]) -> None:
        """Show other rows, or the same as they are now."""
        self._runs = runs
        self._table.set_rows(self._rows())

    def _rows(self) -> list[Row]:
        return [{**run_row(run, self._visitor.house.thumb), "compare": self._said(run)} for run in self._runs]

    def _said(self, run: RunRow) -> str:
        if run.is_open or not run.version_id:
            return ""
        if not self._first:
            return t("Compare")
        return t("Let go") if run.id == self._first else t("With this one")

    def _pick(self, run_id: str) -> None:
        if self._first and self._first != run_id:
            # ids sort by time: the earlier run is A
            a, b = sorted((self._first, run_id))
            ui.navigate.to(f"/compare?a={a}&b={b}")
            return
        self._first = "" if self._first == run_id else run_id
        self._table.classes(**{"remove" if self._first else "add": "sk-table--quiet"})
        self._table.set_rows(self._rows())
