"""Dry run: what a trigger would do, without doing it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from app import clock
from app.api.deps import Permit, SystemDep, raw_json, reading
from app.api.intake import MAX_BYTES
from app.api.problems import FieldProblem, ProblemError
from app.api.reserved import read_reserved
from app.api.times import iso
from app.delivery.callbacks import CallbackRule
from app.identity.roles import Identity
from app.workflows.forecast import Forecast, forecast
from graphs.strictjson import StrictJsonError, read_object
from graphs.trigger import TriggerInvalid

router = APIRouter(prefix="/v1/workflows", tags=["Workflows"])
Json = dict[str, Any]
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}}


@router.post(
    "/{slug}/dry-run",
    summary="What a trigger with this body would do: checks, steps, time and credits; nothing is stored",
    openapi_extra=_BODY,
)
async def dry_run(
    slug: str, request: Request, system: SystemDep, who: Annotated[Identity, Depends(Permit("runs.trigger"))]
) -> Json:
    published = await asyncio.to_thread(system.workflows.published, who.org_id, slug, None)
    body = _read(await raw_json(request, MAX_BYTES))
    _, wrong = read_reserved(body, [], CallbackRule(system.egress_policy, system.public_url))
    answer: Json = {"workflow": slug, "version": published.number, "valid": not wrong}
    try:
        accepted = published.trigger.read(body)
    except TriggerInvalid as error:
        fields = [
            FieldProblem(each.field, each.code, each.detail, each.pointer, each.allowed, each.did_you_mean)
            for each in error.errors
        ]
        return answer | {"valid": False, "errors": [each.to_json() for each in [*fields, *wrong]]}
    found = await reading(
        system, forecast, who.org_id, who.caller_id, published, accepted.values, clock.now()
    )
    return answer | {
        "errors": [each.to_json() for each in wrong],
        "ignored_fields": list(accepted.ignored),
        "starts": _starts(found),
        "wait": found.wait,
        "deadline": iso(_deadline(published.workflow.deadline_seconds)),
        "credits": found.total_credits,
        "seconds": found.total_seconds,
        "steps": _steps(found),
    }


def _steps(found: Forecast) -> list[Json]:
    return [
        {
            "node_id": node.id,
            "label": node.title,
            "type": node.kind,
            "runs": node.id not in found.skipped,
            "seconds": found.seconds.get(node.id) if node.id not in found.skipped else None,
            "credits": found.credits.get(node.id, 0.0),
            "price_known": node.id not in found.unpriced,
            "may_be_reused": node.cache is not None and node.id not in found.skipped,
        }
        for node in found.plan.nodes
    ]


def _starts(found: Forecast) -> str:
    if found.wait is None:
        return "now"
    return "refused" if found.wait.get("refused") else "later"


def _deadline(seconds: float | None) -> float | None:
    return None if seconds is None else clock.now() + seconds


def _read(raw: bytes) -> Json:
    try:
        return read_object(raw) if raw.strip() else {}
    except StrictJsonError as error:
        raise ProblemError(f"trigger.{error.code}", f"the body {error.reason}") from None
