"""Rows of a file: one run each (contract §3, S1)."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from app.api.deps import CallDep, Cursor, Limit, Permit, SystemDep, reading
from app.api.problems import FieldProblem, ProblemError, invalid
from app.api.routes.runs import one_of
from app.api.times import iso
from app.api.upload import Sent, mapping, read_file, truth
from app.identity.roles import Identity
from app.store import batches as rows
from app.store.batches import BatchRow, LineRow
from app.store.runs import STATUSES
from app.wiring import System
from app.workflows.batches import Upload
from app.workflows.results import results_file
from app.workflows.rowcheck import CellProblem, Judged

router = APIRouter(tags=["Rows"])
Reader = Annotated[Identity, Depends(Permit("runs.read"))]
Json = dict[str, Any]
SHOWN = 1_000
_FIRST_ERRORS = 20
_FILE = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "UTF-8; , ; or tab; a head line."},
        "mapping": {"type": "string", "description": "JSON object: column → field; others by name."},
        "callback_url": {"type": "string", "description": "Where each run's callback goes."},
        "dry_run": {"type": "string", "enum": ["true", "false"]},
        "skip_invalid": {"type": "string", "enum": ["true", "false"]},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string"}}, "multipart/form-data": {"schema": _FILE}},
    },
    "parameters": [
        {"name": name, "in": "query", "schema": {"type": "string"}, "description": told}
        for name, told in (
            ("dry_run", "true: only check; lists every wrong cell."),
            ("skip_invalid", "true: run the good rows although others are wrong."),
            ("mapping", "JSON object: column → field; others by name."),
            ("callback_url", "Where each run's callback goes."),
            ("name", "Name of the file for people."),
        )
    ],
}


@router.post(
    "/v1/workflows/{slug}/rows",
    status_code=202,
    summary="One run for each row of a file",
    openapi_extra=_BODY,
)
async def send_rows(  # noqa: PLR0917 - FastAPI names them
    slug: str,
    request: Request,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("runs.trigger"))],
    idempotency_key: Annotated[str | None, Header(max_length=255)] = None,
) -> Response:
    sent = await read_file(request)
    upload = _upload(sent, idempotency_key)
    dry = truth(sent.options, "dry_run")
    earlier = None if dry else await asyncio.to_thread(system.batches.earlier, who, slug, upload)
    if earlier is not None:
        return await _accepted(system, earlier, replayed=True)
    published, judged = await asyncio.to_thread(system.batches.check, who.org_id, slug, upload)
    if dry:
        return JSONResponse(judged_json(judged))
    if judged.problems and not (upload.skip_invalid and judged.rows):
        raise _refused(judged)
    work = system.batches.accept
    row = await asyncio.to_thread(work, who, slug, upload, (published, judged), call.request_id)
    return await _accepted(system, row)


@router.get("/v1/batches", summary="List files of rows, newest first")
async def list_batches(
    system: SystemDep,
    who: Reader,
    workflow: Annotated[str | None, Query(max_length=80)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    page = await reading(system, rows.list_page, who.scope, workflow, cursor, limit)
    items = [await _batch(system, each) for each in page.items]
    return {"items": items, "next_cursor": page.next_cursor}


@router.get("/v1/batches/{batch_id}", summary="One file: how many rows stand where, and the first errors")
async def get_batch(batch_id: str, system: SystemDep, who: Reader) -> Json:
    row = await asyncio.to_thread(system.batches.get, who.scope, batch_id)
    failed = await reading(system, rows.lines, row.id, limit=_FIRST_ERRORS, status=("failed",))
    return await _batch(system, row) | {"first_errors": [line_json(each) for each in failed]}


@router.get("/v1/batches/{batch_id}/rows", summary="The rows of a file with their runs")
async def get_rows(  # noqa: PLR0917 - FastAPI names them
    batch_id: str,
    system: SystemDep,
    who: Reader,
    status: Annotated[str | None, Query(description="One, or several with commas.")] = None,
    after: Annotated[int, Query(ge=0, le=1_000_000, description="Rows after this number.")] = 0,
    limit: Limit = 100,
) -> Json:
    row = await asyncio.to_thread(system.batches.get, who.scope, batch_id)
    wanted = one_of(status, STATUSES, "status")
    found = await reading(system, rows.lines, row.id, after=after, limit=limit + 1, status=wanted)
    following = found[limit - 1].number if len(found) > limit else None
    return {"items": [line_json(each) for each in found[:limit]], "next_after": following}


@router.get("/v1/batches/{batch_id}/results.csv", summary="Rows and what became of them, for spreadsheets")
async def get_results(batch_id: str, system: SystemDep, who: Reader) -> StreamingResponse:
    row = await asyncio.to_thread(system.batches.get, who.scope, batch_id)
    headers = {"content-disposition": f'attachment; filename="{row.id}.csv"'}
    return StreamingResponse(
        results_file(system.db, row), headers=headers, media_type="text/csv; charset=utf-8"
    )


@router.post("/v1/batches/{batch_id}/cancel", summary="Start no further row and end the open runs")
async def cancel(
    batch_id: str, system: SystemDep, call: CallDep, who: Annotated[Identity, Depends(Permit("runs.cancel"))]
) -> Json:
    count = await system.batches.cancel(who, batch_id, call.request_id)
    row = await asyncio.to_thread(system.batches.get, who.scope, batch_id)
    return await _batch(system, row) | {"cancelled_runs": count}


@router.post("/v1/batches/{batch_id}/retry", summary="Run failed, cancelled and left-out rows again")
async def retry(
    batch_id: str, system: SystemDep, call: CallDep, who: Annotated[Identity, Depends(Permit("runs.rerun"))]
) -> Json:
    count = await asyncio.to_thread(system.batches.retry, who, batch_id, call.request_id)
    row = await asyncio.to_thread(system.batches.get, who.scope, batch_id)
    return await _batch(system, row) | {"retried_rows": count}


def _upload(sent: Sent, key: str | None) -> Upload:
    given = sent.options
    if key is not None and not key.strip():
        detail = "the Idempotency-Key header must be 1 to 255 printable ASCII characters"
        raise invalid([FieldProblem("idempotency_key", "trigger.bad_idempotency_key", detail)])
    return Upload(
        raw=sent.raw,
        name=given.get("name", "") or sent.name,
        mapping=mapping(given),
        callback_url=given.get("callback_url") or None,
        skip_invalid=truth(given, "skip_invalid"),
        key=key,
    )


async def _accepted(system: System, row: BatchRow, *, replayed: bool = False) -> Response:
    headers = {"location": f"/v1/batches/{row.id}"}
    if replayed:
        headers["idempotency-replayed"] = "true"
    return JSONResponse(await _batch(system, row), 202, headers)


async def _batch(system: System, row: BatchRow) -> Json:
    return batch_json(row, await reading(system, rows.counts, row.id))


def _refused(judged: Judged) -> ProblemError:
    problem = invalid((_field_problem(each) for each in judged.problems[:SHOWN]), status=422)
    count = len(judged.problems)
    problem.extra.update(row_count=len(judged.sheet.rows), valid_rows=len(judged.rows), problem_count=count)
    return problem


def _field_problem(each: CellProblem) -> FieldProblem:
    where = {"row": each.row, "line": each.line, "column": each.column}
    detail = each.detail if each.row is None else f"row {each.row}: {each.detail}"
    return FieldProblem(each.field, each.code, detail, None, each.allowed, each.did_you_mean, extra=where)


def judged_json(judged: Judged) -> Json:
    return {
        "valid": not judged.problems,
        "rows": len(judged.sheet.rows),
        "valid_rows": len(judged.rows),
        "delimiter": judged.sheet.delimiter,
        "columns": list(judged.sheet.columns),
        "mapping": judged.mapping,
        "ignored_columns": list(judged.ignored),
        "problem_count": len(judged.problems),
        "problems": [_field_problem(each).to_json() for each in judged.problems[:SHOWN]],
    }


def batch_json(row: BatchRow, counts: dict[str, int]) -> Json:
    return {
        "id": row.id,
        "workflow": row.workflow,
        "version": row.version,
        "caller": row.caller,
        "name": row.name,
        "status": status_of(row, counts),
        "rows": row.rows,
        "skipped": row.skipped,
        "pending": row.pending,
        "counts": {name: counts.get(name, 0) for name in STATUSES},
        "mapping": json.loads(row.mapping),
        "callback_url": row.callback_url,
        "error": row.error,
        "created_by": row.created_by,
        "created_at": iso(row.created_at),
        "cancelled_at": iso(row.cancelled_at),
        "links": {
            "self": f"/v1/batches/{row.id}",
            "rows": f"/v1/batches/{row.id}/rows",
            "results": f"/v1/batches/{row.id}/results.csv",
            "runs": f"/v1/runs?batch={row.id}",
        },
    }


def status_of(row: BatchRow, counts: dict[str, int]) -> str:
    """Running while rows are to come or runs are open; then cancelled or finished."""
    if row.pending or any(counts.get(name) for name in ("queued", "running", "waiting")):
        return "running"
    return "cancelled" if row.cancelled_at else "finished"


def line_json(line: LineRow) -> Json:
    error = json.loads(line.error) if line.error else None
    return {
        "row": line.number,
        "external_id": line.external_id,
        "fields": json.loads(line.payload),
        "job_id": line.run_id,
        "status": line.status,
        "error_code": line.error_code,
        "error": error.get("error_description") if isinstance(error, dict) else None,
        "verdict": line.verdict,
        "verdict_note": line.verdict_note or "",
        "decided_by": line.decided_by,
        "decided_at": iso(line.decided_at),
    }
