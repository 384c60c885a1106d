"""A file against a contract: which column fills which field, and every cell that is wrong. Pure."""

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.workflows.flat import CellError, body_of, fillable, typed
from app.workflows.sheet import Sheet, SheetRow
from graphs.fields import FieldSpec
from graphs.trigger import TriggerContract, TriggerInvalid

Json = dict[str, Any]
EXTERNAL_ID = "external_id"
MAX_EXTERNAL_ID = 255
WRONG_TYPE, MISSING, INVALID = "trigger.wrong_type", "trigger.missing_field", "http.invalid_request"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One wrong cell, or with no row a wrong mapping; `code` is a full error code."""

    row: int | None
    line: int | None
    column: str | None
    field: str | None
    code: str
    detail: str
    allowed: tuple[Any, ...] | None = None
    did_you_mean: str | None = None


@dataclass(frozen=True, slots=True)
class GoodRow:
    """A row that passed: the values of its fields, as JSON text."""

    number: int
    payload: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file would become."""

    sheet: Sheet
    mapping: dict[str, str]
    rows: tuple[GoodRow, ...]
    problems: tuple[CellProblem, ...] = field(default=())

    @property
    def ignored(self) -> tuple[str, ...]:
        return tuple(column for column in self.sheet.columns if column not in self.mapping)


def judge(contract: TriggerContract, sheet: Sheet, given: Mapping[str, str | None]) -> Judged:
    """Check every row; a wrong mapping is told before any row is looked at."""
    fields = fillable(contract.fields)
    mapping, problems = mapped(sheet.columns, fields, given)
    if problems:
        return Judged(sheet, mapping, (), tuple(problems))
    checker = _Checker(contract, fields, sheet, mapping)
    return Judged(sheet, mapping, tuple(checker.good), tuple(checker.problems))


def mapped(
    columns: tuple[str, ...], fields: tuple[FieldSpec, ...], given: Mapping[str, str | None]
) -> tuple[dict[str, str], list[CellProblem]]:
    """Column → field: as `given`, and for columns it does not name, those that bear a field's name."""
    names = [each.name for each in fields] + [EXTERNAL_ID]
    problems = [_mapping_problem(column, name, columns, names) for column, name in given.items()]
    mapping = {column: name for column, name in given.items() if column in columns and name in names}
    plain = {_plain(name): name for name in names}
    for column in columns:
        name = plain.get(_plain(column))
        if column not in given and name is not None and name not in mapping.values():
            mapping[column] = name
    for name in names:
        twice = [column for column, target in mapping.items() if target == name]
        if len(twice) > 1:
            detail = f"columns {', '.join(twice)} all fill {name}; map one of them"
            problems.append(CellProblem(None, None, twice[1], name, INVALID, detail))
    found = [each for each in problems if each is not None]
    ordered = {column: mapping[column] for column in columns if column in mapping}
    return ordered, found + ([] if found else _unfilled(fields, ordered))


def _mapping_problem(
    column: str, name: str | None, columns: tuple[str, ...], names: list[str]
) -> CellProblem | None:
    if column not in columns:
        close = difflib.get_close_matches(column, columns, 1)
        detail = f"mapping: the file has no column '{column[:80]}'"
        return CellProblem(None, None, column, name, INVALID, detail, columns, close[0] if close else None)
    if name and name not in names:
        close = difflib.get_close_matches(name, names, 1)
        detail = f"mapping: the workflow has no field '{name[:80]}'"
        return CellProblem(
            None, None, column, name, INVALID, detail, tuple(names), close[0] if close else None
        )
    return None


def _unfilled(fields: tuple[FieldSpec, ...], mapping: Mapping[str, str]) -> list[CellProblem]:
    wanted = [each for each in fields if each.required and each.default is None]
    return [
        CellProblem(
            None, None, None, each.name, MISSING, f"no column fills {each.name}, which every row needs"
        )
        for each in wanted
        if each.name not in mapping.values()
    ]


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


class _Checker:
    def __init__(
        self,
        contract: TriggerContract,
        fields: tuple[FieldSpec, ...],
        sheet: Sheet,
        mapping: Mapping[str, str],
    ) -> None:
        self._contract, self._fields = contract, fields
        self._columns = {name: column for column, name in mapping.items()}
        self._named = {each.name: each for each in fields}
        self._places = {column: place for place, column in enumerate(sheet.columns)}
        self._wide, self._comma = len(sheet.columns), sheet.delimiter == ";"
        self.good: list[GoodRow] = []
        self.problems: list[CellProblem] = []
        for row in sheet.rows:
            self._row(row)

    def _row(self, row: SheetRow) -> None:
        before = len(self.problems)
        if any(cell.strip() for cell in row.cells[self._wide :]):
            detail = f"the row has more cells than there are columns ({self._wide}); quote cells that hold "
            self._add(row, None, INVALID, f"{detail}the character which parts them")
            return
        values, bad = self._values(row)
        external_id = values.pop(EXTERNAL_ID, None)
        if external_id is not None and len(external_id) > MAX_EXTERNAL_ID:
            self._add(row, EXTERNAL_ID, "trigger.too_long", f"must have at most {MAX_EXTERNAL_ID} characters")
        body = body_of(self._fields, values)
        try:
            self._contract.read(body)
        except TriggerInvalid as error:
            for each in error.errors:
                # one that could not be read is not missing as well
                if each.field not in bad:
                    self._add(row, each.field, each.code, each.detail, each.allowed, each.did_you_mean)
        if len(self.problems) == before:
            payload = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
            self.good.append(GoodRow(row.number, payload, external_id))

    def _values(self, row: SheetRow) -> tuple[Json, set[str]]:
        values: Json = {}
        bad: set[str] = set()
        for name, column in self._columns.items():
            place = self._places[column]
            text = row.cells[place] if place < len(row.cells) else ""
            known = self._named.get(name)
            try:
                value = (text.strip() or None) if known is None else typed(known, text, comma=self._comma)
            except CellError as error:
                self._add(row, name, WRONG_TYPE, str(error))
                bad.add(name)
                continue
            if value is not None:
                values[name] = value
        return values, bad

    def _add(  # noqa: PLR0917 - one record from its parts
        self,
        row: SheetRow,
        name: str | None,
        code: str,
        detail: str,
        allowed: tuple[Any, ...] | None = None,
        did_you_mean: str | None = None,
    ) -> None:
        column = self._columns.get(name) if name else None
        told = detail if name is None or detail.startswith(f"{name}") else f"{name} {detail}"
        self.problems.append(
            CellProblem(row.number, row.line, column, name, code, told, allowed, did_you_mean)
        )
