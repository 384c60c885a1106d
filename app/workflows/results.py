"""What became of the rows of a file, as a file again."""

import json
from collections.abc import Iterator
from typing import Any

from app.engine.clock import iso
from app.store import batches as rows
from app.store.batches import BatchRow, LineRow
from app.store.database import Database
from app.workflows.sheet import line_of

_PART = 200
_ADDED = ("external_id", "job_id", "status", "error_code", "error", "asset_urls")
_JUDGED = ("verdict", "verdict_note", "decided_by", "decided_at")


def results_file(db: Database, batch: BatchRow) -> Iterator[bytes]:
    """The file in parts, in UTF-8 with a mark that spreadsheets ask for; no cell is a formula."""
    names = [name for name in json.loads(batch.mapping).values() if name != "external_id"]
    yield ("\ufeff" + line_of(["row", *names, *_ADDED, *_JUDGED])).encode()
    after = 0
    while True:
        with db.read() as connection:
            found = rows.lines(connection, batch.id, after=after, limit=_PART)
            bodies = rows.results(connection, [line.run_id for line in found if line.run_id])
        if not found:
            return
        yield "".join(_line(line, names, bodies.get(line.run_id or "")) for line in found).encode()
        after = found[-1].number


def _line(line: LineRow, names: list[str], body: str | None) -> str:
    payload, result = json.loads(line.payload), json.loads(body) if body else {}
    error = json.loads(line.error) if line.error else {}
    urls = [str(each["asset_url"]) for each in result.get("outputs") or ()]
    told = [
        line.external_id or "",
        line.run_id or "",
        line.status or "pending",
        line.error_code or "",
        str(error.get("error_description") or ""),
        " ".join(urls),
        line.verdict or "",
        line.verdict_note or "",
        line.decided_by or "",
        "" if line.decided_at is None else iso(line.decided_at),
    ]
    return line_of([str(line.number), *(_cell(payload.get(name)) for name in names), *told])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
