"""The pages that error documents point at: what a code means and what to do (RFC 9457 `type`)."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.api import codes
from app.api.codes import Code
from app.api.problems import ProblemError

router = APIRouter(tags=["Problems"])
_CLASSES = {
    "permanent": "Permanent: the same request would fail again.",
    "transient": "Transient: it is tried again on the retry schedule.",
    "wait": "Wait: nothing is wrong, only not yet.",
    "ambiguous": "Ambiguous: looked up first, never sent again blindly.",
    "operator": "Operator: the people who run the system have to act.",
}
_STYLE = (
    "body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:4rem auto;padding:0 1.5rem;"
    "background:light-dark(#fff,#15161a);color:light-dark(#1c1d21,#e9e9ec);color-scheme:light dark}"
    "code{font:0.95em ui-monospace,monospace}a{color:inherit}dt{margin-top:1rem;opacity:.7}dd{margin:0}"
)
_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}


@router.get("/problems", summary="Every error code", openapi_extra={"security": []})
async def all_codes(request: Request) -> Response:
    found = codes.table().values()
    if not _wants_page(request):
        return JSONResponse({"items": [_json(each) for each in found], "next_cursor": None})
    rows = "".join(
        f'<dt><a href="/problems/{escape(each.code)}"><code>{escape(each.code)}</code></a></dt>'
        f"<dd>{escape(each.title)}</dd>"
        for each in found
    )
    return _page("Error codes", f"<dl>{rows}</dl>")


@router.get("/problems/{code}", summary="What an error code means", openapi_extra={"security": []})
async def explain(code: str, request: Request) -> Response:
    found = codes.find(code)
    if found is None:
        raise ProblemError("http.not_found", "there is no such error code; /problems lists all of them")
    if not _wants_page(request):
        return JSONResponse(_json(found))
    status = f"<dt>HTTP status</dt><dd>{found.status}</dd>" if found.status else ""
    return _page(
        found.title,
        f"<p><code>{escape(found.code)}</code></p><p>{escape(found.explanation)}</p>"
        f"<p><strong>What to do:</strong> {escape(found.advice)}</p>"
        f"<dl>{status}<dt>Class</dt><dd>{escape(_CLASSES[found.kind])}</dd></dl>"
        '<p><a href="/problems">All codes</a></p>',
    )


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _json(code: Code) -> dict[str, Any]:
    return {
        "error_code": code.code,
        "status": code.status,
        "class": code.kind,
        "retryable": code.retryable,
        "title": code.title,
        "explanation": code.explanation,
        "advice": code.advice,
    }


def _page(title: str, body: str) -> HTMLResponse:
    head = f'<meta charset="utf-8"><title>{escape(title)} · Sakuga</title><style>{_STYLE}</style>'
    page = f"<head>{head}</head><body><h1>{escape(title)}</h1>{body}</body>"
    return HTMLResponse(f'<!doctype html><html lang="en">{page}</html>', headers=_POLICY)
