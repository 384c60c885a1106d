"""Pictures: bringing them, finding them, where they come from and where they go (contract §7)."""

import asyncio
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from app.api.asset_views import asset_json, lineage_json
from app.api.deps import CallDep, Cursor, Limit, Permit, SystemDep
from app.api.intake import read_body
from app.api.problems import ProblemError
from app.api.upload import Sent, read_form
from app.assets.library import MIME, AssetMissingError
from app.identity.roles import Identity
from app.workflows.pictures import MAX_BYTES

router = APIRouter(prefix="/v1/assets", tags=["Assets"])
Reader = Annotated[Identity, Depends(Permit("assets.read"))]
Json = dict[str, Any]
_PLAIN = frozenset({*MIME.values(), "image/jpg", "application/octet-stream"})
_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary", "description": "PNG, JPEG or WebP, at most 32 MiB."},
        "name": {"type": "string", "description": "Name for people; else the file's own."},
    },
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in MIME.values()},
            "multipart/form-data": {"schema": _FORM},
        },
    },
    "parameters": [
        {
            "name": "name",
            "in": "query",
            "schema": {"type": "string", "maxLength": 200},
            "description": "Name for people, where the picture itself is the body.",
        }
    ],
}
_FILE_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cache-control": "private, max-age=3600",
}


@router.post(
    "",
    status_code=201,
    summary="Bring a picture; its file loses places, cameras and remarks",
    openapi_extra=_BODY,
)
async def upload(
    request: Request,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("assets.write"))],
) -> JSONResponse:
    sent = await _picture(request)
    row, fresh = await system.pictures.add(who, sent.raw, sent.name, call.request_id)
    headers = {"location": f"/v1/assets/{row.id}"}
    return JSONResponse(asset_json(system, row), 201 if fresh else 200, headers)


@router.get("", summary="List pictures, newest first")
async def list_assets(  # noqa: PLR0917 - FastAPI names them
    system: SystemDep,
    who: Reader,
    source: Annotated[
        Literal["upload", "run"] | None, Query(description="Brought by people, or made by runs.")
    ] = None,
    q: Annotated[
        str, Query(max_length=200, description="Part of an upload's name; for runs, of their workflow's.")
    ] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Json:
    page = await asyncio.to_thread(system.pictures.list, who.scope, source, q.strip(), cursor, limit)
    return {"items": [asset_json(system, each) for each in page.items], "next_cursor": page.next_cursor}


@router.get("/{asset_id}", summary="One picture: where it comes from and which workflows name it")
async def get_asset(asset_id: str, system: SystemDep, who: Reader) -> Json:
    found = await asyncio.to_thread(system.pictures.lineage, who.scope, asset_id)
    return lineage_json(system, found)


@router.get("/{asset_id}/content", summary="The file of a picture", response_class=Response)
async def get_content(asset_id: str, system: SystemDep, who: Reader) -> Response:
    row = await asyncio.to_thread(system.pictures.get, who.scope, asset_id)
    try:
        data = await system.library.get(row.sha256, row.format)
    except AssetMissingError:
        raise ProblemError("http.gone", "the file of this picture is not in the store any more") from None
    name = row.name or f"{row.id}.{row.format}"
    headers = {**_FILE_HEADERS, "content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Response(data, headers=headers, media_type=MIME[row.format])


@router.delete("/{asset_id}", summary="Delete an upload that nothing uses")
async def delete_asset(
    asset_id: str,
    system: SystemDep,
    call: CallDep,
    who: Annotated[Identity, Depends(Permit("assets.delete"))],
    in_drafts: Annotated[
        bool, Query(description="Also when drafts use it; they then have a problem.")
    ] = False,
) -> Json:
    done = await system.pictures.delete(who, asset_id, in_drafts=in_drafts, request_id=call.request_id)
    return {"asset_id": done.asset_id, "gone": done.gone}


async def _picture(request: Request) -> Sent:
    head = dict(request.scope["headers"])
    kind = head.get(b"content-type", b"").split(b";")[0].strip().lower().decode("ascii", "replace")
    if head.get(b"content-encoding", b"identity").strip().lower() not in {b"", b"identity"}:
        detail = "the picture must be sent without Content-Encoding"
        raise ProblemError("http.unsupported_media_type", detail)
    if kind == "multipart/form-data":
        sent = await read_form(request, MAX_BYTES)
        if len(sent.raw) > MAX_BYTES:
            detail = f"the picture is larger than {MAX_BYTES} bytes"
            raise ProblemError("http.body_too_large", detail, extra={"max_bytes": MAX_BYTES})
        return Sent(sent.raw, sent.options.get("name", "") or sent.name)
    if kind not in _PLAIN:
        detail = "the Content-Type must be image/png, image/jpeg, image/webp or multipart/form-data"
        raise ProblemError(
            "http.unsupported_media_type", f"{detail}; this request says {kind[:80] or 'none'}"
        )
    raw = await read_body(head, request.receive, MAX_BYTES, "http")
    return Sent(raw, request.query_params.get("name", ""))
