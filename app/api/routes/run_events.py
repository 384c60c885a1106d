"""A run as it happens: server-sent events, and the same over a WebSocket (contract §4, S36)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, WebSocket, WebSocketDisconnect
from fastapi.sse import format_sse_event
from starlette.responses import StreamingResponse

from app.api import guard
from app.api.deps import Permit, SystemDep, reading, system_of
from app.api.lookup import one_run
from app.api.problems import ProblemError
from app.api.sockets import refuse
from app.api.story import Story, Telling
from app.identity.roles import Identity
from app.wiring import System

router = APIRouter(prefix="/v1/runs", tags=["Runs"])
_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}
_KEEP_ALIVE = 15.0
_LongId = Annotated[str | None, Header(max_length=200)]


@router.get("/{job_id}/events", summary="Follow a run: server-sent events, resumable by Last-Event-ID")
async def events(
    job_id: str,
    system: SystemDep,
    who: Annotated[Identity, Depends(Permit("runs.read"))],
    last_event_id: _LongId = None,
    after: Annotated[str | None, Query(max_length=200, description="As Last-Event-ID.")] = None,
) -> StreamingResponse:
    await reading(system, one_run, who.scope, job_id)
    _admit(system)
    story = Story(system, who.scope, job_id, last_event_id or after)
    return StreamingResponse(_sse(story), headers=_HEADERS, media_type="text/event-stream")


@router.websocket("/{job_id}/ws")
async def socket(websocket: WebSocket, job_id: str) -> None:
    """The events of `GET …/events` as JSON messages."""
    system = system_of(websocket)
    try:
        who = await guard.by_key_or_session(system, websocket)
        guard.check(who, "runs.read")
        await reading(system, one_run, who.scope, job_id)
        _admit(system)
    except ProblemError as problem:
        await refuse(websocket, problem)
        return
    await websocket.accept()
    story = Story(system, who.scope, job_id, websocket.query_params.get("after"))
    listening = asyncio.create_task(_until_gone(websocket))
    try:
        async with aclosing(story.tell()) as tellings:
            async for telling in tellings:
                if listening.done():
                    return
                if telling is not None:
                    await websocket.send_text(json.dumps(_message(telling), ensure_ascii=False))
        await websocket.close()
    except WebSocketDisconnect:
        return
    finally:
        listening.cancel()


def _admit(system: System) -> None:
    if system.audience.full:
        raise ProblemError(
            "http.too_many_requests",
            f"{system.audience.seats} listeners follow runs here already; ask for the run itself meanwhile",
            headers={"retry-after": "5"},
        )


async def _sse(story: Story) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    spoke = loop.time()
    async with aclosing(story.tell()) as tellings:
        async for telling in tellings:
            if telling is not None:
                text = json.dumps(telling.data, ensure_ascii=False)
                yield format_sse_event(data_str=text, event=telling.kind, id=telling.id)
                spoke = loop.time()
            elif loop.time() - spoke > _KEEP_ALIVE:
                yield format_sse_event(data_str=None, comment="still here")
                spoke = loop.time()


async def _until_gone(websocket: WebSocket) -> None:
    try:
        while True:
            await websocket.receive_text()
    except (WebSocketDisconnect, RuntimeError, KeyError):
        return


def _message(telling: Telling) -> dict[str, Any]:
    return {"id": telling.id, "event": telling.kind, "data": telling.data}
