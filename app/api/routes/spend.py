"""What callers spend, and another limit for today (contract §7, S65)."""

import re
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from app.api.deps import Body, CallDep, JsonBody, Permit, SystemDep, documented, reading
from app.api.problems import FieldProblem, invalid, not_found
from app.engine.raising import Raise
from app.identity.roles import Identity
from app.store import spending
from app.store.spending import Account, Wanted
from graphs.pricing import credits_of, micro

router = APIRouter(prefix="/v1", tags=["Limits"])
Json = dict[str, Any]
Text = Annotated[str | None, Query(max_length=80)]
Day = Annotated[str | None, Query(description="A day in the project's time zone, such as 2026-01-31.")]
After = Annotated[str | None, Query(max_length=140, description="`next_cursor` of the page before.")]
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Limit(Body):
    daily_credits: Annotated[Decimal, Field(ge=0, le=10**9, max_digits=15, decimal_places=6)] | None = Field(
        None, description="Credits for today; null for what the workflow's cost monitor says."
    )


@router.get("/spend", summary="Credits by caller, workflow and day; limits where a cost monitor keeps them")
async def list_spend(  # noqa: PLR0917
    system: SystemDep,
    who: Annotated[Identity, Depends(Permit("limits.read"))],
    caller: Text = None,
    workflow: Text = None,
    day: Day = None,
    since: Day = None,
    until: Day = None,
    cursor: After = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Most items of a page.")] = 1000,
) -> Json:
    for name, value in (("day", day), ("since", since), ("until", until)):
        _check(name, value)
    wanted = Wanted(caller, workflow, day or since, day or until, _place(cursor))
    found = await reading(system, spending.accounts, who.org_id, wanted, limit + 1)
    shown = found[:limit]
    following = f"{shown[-1].day}/{shown[-1].scope}" if len(found) > limit else None
    return {"items": [account_json(each) for each in shown], "next_cursor": following}


@router.post(
    "/limits/{gate}/budget",
    summary="Set today's limit of a workflow and caller; what it held back goes on",
    openapi_extra=documented(Limit),
)
async def set_limit(
    gate: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("limits.resume"))],
    body: Annotated[Limit, Depends(JsonBody(Limit))],
) -> Json:
    limit = None if body.daily_credits is None else micro(body.daily_credits)
    done = await system.engine.raise_budget(Raise(gate, who.org_id, who.actor, limit, call.request_id))
    if done is None:
        raise not_found("gate")
    return {"gate": gate, "day": done.day, "daily_credits": _credits(limit), "woken": done.woken}


def account_json(account: Account) -> Json:
    """One account in credits."""
    left = None if account.limit is None else max(0, account.limit - account.spent - account.reserved)
    return {
        "gate": account.scope,
        "caller": account.caller,
        "workflow": account.workflow,
        "day": account.day,
        "time_zone": account.zone,
        "spent": _credits(account.spent),
        "reserved": _credits(account.reserved),
        "limit": _credits(account.limit),
        "left": _credits(left),
        "raised": account.raised,
    }


def _credits(amount: int | None) -> float | None:
    # fifteen digits survive the way through a JSON number
    return None if amount is None else float(credits_of(amount))


def _place(cursor: str | None) -> tuple[str, str] | None:
    if cursor is None:
        return None
    day, _, scope = cursor.partition("/")
    if not _DAY.fullmatch(day) or not scope:
        detail = "cursor must be the next_cursor of the page before"
        raise invalid([FieldProblem("cursor", "http.invalid_request", detail)])
    return day, scope


def _check(name: str, value: str | None) -> None:
    if value is not None and not _DAY.fullmatch(value):
        detail = f"{name} must be a day such as 2026-01-31"
        raise invalid([FieldProblem(name, "http.invalid_request", detail)])
