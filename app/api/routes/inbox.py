"""The test inbox: a receiver for people who have none (contract §5)."""

import asyncio
import json
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from sqlalchemy import Connection

from app.api.deps import CallDep, Cursor, Limit, Permit, SystemDep, acting, reading, writing
from app.api.intake import read_body
from app.api.problems import ProblemError
from app.api.reserved import INBOX_NAME
from app.api.strict_json import MAX_BYTES, BadJsonError, read_value
from app.api.times import iso
from app.delivery.signing import SignatureInvalidError, verify
from app.identity.roles import Identity
from app.store import audit, inbox
from app.store import runs as run_rows
from app.store.inbox import InboxRow
from app.wiring import System

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
    except BadJsonError as error:
        raise ProblemError("http.malformed_json", f"the inbox takes JSON: {error.detail}") from None
    headers = {key: value for key, value in request.headers.items() if key in _KEPT_HEADERS}
    verified = await _verified(system, headers, raw, _run_id(body))

    def keep(connection: Connection) -> str:
        return inbox.add(
            connection,
            name,
            message_id=headers.get("webhook-id", "")[:255] or None,
            headers=json.dumps(headers),
            body=raw.decode(),
            verified=verified,
        )

    return {"id": await writing(system, keep)}


@router.get("", summary="Inboxes that hold messages")
async def names(system: SystemDep, _: Reader) -> Json:
    found = await reading(system, inbox.names)
    items = [{"name": name, "messages": count, "last_at": iso(at)} for name, count, at in found]
    return {"items": items, "next_cursor": None}


@router.get("/{name}", summary="Messages of an inbox, newest first")
async def messages(
    name: Name, system: SystemDep, who: Reader, cursor: Cursor = None, limit: Limit = 50
) -> Json:
    page = await reading(system, inbox.list_page, name, cursor, limit)
    bodies = [json.loads(row.body) for row in page.items]
    named = [run_id for body in bodies if (run_id := _run_id(body))]
    owners = await reading(system, inbox.organisations_of, named)
    items = [
        _json(row, body)
        for row, body in zip(page.items, bodies, strict=True)
        if owners.get(_run_id(body) or "", who.org_id) == who.org_id
    ]
    return {"items": items, "next_cursor": page.next_cursor}


@router.delete("/{name}", status_code=204, summary="Empty an inbox")
async def clear(
    name: Name, system: SystemDep, call: CallDep, who: Annotated[Identity, Depends(Permit("inbox.clear"))]
) -> Response:
    def empty(connection: Connection) -> None:
        inbox.clear(connection, name)
        audit.write(connection, acting(who, call), "inbox.clear", name)

    await writing(system, empty)
    return Response(status_code=204)


async def _verified(system: System, headers: dict[str, str], raw: bytes, run_id: str | None) -> bool | None:
    """Whether the message is one of ours and its signature holds; None when it is not signed."""
    if "webhook-signature" not in headers:
        return None
    caller_id = await reading(system, run_rows.caller_of, run_id) if run_id else None
    if caller_id is None:
        return False
    try:
        verify(system.callers.secrets(caller_id), headers, raw, now=time.time())
    except SignatureInvalidError:
        return False
    return True


def _run_id(body: Any) -> str | None:
    run_id = body.get("job_id") if isinstance(body, dict) else None
    return run_id if isinstance(run_id, str) else None


def _json(row: InboxRow, body: Any) -> Json:
    return {
        "id": row.id,
        "received_at": iso(row.received_at),
        "webhook_id": row.message_id,
        "verified": row.verified,
        "headers": json.loads(row.headers),
        "body": body,
    }
