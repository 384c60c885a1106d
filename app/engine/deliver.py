"""The writes around a delivery's attempts: a failed delivery never generates again (S49)."""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, insert, null, select, update

from app import clock
from app.engine.records import DeliveryResult
from app.points import Point, reached
from app.store import bulk
from app.store.ids import new_id
from app.store.tables import alert, delivery, delivery_attempt, run

_INSERT_ATTEMPT = insert(delivery_attempt)
_SETTLE = (
    update(delivery)
    .where(delivery.c.id == bindparam("key"))
    .values(
        status=bindparam("new_status"),
        attempts=bindparam("new_attempts"),
        wake_at=bindparam("new_wake_at"),
        finished_at=bindparam("new_finished_at"),
        error_code=bindparam("new_error_code"),
        worker=null(),
    )
)
_CALLBACK_STATUS = (
    update(run).where(run.c.id == bindparam("key")).values(callback_status=bindparam("new_status"))
)


def settle_deliveries(connection: Connection, items: Sequence[DeliveryResult]) -> list[bool]:
    """Record attempts whose fence still holds; False for the others."""
    now = clock.now()
    ids = [item.delivery.id for item in items]
    fences = {
        row.id: row.fence
        for row in connection.execute(
            select(delivery.c.id, delivery.c.fence)
            .where(delivery.c.id.in_(ids), delivery.c.status == "sending")
            .with_for_update()
        )
    }
    valid = [item for item in items if fences.get(item.delivery.id) == item.delivery.fence]
    if valid:
        bulk.many(connection, _INSERT_ATTEMPT, [_attempt(item) for item in valid])
        bulk.many(connection, _SETTLE, [_settled(item, now) for item in valid])
        bulk.many(
            connection,
            _CALLBACK_STATUS,
            [{"key": item.delivery.run_id, "new_status": item.status} for item in valid],
        )
        reached(Point.DELIVERY_WRITTEN)
        given_up = [_alert(item, now) for item in valid if item.status == "permanently_failed"]
        if given_up:
            connection.execute(insert(alert), given_up)
    return [fences.get(item.delivery.id) == item.delivery.fence for item in items]


def _attempt(item: DeliveryResult) -> dict[str, Any]:
    return {
        "delivery_id": item.delivery.id,
        "number": item.delivery.attempts + 1,
        "started_at": item.started_at,
        "duration": item.duration,
        "status_code": item.status_code,
        "error_code": item.error_code,
        "reason": item.reason,
        "response": item.response,
        "next_at": item.next_at,
    }


def _settled(item: DeliveryResult, now: float) -> dict[str, Any]:
    return {
        "key": item.delivery.id,
        "new_status": item.status,
        "new_attempts": item.delivery.attempts + 1,
        "new_wake_at": item.next_at,
        "new_finished_at": None if item.status == "retrying" else now,
        "new_error_code": item.error_code,
    }


def _alert(item: DeliveryResult, now: float) -> dict[str, Any]:
    words = {"delivery": item.delivery.id, "reason": item.reason}
    return {
        "id": new_id("alr"),
        "org_id": item.delivery.org_id,
        "at": now,
        "code": "delivery.permanently_failed",
        "subject": item.delivery.run_id,
        "text": json.dumps(words),
    }
