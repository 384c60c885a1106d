"""What people watch over: alerts and the audit log (contract §7, S125)."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy import Connection

from app.api.deps import CallDep, Cursor, Limit, Permit, SystemDep, acting, reading, writing
from app.api.problems import not_found
from app.api.times import iso
from app.identity.roles import Identity
from app.store import alerts, audit
from app.store.alerts import AlertRow
from app.store.audit import AuditRow

router = APIRouter(prefix="/v1", tags=["Operations"])
Json = dict[str, Any]
Text = Annotated[str | None, Query(max_length=200)]


@router.get("/alerts", summary="Alerts, newest first")
async def list_alerts(
    system: SystemDep,
    who: Annotated[Identity, Depends(Permit("alerts.read"))],
    pending: Annotated[bool, Query(description="Only what nobody acknowledged.")] = False,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    page = await reading(system, alerts.list_page, who.org_id, pending=pending, cursor=cursor, limit=limit)
    return {"items": [_alert(each) for each in page.items], "next_cursor": page.next_cursor}


@router.post("/alerts/{alert_id}/acknowledge", status_code=204, summary="Mark an alert as seen")
async def acknowledge(
    alert_id: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("alerts.acknowledge"))],
) -> Response:
    def mark(connection: Connection) -> bool:
        found = alerts.acknowledge(connection, who.org_id, alert_id)
        if found:
            audit.write(connection, acting(who, call), "alert.acknowledge", alert_id)
        return found

    if not await writing(system, mark):
        raise not_found("alert")
    return Response(status_code=204)


@router.get("/audit", summary="Who did what, newest first")
async def list_audit(  # noqa: PLR0917 - FastAPI names them
    system: SystemDep,
    who: Annotated[Identity, Depends(Permit("audit.read"))],
    action: Text = None,
    subject: Annotated[str | None, Query(alias="object", max_length=200)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    page = await reading(
        system,
        audit.list_page,
        who.org_id,
        action=action,
        subject=subject,
        cursor=cursor,
        limit=limit,
    )
    return {"items": [_entry(each) for each in page.items], "next_cursor": page.next_cursor}


def _alert(row: AlertRow) -> Json:
    return {
        "id": row.id,
        "at": iso(row.at),
        "code": row.code,
        "subject": row.subject,
        "text": row.text,
        "acknowledged_at": iso(row.acknowledged_at),
    }


def _entry(row: AuditRow) -> Json:
    return {
        "id": row.id,
        "at": iso(row.at),
        "actor": row.actor,
        "action": row.action,
        "object": row.object,
        "detail": json.loads(row.detail),
        "request_id": row.request_id,
    }
