"""Pictures behind signed addresses: they open without a key, and do nothing but show (S11)."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app import clock
from app.api.deps import SystemDep
from app.api.problems import ProblemError, not_found
from app.assets.library import AddressExpiredError, AssetMissingError, StoreFailedError

router = APIRouter(tags=["Assets"])
_WEEK = 604_800
_HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "access-control-allow-origin": "*",
}


@router.head("/a/{name}", include_in_schema=False)
@router.get("/a/{name}", summary="A picture", openapi_extra={"security": []})
async def picture(
    name: str,
    request: Request,
    system: SystemDep,
    exp: Annotated[str, Query(max_length=20)] = "",
    sig: Annotated[str, Query(max_length=128)] = "",
) -> Response:
    if not (name.isascii() and exp.isascii() and sig.isascii()):
        raise not_found("picture")
    etag = f'"{name}"'
    try:
        data, kind = await asyncio.to_thread(system.library.open, name, exp, sig)
    except AddressExpiredError:
        raise ProblemError("http.gone", "this address has expired; its run gives a fresh one") from None
    except AssetMissingError:
        raise not_found("picture") from None
    except StoreFailedError:
        detail = "the asset store does not answer; try again shortly"
        raise ProblemError("http.unavailable", detail, headers={"retry-after": "5"}) from None
    # nobody keeps it longer than its address opens
    seconds = max(0, min(_WEEK, int(exp) - int(clock.wall())))
    headers = {**_HEADERS, "etag": etag, "cache-control": f"public, max-age={seconds}, immutable"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=kind)
