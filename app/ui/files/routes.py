"""Files in and out over HTTP; the guard has put session and identity into the request."""

import re
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app.identity.roles import Identity, allowed
from app.store import runs as run_rows
from app.store.workflows import version_by_id
from app.ui.files.doors import HEADER, LONGEST, Brought, read_spot
from app.ui.files.reading import bounded
from app.ui.house import House
from app.workflows.errors import WorkflowError
from app.workflows.pictures import PictureUnknownError
from graphs.document import dump, parse

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


def draft_file(slug: str) -> str:
    """Where the draft of a workflow is downloaded."""
    return f"/export/workflows/{slug}"


def version_file(slug: str, number: int) -> str:
    return f"/export/workflows/{slug}/{number}"


def run_file(run_id: str) -> str:
    """Where the graph of a run is downloaded, as it was."""
    return f"/export/runs/{run_id}"


def routes(house: House) -> list[Route]:
    files = _Files(house)
    return [
        Route("/files/{door}", files.take, methods=["POST"]),
        Route("/pictures/{asset_id}", files.thumb, methods=["GET"]),
        Route("/export/workflows/{slug}", files.draft, methods=["GET"]),
        Route("/export/workflows/{slug}/{number:int}", files.version, methods=["GET"]),
        Route("/export/runs/{run_id}", files.run, methods=["GET"]),
    ]


class _Files:
    def __init__(self, house: House) -> None:
        self._house = house

    async def take(self, request: Request) -> Response:
        """Hand a file to the page that asked for it."""
        door = self._house.doors.find(request.path_params["door"], request.state.session)
        if door is None or request.headers.get("x-requested-with") != HEADER:
            return PlainTextResponse("there is no such door", 404)
        data = await bounded(request, LONGEST)
        if data is None:
            return PlainTextResponse(f"a file may have at most {LONGEST} bytes", 413)
        with door.client:
            name = unquote(request.headers.get("x-file-name", ""))[:200]
            await door.take(Brought(name, data, read_spot(request.headers.get("x-file-place", ""))))
        return Response(status_code=204)

    async def thumb(self, request: Request) -> Response:
        """A small picture by its id: cards and forms know nothing else of it."""
        identity = _reader(request, "assets.read")
        try:
            if identity is None:
                return Response(status_code=204)
            pictures, wanted = self._house.system.pictures, request.path_params["asset_id"]
            row = await run_in_threadpool(pictures.get, identity.scope, wanted)
        except PictureUnknownError:
            # no picture, and no noise in the browser's console: the node says that it is missing
            return Response(status_code=204)
        headers = {"cache-control": "private, max-age=300"}
        return RedirectResponse(self._house.thumb(row.sha256), 302, headers)

    async def draft(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        identity = _reader(request, "workflows.read")
        try:
            if identity is None:
                return _none()
            draft = await run_in_threadpool(self._house.system.workflows.draft, identity.org_id, slug)
        except WorkflowError:
            return _none()
        return _file(draft.document, slug)

    async def version(self, request: Request) -> Response:
        slug, number = request.path_params["slug"], request.path_params["number"]
        identity = _reader(request, "workflows.read")
        try:
            if identity is None:
                return _none()
            work = self._house.system.workflows.version
            row = await run_in_threadpool(work, identity.org_id, slug, number)
        except WorkflowError:
            return _none()
        return _file(row.graph, f"{slug}-v{number}")

    async def run(self, request: Request) -> Response:
        identity = _reader(request, "runs.read")
        found = (
            await run_in_threadpool(self._graph, identity, request.path_params["run_id"])
            if identity
            else None
        )
        return _file(*found) if found else _none()

    def _graph(self, identity: Identity, run_id: str) -> tuple[str, str] | None:
        with self._house.db.read() as connection:
            run = run_rows.get(connection, identity.scope, run_id)
            if run is None or run.version_id is None:
                return None
            row = version_by_id(connection, run.version_id)
        return (row.graph, f"{run.workflow}-{run.id}") if row else None


def _reader(request: Request, action: str) -> Identity | None:
    identity: Identity = request.state.identity
    return identity if allowed(identity, action) else None


def _file(graph: str, name: str) -> Response:
    headers = {
        "content-disposition": f'attachment; filename="{_UNSAFE.sub("-", name)}.json"',
        "cache-control": "no-store",
    }
    return Response(dump(parse(graph)), media_type="application/json", headers=headers)


def _none() -> Response:
    return PlainTextResponse("there is no such graph", 404)
