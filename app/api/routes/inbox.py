"""The test inbox: a receiver for people who have none (contract §5)."""

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import Connection

from app import clock
from app.api.deps import CallDep, Cursor, Limit, Permit, SystemDep, acting, reading, writing
from app.api.intake import MAX_BYTES, read_body
from app.api.problems import ProblemError
from app.api.times import iso
from app.delivery.callbacks import INBOX_NAME
from app.delivery.signing import SignatureInvalidError, verify
from app.identity.roles import Identity
from app.points import Point, reached
from app.store import audit, callers, inbox
from app.store import runs as run_rows
from app.store.inbox import InboxRow
from app.wiring import System
from graphs.strictjson import StrictJsonError, read_value

router = APIRouter(prefix="/v1/inbox", tags=["Test inbox"])
Reader = Annotated[Identity, Depends(Permit("inbox.read"))]
Name = Annotated[str, Path(pattern=f"^{INBOX_NAME}$")]
Json = dict[str, Any]
_KEPT_HEADERS = frozenset(
    {"content-type", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature", "x-request-id"}
)


@router.post(
    "/{name}", summary="Take a callback; needs no key, as any receiver", openapi_extra={"security": []}
)
async def receive(name: Name, request: Request, system: SystemDep) -> Json:
    raw = await read_body(dict(request.scope["headers"]), request.receive, MAX_BYTES, "http")
    try:
        body = await asyncio.to_thread(read_value, raw)
    except StrictJsonError as error:
        raise ProblemError("http.malformed_json", f"the inbox takes JSON; this body {error.reason}") from None
    headers = {key: value for key, value in request.headers.items() if key in _KEPT_HEADERS}
    org_id, caller_id = await reading(system, _owner, _run_id(body))
    verified = await asyncio.to_thread(_verified, system, headers, raw, caller_id)

    def keep(connection: Connection) -> str:
        return inbox.add(
            connection,
            org_id,
            name,
            message_id=headers.get("webhook-id", "")[:255] or None,
            headers=json.dumps(headers),
            body=raw.decode(),
            verified=verified,
        )

    kept = await writing(system, keep)
    reached(Point.INBOX_STORED)
    return {"id": kept}


@router.get("", summary="Inboxes that hold messages")
async def names(system: SystemDep, who: Reader) -> Json:
    found = await reading(system, inbox.names, who.org_id)
    items = [{"name": name, "messages": count, "last_at": iso(at)} for name, count, at in found]
    return {"items": items, "next_cursor": None}


@router.get("/{name}", summary="Messages of an inbox, newest first")
async def messages(
    name: Name, system: SystemDep, who: Reader, cursor: Cursor = None, limit: Limit = 50
) -> Json:
    page = await reading(system, inbox.list_page, who.org_id, name, cursor, limit)
    return {"items": [_json(row) for row in page.items], "next_cursor": page.next_cursor}


@router.delete("/{name}", status_code=204, summary="Empty an inbox")
async def clear(
    name: Name, system: SystemDep, call: CallDep, who: Annotated[Identity, Depends(Permit("inbox.clear"))]
) -> Response:
    def empty(connection: Connection) -> None:
        inbox.clear(connection, who.org_id, name)
        audit.write(connection, acting(who, call), "inbox.clear", name)

    await writing(system, empty)
    return Response(status_code=204)


def _owner(connection: Connection, run_id: str | None) -> tuple[str, str | None]:
    """Whose inbox this is: that of the run's organisation and caller; of the first one for anything else.

    The address alone names no organisation, so that anyone can use it.
    """
    found = run_rows.owner_of(connection, run_id) if run_id else None
    return found or (callers.first_organisation(connection) or "", None)


def _verified(system: System, headers: dict[str, str], raw: bytes, caller_id: str | None) -> bool | None:
    """Whether the message is one of ours and its signature holds; None when it is not signed."""
    if "webhook-signature" not in headers:
        return None
    if caller_id is None:
        return False
    try:
        verify(system.callers.secrets(caller_id), headers, raw, now=clock.wall())
    except SignatureInvalidError:
        return False
    return True


def _run_id(body: Any) -> str | None:
    run_id = body.get("job_id") if isinstance(body, dict) else None
    return run_id if isinstance(run_id, str) else None


def _json(row: InboxRow) -> Json:
    return {
        "id": row.id,
        "received_at": iso(row.received_at),
        "webhook_id": row.message_id,
        "verified": row.verified,
        "headers": json.loads(row.headers),
        "body": json.loads(row.body),
    }
