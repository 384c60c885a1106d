"""Sample pictures, and the graphs of templates for the canvas; behind the guard."""

import json
import re

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.identity.roles import Identity, allowed
from app.store import templates as rows
from app.ui.editor.judged import sockets_of
from app.ui.editor.model import Document
from app.ui.examples import PICTURES, example
from app.ui.house import House
from app.ui.templates.shelf import OWN, document_of

_PICTURE = re.compile(r"[a-z0-9][a-z0-9-]{0,80}\.webp")
_WEEK = {"cache-control": "private, max-age=604800"}


def graph_url(key: str) -> str:
    """Where the canvas finds the graph of a template."""
    return f"/canvas/templates/{key}"


def routes(house: House) -> list[Route]:
    """The routes; the guard has put the identity into the request."""

    async def picture(request: Request) -> Response:
        name = request.path_params["name"]
        place = PICTURES / name
        if not _PICTURE.fullmatch(name) or not place.is_file():
            return Response(status_code=404)
        return Response(await run_in_threadpool(place.read_bytes), media_type="image/webp", headers=_WEEK)

    async def graph(request: Request) -> Response:
        identity: Identity = request.state.identity
        document = await run_in_threadpool(_document, house, identity, request.path_params["key"])
        if document is None or not allowed(identity, "workflows.read"):
            return JSONResponse({"detail": "there is no such template"}, 404)
        sockets = sockets_of(document, house.system.catalogue)
        payload = {"document": document, "sockets": sockets, "problems": [], "revision": 0}
        return JSONResponse(payload, headers={"cache-control": "no-store"})

    return [
        Route("/gallery/{name:str}", picture, methods=["GET"]),
        Route("/canvas/templates/{key:str}", graph, methods=["GET"]),
    ]


def _document(house: House, identity: Identity, key: str) -> Document | None:
    if not key.startswith(OWN):
        found = example(key)
        return found.graph if found else None
    with house.db.read() as connection:
        return _own(connection, identity.org_id, key.removeprefix(OWN))


def _own(connection: Connection, org_id: str, slug: str) -> Document | None:
    row = next((each for each in rows.list_all(connection, org_id) if each.slug == slug), None)
    document: Document | None = json.loads(document_of(connection, row)) if row else None
    return document
