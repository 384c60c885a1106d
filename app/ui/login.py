"""The door: a plain page without NiceGUI, so that nobody who is not signed in gets a client (S8)."""

from html import escape
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app.identity.sessions import COOKIE, LIFETIME
from app.ui import theme
from app.ui.guard import local_target, origin_of, session_cookie
from app.ui.lang.links import PARAMETER, asked, keep, links
from app.ui.lang.say import said, t, use
from app.wiring import System

_LONGEST_BODY = 4096
_NO_STORE = {"cache-control": "no-store"}
_MARK = """<span class="sk-brand__mark"><svg viewBox="0 0 24 24" fill="none" aria-hidden="true">
<path d="M5 19V5l14 14V5" stroke="currentColor" stroke-width="3.4"/>
</svg></span>"""


def login_routes(system: System) -> list[Route]:
    """`/login`: the form, and the links that sign in (contract §1)."""
    door = _Door(system)
    return [Route("/login", door.show, methods=["GET"]), Route("/login", door.enter, methods=["POST"])]


class _Door:
    def __init__(self, system: System) -> None:
        self._system = system
        self._secure = system.public_url.startswith("https://")

    async def show(self, request: Request) -> Response:
        query = request.query_params
        target = local_target(query.get("next"))
        if "token" in query:
            opened = await to_thread.run_sync(self._system.sessions.redeem, query["token"])
            return self._entered(opened, target, request, _USED_LINK)
        if "key" in query:
            return self._entered(
                await to_thread.run_sync(self._open, query["key"]), target, request, _WRONG_KEY
            )
        known = await to_thread.run_sync(self._system.sessions.read, session_cookie(request.headers))
        return RedirectResponse(target, 303, headers=_NO_STORE) if known else _page(target, request)

    async def enter(self, request: Request) -> Response:
        origin = request.headers.get("origin")
        mine = {origin_of(self._system.public_url), f"{request.url.scheme}://{request.headers.get('host')}"}
        if origin is not None and origin not in mine:
            return HTMLResponse("requests from another origin are refused", 403)
        form = parse_qs((await request.body())[:_LONGEST_BODY].decode("utf-8", "replace"))
        key, target = form.get("key", [""])[0].strip(), local_target(form.get("next", [None])[0])
        return self._entered(await to_thread.run_sync(self._open, key), target, request, _WRONG_KEY)

    def _open(self, key: str) -> str | None:
        identity = self._system.keys.authenticate(key)
        return None if identity is None else self._system.sessions.open(identity.key_id)

    def _entered(self, session: str | None, target: str, request: Request, problem: str) -> Response:
        if session is None:
            return _page(target, request, problem)
        answer = RedirectResponse(target, 303, headers={**_NO_STORE, "referrer-policy": "no-referrer"})
        answer.set_cookie(
            COOKIE,
            session,
            max_age=int(LIFETIME),
            httponly=True,
            samesite="lax",
            secure=self._secure,
            path="/",
        )
        return answer


_WRONG_KEY = said("This key is not known, or it was revoked. Check for missing characters.")
_USED_LINK = said("This sign-in link was used already or has expired.")


def _page(target: str, request: Request, problem: str = "") -> Response:
    language = asked(request)
    with use(language):
        page = _said(target, theme.chosen(request.cookies), language, problem)
    answer = HTMLResponse(page, 401 if problem else 200, headers=_NO_STORE)
    return keep(answer, request.query_params.get(PARAMETER))


def _said(target: str, chosen: str, language: str, problem: str) -> str:
    dressed = {"dark": ' class="body--dark"', "light": ' class="body--light"'}.get(chosen, "")
    warning = (
        f'<p class="sk-field__error" role="alert" id="problem">{escape(t(problem))}</p>' if problem else ""
    )
    described = ' aria-invalid="true" aria-describedby="problem"' if problem else ""
    command = "<code>sakuga key create</code>"
    lost = escape(t("Key lost? Make a new one on the server: {command}")).replace("{command}", command)
    use_key = t("Use an API key. The command that started Sakuga printed one, and a sign-in link.")
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8">
<title>{escape(t("Sign in"))} · Sakuga</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="{escape(theme.FAVICON)}">
{theme.head()}</head><body{dressed}><main class="sk-door"><form method="post" action="/login" class="sk-card">
<div class="sk-brand">{_MARK}<span>Sakuga</span></div>
<div class="sk-stack sk-stack--tight"><h1>{escape(t("Sign in"))}</h1>
<p class="sk-muted">{escape(use_key)}</p></div>
<div class="sk-field"><label class="sk-field__label" for="key">{escape(t("API key"))}</label>
<input id="key" name="key" type="password" autocomplete="current-password" required
 minlength="24" maxlength="255" spellcheck="false" autocapitalize="off" placeholder="sk_…" autofocus
{described}>{warning}</div>
<input type="hidden" name="next" value="{escape(target)}">
<button type="submit">{escape(t("Sign in"))}</button>
<p class="sk-hint">{lost}</p>
{links(language, {"next": target})}</form></main></body></html>"""
