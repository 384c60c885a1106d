"""Callbacks and their attempts; send one or many again (contract §5)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field, model_validator

from app.api.context import Call
from app.api.deps import Body, CallDep, Cursor, JsonBody, Limit, Permit, SystemDep, documented, reading
from app.api.lookup import one_run
from app.api.problems import ProblemError, not_found
from app.api.routes.runs import one_of
from app.api.times import seconds
from app.api.views import delivery_json
from app.identity.roles import Identity
from app.store import callers
from app.store import deliveries as rows
from app.store.deliveries import STATUSES, DeliveryFilter
from app.wiring import System

router = APIRouter(prefix="/v1", tags=["Callbacks"])
Reader = Annotated[Identity, Depends(Permit("deliveries.read"))]
Operator = Annotated[Identity, Depends(Permit("deliveries.replay"))]
_MOST = 1_000


class ReplayMany(Body):
    """Which ended deliveries to send again."""

    status: str = Field("permanently_failed", description="permanently_failed or delivered.")
    caller: str | None = Field(None, max_length=80, description="Name of the caller.")
    job_id: str | None = Field(None, max_length=40, description="One run only.")
    since: str | None = Field(None, description="Made at or after, RFC 3339.")
    until: str | None = Field(None, description="Made before, RFC 3339.")
    limit: int = Field(100, ge=1, le=_MOST, description="Most deliveries, oldest first.")
    dry_run: bool = Field(False, description="Count only.")

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, given: Any) -> Any:
        """The filters may stand in `filter`, as in the other bulk actions."""
        inner = given.get("filter") if isinstance(given, dict) else None
        if not isinstance(inner, dict) or inner.keys() & given.keys():
            return given
        return {name: value for name, value in given.items() if name != "filter"} | inner


@router.get("/runs/{job_id}/deliveries", summary="The callbacks of a run with every attempt")
async def of_run(job_id: str, system: SystemDep, who: Reader) -> dict[str, Any]:
    await reading(system, one_run, who.scope, job_id)
    found = await reading(system, rows.of_run, job_id)
    tries = await reading(system, rows.attempts, [each.id for each in found])
    return {"items": [delivery_json(each, tries[each.id]) for each in found], "next_cursor": None}


@router.get("/deliveries", summary="List callbacks, newest first")
async def list_deliveries(
    system: SystemDep,
    who: Reader,
    status: Annotated[str | None, Query(description="One, or several with commas.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    wanted = DeliveryFilter(status=one_of(status, STATUSES, "status"))
    page = await reading(system, rows.list_page, who.scope, wanted, cursor, limit)
    return {"items": [delivery_json(each) for each in page.items], "next_cursor": page.next_cursor}


@router.get("/deliveries/{delivery_id}", summary="One callback with every attempt")
async def get_delivery(delivery_id: str, system: SystemDep, who: Reader) -> dict[str, Any]:
    found = await reading(system, rows.get, who.scope, delivery_id)
    if found is None:
        raise not_found("delivery")
    tries = await reading(system, rows.attempts, [delivery_id])
    return delivery_json(found, tries[delivery_id])


@router.post(
    "/deliveries/replay",
    status_code=202,
    summary="Send many again",
    openapi_extra=documented(ReplayMany, required=False),
)
async def replay_many(
    system: SystemDep,
    call: CallDep,
    who: Operator,
    body: Annotated[ReplayMany, Depends(JsonBody(ReplayMany))],
) -> dict[str, Any]:
    wanted = await _filter(system, who, body)
    found = await reading(system, rows.ids, who.scope, wanted, body.limit)
    sent = [] if body.dry_run else [each for each in found if await _replay(system, who, call, each)]
    return {"matched": len(found), "replayed": len(sent), "dry_run": body.dry_run, "ids": found}


@router.post("/deliveries/{delivery_id}/replay", status_code=202, summary="Send one again")
async def replay(delivery_id: str, system: SystemDep, call: CallDep, who: Operator) -> dict[str, Any]:
    found = await reading(system, rows.get, who.scope, delivery_id)
    if found is None:
        raise not_found("delivery")
    if not await _replay(system, who, call, delivery_id):
        detail = f"the delivery is {found.status}; only an ended one can be sent again"
        raise ProblemError("delivery.not_replayable", detail)
    return delivery_json(found) | {"status": "pending"}


async def _replay(system: System, who: Identity, call: Call, delivery_id: str) -> bool:
    return await system.engine.replay(who.org_id, delivery_id, who.actor, call.request_id)


async def _filter(system: System, who: Identity, body: ReplayMany) -> DeliveryFilter:
    caller_id = None
    if body.caller:
        found = await reading(system, callers.find, who.org_id, body.caller)
        caller_id = found.id if found else "none"
    return DeliveryFilter(
        status=one_of(body.status, ("permanently_failed", "delivered"), "status"),
        run_id=body.job_id,
        caller_id=caller_id,
        since=seconds(body.since, "since"),
        until=seconds(body.until, "until"),
    )
