"""A file of rows, read strictly: UTF-8, one head line, cells parted by comma, semicolon or tab. Pure."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 200
_DELIMITERS = (",", ";", "\t")
# what Excel writes above the head, so that it reads the file again itself
_SAID = re.compile(r'"?sep=([^\r\n])"?\r?(?:\n|$)', re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class SheetError(ValueError):
    """The file as a whole cannot be used; says where and what would be right."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number after the head, the line of the file it ends on, and its cells."""

    number: int
    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A read file; every row has at least one cell that is not empty."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    delimiter: str


def read(raw: bytes) -> Sheet:
    """The rows of a file.

    Raises:
        SheetError: It is no UTF-8, has no head or no rows, too much of something, or a quote stays open.
    """
    text = _text(raw)
    said = _said(text)
    delimiter = said or _delimiter(text)
    lines = _lines(text, delimiter)
    if said:
        next(lines)
    head = next((cells for _, cells in lines if any(cell.strip() for cell in cells)), None)
    if head is None:
        raise SheetError("the file is empty; it needs a line of column names and at least one row")
    columns = _columns(head)
    rows: list[SheetRow] = []
    for line, cells in lines:
        if any(cell.strip() for cell in cells):
            if len(rows) == MAX_ROWS:
                raise SheetError(f"the file has more than {MAX_ROWS:,} rows; send it in parts")
            rows.append(SheetRow(len(rows) + 1, line, tuple(cells)))
    if not rows:
        raise SheetError("the file has column names, but no rows under them")
    return Sheet(columns, tuple(rows), delimiter)


def safe(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def line_of(cells: list[str]) -> str:
    """One line of a file for spreadsheets, formulas disarmed."""
    written = io.StringIO()
    csv.writer(written).writerow([safe(cell) for cell in cells])
    return written.getvalue()


def _text(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise SheetError(f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB; send it in parts")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise SheetError(f"line {line} is not UTF-8; save the file as 'CSV UTF-8'") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise SheetError(f"line {line} holds a NUL character; save the file as 'CSV UTF-8'")
    return text


def _said(text: str) -> str | None:
    """What the file itself says, in a first line of its own."""
    found = _SAID.match(text)
    if found is not None and found[1] not in _DELIMITERS:
        words = f"line 1 says that {found[1]} parts the cells; part them by comma, semicolon or tab"
        raise SheetError(words)
    return found[1] if found else None


def _delimiter(text: str) -> str:
    """What parts the first line most often outside of quotes."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    bare = "".join(head.split('"')[::2])
    return max(_DELIMITERS, key=lambda each: (bare.count(each), each == ","))


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        reason = "a quote that is opened must be closed before the next cell"
        if "field limit" in str(error):
            reason = "a cell is longer than 131,072 characters"
        raise SheetError(f"line {reader.line_num} cannot be read: {reason}") from None


def _columns(head: list[str]) -> tuple[str, ...]:
    while head and not head[-1].strip():
        head = head[:-1]
    if len(head) > MAX_COLUMNS:
        raise SheetError(f"the file has more than {MAX_COLUMNS} columns")
    columns = tuple(name.strip() or f"column {place}" for place, name in enumerate(head, 1))
    twice = next((name for name in columns if columns.count(name) > 1), None)
    if twice is not None:
        raise SheetError(f"two columns are called '{twice[:80]}'; give each a name of its own")
    return columns
