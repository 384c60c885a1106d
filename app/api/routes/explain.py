"""The pages that error documents point at: what a code means and what to do (RFC 9457 `type`)."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from app.api import codes
from app.api.codes import Code
from app.api.problems import ProblemError
from app.tongues import chosen

router = APIRouter(tags=["Problems"])
_FRAME = {
    "en": {
        "Error codes": "Error codes",
        "All codes": "All codes",
        "HTTP status": "HTTP status",
        "What to do": "What to do",
        "Class": "Class",
        "permanent": "Permanent: the same request would fail again.",
        "transient": "Transient: it is tried again on the retry schedule.",
        "wait": "Wait: nothing is wrong, only not yet.",
        "ambiguous": "Ambiguous: looked up first, never sent again blindly.",
        "operator": "Operator: the people who run the system have to act.",
    },
    "de": {
        "Error codes": "Fehlercodes",
        "All codes": "Alle Codes",
        "HTTP status": "HTTP-Status",
        "What to do": "Was zu tun ist",
        "Class": "Klasse",
        "permanent": "Dauerhaft: Dieselbe Anfrage würde wieder scheitern.",
        "transient": "Vorübergehend: Es wird nach Plan erneut versucht.",
        "wait": "Warten: Nichts ist falsch, nur noch nicht so weit.",
        "ambiguous": "Ungewiss: wird zuerst nachgeschlagen, nie blind erneut gesendet.",
        "operator": "Betrieb: Die Betreiber des Systems müssen handeln.",
    },
    "ja": {
        "Error codes": "エラーコード",
        "All codes": "すべてのコード",
        "HTTP status": "HTTP ステータス",
        "What to do": "対処",
        "Class": "分類",
        "permanent": "恒久的: 同じリクエストは再び失敗します。",
        "transient": "一時的: 自動で再試行します。",
        "wait": "待機: 問題はありません。まだ処理できないだけです。",
        "ambiguous": "不明: 先に照会し、自動で再送することはありません。",
        "operator": "運用: システムの運用者の対応が必要です。",
    },
}
_STYLE = (
    'body{font:15px/1.6 -apple-system,BlinkMacSystemFont,"Inter","Segoe UI","Noto Sans","Helvetica Neue",'
    '"Liberation Sans","Noto Sans CJK JP",Arial,sans-serif;max-width:42rem;margin:0 auto;padding:12vh 1rem;'
    "background:light-dark(#f6f6f7,#0d0d10);color:light-dark(#17171a,#ededf0);color-scheme:light dark;"
    "line-break:strict}main{background:light-dark(#fff,#141417);border:1px solid light-dark(#e3e3e7,#26262c);"
    "border-radius:11px;padding:26px}h1{font-size:1.35rem;line-height:1.3;letter-spacing:-.017em;margin:0}"
    "code{font:.92em ui-monospace,monospace;color:light-dark(#4d4d57,#b0b0ba)}"
    "a{color:light-dark(#4338ca,#aaa6ff)}dt{margin-top:1rem;font-size:.85em;color:light-dark(#4d4d57,#b0b0ba)}"
    "dd,h1+p{margin:2px 0 0}"
)
_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}


@router.get("/problems", summary="Every error code", openapi_extra={"security": []})
async def all_codes(request: Request) -> Response:
    if not _wants_page(request):
        return JSONResponse({"items": [_json(each) for each in codes.table().values()], "next_cursor": None})
    language = _language(request)
    rows = "".join(
        f'<dt><a href="/problems/{escape(each.code)}"><code>{escape(each.code)}</code></a></dt>'
        f"<dd>{escape(each.title)}</dd>"
        for each in codes.spoken(language).values()
    )
    return _page(_FRAME[language]["Error codes"], f"<dl>{rows}</dl>", language)


@router.get("/problems/{code}", summary="What an error code means", openapi_extra={"security": []})
async def explain(code: str, request: Request) -> Response:
    found = codes.find(code)
    if found is None:
        raise ProblemError("http.not_found", "there is no such error code; /problems lists all of them")
    if not _wants_page(request):
        return JSONResponse(_json(found))
    language = _language(request)
    found, words = codes.spoken(language)[code], _FRAME[language]
    status = f"<dt>{words['HTTP status']}</dt><dd>{found.status}</dd>" if found.status else ""
    return _page(
        found.title,
        f"<p><code>{escape(found.code)}</code></p><p>{escape(found.explanation)}</p>"
        f"<p><strong>{words['What to do']}:</strong> {escape(found.advice)}</p>"
        f"<dl>{status}<dt>{words['Class']}</dt><dd>{escape(words[found.kind])}</dd></dl>"
        f'<p><a href="/problems">{words["All codes"]}</a></p>',
        language,
    )


def _language(request: Request) -> str:
    return chosen(request.cookies, request.headers.get("accept-language", ""))


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


def _page(title: str, body: str, language: str) -> HTMLResponse:
    phone = '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head = f'<meta charset="utf-8">{phone}<title>{escape(title)} · Sakuga</title><style>{_STYLE}</style>'
    page = f"<head>{head}</head><body><main><h1>{escape(title)}</h1>{body}</main></body>"
    varies = {"vary": "Accept, Accept-Language, Cookie", "content-language": language}
    return HTMLResponse(
        f'<!doctype html><html lang="{language}">{page}</html>', headers={**_POLICY, **varies}
    )
