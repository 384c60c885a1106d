"""WebSockets that are not opened."""

from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from app.api.context import call_in
from app.api.problems import MEDIA_TYPE, ProblemError, document


async def refuse(websocket: WebSocket, problem: ProblemError) -> None:
    """Answer a handshake with the document that any request would get."""
    body = document(problem, call_in(websocket.scope))
    await websocket.send_denial_response(JSONResponse(body, problem.status, media_type=MEDIA_TYPE))
