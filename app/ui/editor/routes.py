"""Graphs over HTTP: what the canvas fetches, and patches too large for the socket."""

import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.identity.roles import Identity, allowed
from app.store import runs as run_rows
from app.store.workflows import VersionRow, version_by_id
from app.ui.editor.judged import judge, sockets_of, sockets_of_both, told_problems
from app.ui.editor.model import PatchError, blank
from app.ui.editor.pasting import readable_piece
from app.ui.files.reading import bounded
from app.ui.house import House
from app.ui.lang.choose import language_of
from app.ui.lang.nodes import spoken_sockets, spoken_types
from app.ui.lang.say import use
from app.workflows.errors import WorkflowError
from graphs.compare import both
from graphs.errors import MalformedDocumentError

_MAX_PATCH = 8 * 1024 * 1024
_HEADER = "sakuga-canvas"
_DIGITS = 9


def version_url(slug: str, number: int) -> str:
    """Where the canvas finds a published version."""
    return f"/canvas/{slug}/versions/{number}"


def compare_url(slug: str, old: int | None, new: int | None) -> str:
    """Where the canvas finds two versions in one drawing; None is the draft, 0 an empty graph."""
    names = ("draft" if each is None else str(each) for each in (old, new))
    return f"/canvas/{slug}/compare/{'/'.join(names)}"


def run_url(run_id: str) -> str:
    """Where the canvas finds the graph of a run, as it was."""
    return f"/canvas/runs/{run_id}"


def session_url(session_id: str) -> str:
    """Where the canvas finds the document of an open editor, and posts large patches."""
    return f"/canvas/sessions/{session_id}"


def routes(house: House) -> list[Route]:
    """The routes; they lie behind the guard, which has put the identity into the request."""
    canvas = _CanvasRoutes(house)
    return [
        Route("/canvas/sessions/{session_id}", canvas.document, methods=["GET"]),
        Route("/canvas/sessions/{session_id}", canvas.patch, methods=["POST"]),
        Route("/canvas/sessions/{session_id}/paste", canvas.paste, methods=["POST"]),
        Route("/canvas/runs/{run_id}", canvas.run, methods=["GET"]),
        Route("/canvas/{slug}/versions/{number:int}", canvas.version, methods=["GET"]),
        Route("/canvas/{slug}/compare/{old}/{new}", canvas.compare, methods=["GET"]),
    ]


class _CanvasRoutes:
    def __init__(self, house: House) -> None:
        self._house = house
        self._sessions = house.editors

    async def document(self, request: Request) -> Response:
        session = self._sessions.find(request.path_params["session_id"], request.state.session)
        if session is None or not _may(request, "workflows.read"):
            return _refused()
        system, document = self._house.system, session.document
        judged = await run_in_threadpool(judge, document, system.workflows, system.catalogue, _org(request))
        with use(language_of(request)):
            types = spoken_types(system.catalogue.describe()) if judged.problems else []
            told = told_problems(judged.problems, document, types)
        return _json(request, document, judged.sockets, told, session.rev, seen=session.sent)

    async def patch(self, request: Request) -> Response:
        session = self._sessions.find(request.path_params["session_id"], request.state.session)
        if session is None or not _may(request, "workflows.write"):
            return _refused()
        if request.headers.get("x-requested-with") != _HEADER:
            return JSONResponse({"detail": "the header X-Requested-With is missing"}, 403)
        raw = await bounded(request, _MAX_PATCH)
        if raw is None:
            return JSONResponse({"detail": f"a change may have at most {_MAX_PATCH} bytes"}, 413)
        try:
            await session.receive(json.loads(raw))
        except (PatchError, ValueError, TypeError, AttributeError, RecursionError) as error:
            return JSONResponse({"detail": str(error)}, 422)
        return Response(status_code=204)

    async def compare(self, request: Request) -> Response:
        if not _may(request, "workflows.read"):
            return _refused()
        given = request.path_params
        try:
            documents = [
                await run_in_threadpool(self._side, _org(request), given["slug"], given[side])
                for side in ("old", "new")
            ]
        except (WorkflowError, ValueError):
            return _refused()
        document, marks = both(documents[0], documents[1])
        sockets = sockets_of_both(documents[0], document, self._house.system.catalogue)
        return _json(request, document, sockets, [], 0, marks=marks)

    def _side(self, org_id: str, slug: str, name: str) -> Any:
        workflows = self._house.system.workflows
        if name == "draft":
            return json.loads(workflows.draft(org_id, slug).document)
        if name == "0":
            return blank(slug)
        if not name.isascii() or not name.isdigit() or len(name) > _DIGITS:
            raise ValueError(name)
        return json.loads(workflows.version(org_id, slug, int(name)).graph)

    async def paste(self, request: Request) -> Response:
        session = self._sessions.find(request.path_params["session_id"], request.state.session)
        if session is None or not _may(request, "workflows.write"):
            return _refused()
        if request.headers.get("x-requested-with") != _HEADER:
            return JSONResponse({"detail": "the header X-Requested-With is missing"}, 403)
        raw = await bounded(request, _MAX_PATCH)
        if raw is None:
            return JSONResponse({"reason": f"a piece may have at most {_MAX_PATCH} bytes"})
        try:
            return JSONResponse({"piece": await run_in_threadpool(readable_piece, raw)})
        except MalformedDocumentError as error:
            return JSONResponse({"reason": str(error)})

    async def version(self, request: Request) -> Response:
        identity: Identity = request.state.identity
        if not _may(request, "runs.read"):
            return _refused()
        slug, number = request.path_params["slug"], request.path_params["number"]
        try:
            row = await run_in_threadpool(self._house.system.workflows.version, identity.org_id, slug, number)
        except WorkflowError:
            return _refused()
        document = json.loads(row.graph)
        return _json(request, document, sockets_of(document, self._house.system.catalogue), [], 0)

    async def run(self, request: Request) -> Response:
        identity: Identity = request.state.identity
        if not _may(request, "runs.read"):
            return _refused()
        row = await run_in_threadpool(self._graph_of_run, identity, request.path_params["run_id"])
        if row is None:
            return _refused()
        document = json.loads(row.graph)
        return _json(request, document, sockets_of(document, self._house.system.catalogue), [], 0)

    def _graph_of_run(self, identity: Identity, run_id: str) -> VersionRow | None:
        with self._house.db.read() as connection:
            run = run_rows.get(connection, identity.scope, run_id)
            return version_by_id(connection, run.version_id) if run and run.version_id else None


def _json(
    request: Request, document: Any, sockets: Any, problems: Any, revision: int, **more: Any
) -> Response:
    with use(language_of(request)):
        sockets = spoken_sockets(sockets)
    payload = {"document": document, "sockets": sockets, "problems": problems, "revision": revision, **more}
    return JSONResponse(payload, headers={"cache-control": "no-store"})


def _org(request: Request) -> str:
    identity: Identity = request.state.identity
    return identity.org_id


def _may(request: Request, action: str) -> bool:
    return allowed(request.state.identity, action)


def _refused() -> Response:
    return JSONResponse({"detail": "there is no such graph"}, 404)
