"""Schedules: workflows that run by themselves (contract §3, S1)."""

import asyncio
import json
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from app.api.deps import Body, CallDep, Cursor, JsonBody, Limit, Permit, SystemDep, documented
from app.api.times import iso
from app.identity.roles import Identity
from app.store.schedules import ScheduleRow
from app.workflows.cron import timetable
from app.workflows.schedules import MOST_NEXT, Wanted, preview

router = APIRouter(prefix="/v1/schedules", tags=["Schedules"])
Reader = Annotated[Identity, Depends(Permit("schedules.read"))]
Writer = Annotated[Identity, Depends(Permit("schedules.write"))]
Starter = Annotated[Identity, Depends(Permit("runs.trigger"))]
Json = dict[str, Any]


class Schedule(Body):
    """A schedule; a PUT replaces all of it."""

    workflow: str = Field(max_length=80, description="Slug of a published workflow.")
    cron: str = Field(
        max_length=200, description="Minute, hour, day of month, month, day of week: `0 9 * * 1-5`."
    )
    time_zone: str = Field("UTC", max_length=64, description="IANA name, such as Europe/Berlin.")
    name: str = Field("", max_length=200, description="Name for people; default: the cron in words.")
    missed: Literal["skip", "once", "all"] = Field(
        "skip",
        description="What happens to due times that nobody served: let them pass, run once for all of them, "
        "or run for each (the newest 100).",
    )
    payload: dict[str, Any] = Field(default_factory=dict, description="Business fields of each run.")
    caller: str | None = Field(
        None, max_length=80, description="In whose name it runs; default: the key's caller."
    )
    callback_url: str | None = Field(None, max_length=2048, description="Where each run's callback goes.")
    enabled: bool = Field(True, description="Whether it runs at its times.")


@router.get("", summary="List schedules, newest first")
async def list_schedules(
    system: SystemDep,
    who: Reader,
    workflow: Annotated[str | None, Query(max_length=80)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    page = await asyncio.to_thread(system.schedules.page, who.org_id, workflow, cursor, limit)
    return {"items": [schedule_json(each) for each in page.items], "next_cursor": page.next_cursor}


@router.post("", status_code=201, summary="Make a schedule", openapi_extra=documented(Schedule))
async def create(
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Schedule, Depends(JsonBody(Schedule))],
    response: Response,
) -> Json:
    made = await asyncio.to_thread(system.schedules.create, who, _wanted(body), call.request_id)
    response.headers["location"] = f"/v1/schedules/{made.id}"
    return schedule_json(made)


@router.get("/{schedule_id}", summary="One schedule")
async def get_schedule(schedule_id: str, system: SystemDep, who: Reader) -> Json:
    return schedule_json(await asyncio.to_thread(system.schedules.get, who.org_id, schedule_id))


@router.put("/{schedule_id}", summary="Replace a schedule", openapi_extra=documented(Schedule))
async def replace(
    schedule_id: str,
    system: SystemDep,
    call: CallDep,
    who: Writer,
    body: Annotated[Schedule, Depends(JsonBody(Schedule))],
) -> Json:
    work = system.schedules.replace
    return schedule_json(await asyncio.to_thread(work, who, schedule_id, _wanted(body), call.request_id))


@router.delete("/{schedule_id}", status_code=204, summary="Delete a schedule; its runs stay")
async def delete(schedule_id: str, system: SystemDep, call: CallDep, who: Writer) -> Response:
    await asyncio.to_thread(system.schedules.delete, who, schedule_id, call.request_id)
    return Response(status_code=204)


@router.post("/{schedule_id}/run", status_code=202, summary="Run now, besides its times")
async def run_now(schedule_id: str, system: SystemDep, call: CallDep, who: Starter) -> Response:
    started = await system.schedules.run_now(who, schedule_id, call.request_id)
    headers = {"location": f"/v1/runs/{started.run_id}"}
    return Response(started.body, 202, headers, "application/json")


@router.get("/{schedule_id}/next", summary="The next due times")
async def next_times(
    schedule_id: str,
    system: SystemDep,
    who: Reader,
    count: Annotated[int, Query(ge=1, le=MOST_NEXT)] = 5,
) -> Json:
    row = await asyncio.to_thread(system.schedules.get, who.org_id, schedule_id)
    described, times = await asyncio.to_thread(preview, row.cron, row.zone, count)
    items = [{"at": iso(at), "local": _local(at, row.zone)} for at in times]
    return {"description": described, "time_zone": row.zone, "enabled": row.enabled, "items": items}


def _wanted(body: Schedule) -> Wanted:
    return Wanted(**body.model_dump())


def _local(at: float, zone: str) -> str:
    return datetime.fromtimestamp(at, ZoneInfo(zone)).isoformat()


def schedule_json(row: ScheduleRow) -> Json:
    return {
        "id": row.id,
        "workflow": row.workflow,
        "name": row.name,
        "cron": row.cron,
        "time_zone": row.zone,
        "description": timetable(row.cron, row.zone).describe(),
        "missed": row.missed,
        "payload": json.loads(row.payload),
        "caller": row.caller,
        "callback_url": row.callback_url,
        "enabled": row.enabled,
        "next_at": iso(row.next_at),
        "last_at": iso(row.last_at),
        "last_job_id": row.last_run_id,
        "error": row.error,
        "created_by": row.created_by,
        "created_at": iso(row.created_at),
        "updated_at": iso(row.updated_at),
        "links": {"self": f"/v1/schedules/{row.id}", "runs": f"/v1/runs?schedule={row.id}"},
    }
