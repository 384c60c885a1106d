"""``/f/{token}``: the form of a workflow, for members or for everybody (S1).

Without a session a page gets no NiceGUI client; these pages are plain HTML and belong to the form's caller.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, quote

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from app import clock
from app.api.intake import ClientGoneError, read_body
from app.api.problems import ProblemError
from app.engine import waits
from app.engine.money import BudgetExhaustedError
from app.engine.records import IdempotencyMismatchError
from app.engine.writer import QueueFullError, StoreUnavailableError
from app.identity.roles import allowed
from app.store import runs as run_rows
from app.store.forms import FormRow
from app.store.runs import RunRow, Scope
from app.tongues import LANGUAGES
from app.ui import theme
from app.ui.formhtml import Shown, form_page, result_page, told_page
from app.ui.guard import origin_of, session_cookie
from app.ui.lang.heard import heard
from app.ui.lang.links import PARAMETER, asked, keep
from app.ui.lang.say import said, t, use
from app.ui.rows import load_object
from app.ui.throttle import Throttle
from app.ui.words import RUN, WAITS, look
from app.wiring import System
from app.workflows.errors import WorkflowError
from app.workflows.flat import fillable
from graphs.fields import FieldSpec
from graphs.trigger import TriggerInvalid

LONGEST = 128 * 1024
LIFETIME = 12 * 3600.0
TICKET = ".ticket"
Answer = Callable[[Request], Awaitable[Response]]
_NO_STORE = {"cache-control": "no-store"}
_GONE = (
    said("This form is not available"),
    said("Ask whoever gave you the address for the one that is in use now."),
)
_UNREADABLE = (
    said("This could not be read"),
    said("It was too long, or not what a form sends. Shorten it and send it again."),
)
_ELSEWHERE = (said("This came from another page"), said("Open the form itself and send it there."))
_BUSY = (said("That was too much at once"), said("Wait a few minutes, then send it again."))


class _RefusedError(Exception):
    def __init__(self, answer: Response) -> None:
        super().__init__("refused")
        self.answer = answer


def form_routes(system: System) -> list[Route]:
    """The form, its sending, and the page of one result."""
    page = FormPages(system)
    return [
        Route("/f/{token}", _spoken(page.show), methods=["GET"]),
        Route("/f/{token}", _spoken(page.send), methods=["POST"]),
        Route("/f/{token}/{reference}", _spoken(page.result), methods=["GET"]),
    ]


def _spoken(answer: Answer) -> Answer:
    """Answer in the language of the address or the visitor, and remember the former."""

    async def spoken(request: Request) -> Response:
        with use(asked(request)):
            return keep(await answer(request), request.query_params.get(PARAMETER))

    return spoken


class FormPages:
    """Answers the addresses of forms; whoever may not use one learns no more than that."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._key = system.vault.derive("sakuga forms")
        self._throttle = Throttle(most=20, seconds=600.0)

    async def show(self, request: Request) -> Response:
        try:
            row = await self._row(request)
            fields = await self._fields(request, row)
        except _RefusedError as refused:
            return refused.answer
        query = request.query_params.items()
        values = {name: value[:2_000] for name, value in query if name != PARAMETER}
        return self._form(request, row, fields, values, {})

    async def send(self, request: Request) -> Response:
        try:
            row = await self._row(request)
            self._check_origin(request)
            self._check_rate(request, row)
            texts = await _texts(request)
            fields = await self._fields(request, row)
            language = texts.pop(PARAMETER, "")
            if language in LANGUAGES:
                with use(language):
                    return keep(self._form(request, row, fields, texts, {}), language)
            return await self._start(request, row, fields, texts)
        except _RefusedError as refused:
            return refused.answer

    async def result(self, request: Request) -> Response:
        try:
            row = await self._row(request)
        except _RefusedError as refused:
            return refused.answer
        run_id, _, proof = request.path_params["reference"].partition(".")
        if not hmac.compare_digest(proof.encode(), self._sign("run", row.token, run_id).encode()):
            return _told(request, *_GONE, 404)
        shown = await to_thread.run_sync(self._shown, row, run_id)
        if shown is None:
            return _told(request, *_GONE, 404)
        return HTMLResponse(_with_nonce(request, result_page(row, shown, _theme(request))), headers=_NO_STORE)

    async def _start(
        self, request: Request, row: FormRow, fields: tuple[FieldSpec, ...], texts: dict[str, str]
    ) -> Response:
        ticket = texts.pop(TICKET, "")
        if not self._honest(ticket, row, request):
            notice = t("This page was open for too long. Look it over and send it again.")
            return self._form(request, row, fields, texts, {}, notice, 403)
        try:
            started = await self._system.forms.submit(row, texts, ticket)
        except TriggerInvalid as error:
            told = {each.field: _sentence(each.field, each.detail) for each in error.errors}
            return self._form(request, row, fields, texts, told, status=422)
        except (IdempotencyMismatchError, BudgetExhaustedError) as error:
            notice, status = _unsent(error)
            return self._form(request, row, fields, texts, {}, notice, status)
        except WorkflowError:
            return _told(request, *_GONE, 404)
        except (QueueFullError, StoreUnavailableError):
            return _told(request, *_BUSY, 503, {"retry-after": "5"})
        proof = self._sign("run", row.token, started.run_id)
        return RedirectResponse(f"/f/{row.token}/{started.run_id}.{proof}", 303, headers=_NO_STORE)

    async def _row(self, request: Request) -> FormRow:
        row = await to_thread.run_sync(self._system.forms.by_token, request.path_params["token"])
        if row is None:
            raise _RefusedError(_told(request, *_GONE, 404))
        if row.open:
            return row
        identity = await to_thread.run_sync(self._system.sessions.read, session_cookie(request.headers))
        if identity is None:
            target = quote(request.url.path, safe="/")
            raise _RefusedError(RedirectResponse(f"/login?next={target}", 303, headers=_NO_STORE))
        if identity.org_id != row.org_id or not allowed(identity, "runs.trigger"):
            raise _RefusedError(_told(request, *_GONE, 404))
        return row

    async def _fields(self, request: Request, row: FormRow) -> tuple[FieldSpec, ...]:
        try:
            published = await to_thread.run_sync(self._system.forms.published, row)
        except WorkflowError:
            raise _RefusedError(_told(request, *_GONE, 404)) from None
        return fillable(published.trigger.fields)

    def _check_rate(self, request: Request, row: FormRow) -> None:
        if row.open and not self._throttle.take(f"{row.token} {_address(request)}"):
            raise _RefusedError(_told(request, *_BUSY, 429, {"retry-after": "300"}))

    def _check_origin(self, request: Request) -> None:
        origin = request.headers.get("origin")
        mine = {origin_of(self._system.public_url), f"{request.url.scheme}://{request.headers.get('host')}"}
        site = request.headers.get("sec-fetch-site", "same-origin")
        if (origin is not None and origin not in mine) or site not in {"same-origin", "none"}:
            raise _RefusedError(_told(request, *_ELSEWHERE, 403))

    def _form(  # noqa: PLR0917 - a page from its parts
        self,
        request: Request,
        row: FormRow,
        fields: tuple[FieldSpec, ...],
        values: dict[str, str],
        errors: dict[str, str],
        notice: str = "",
        status: int = 200,
    ) -> Response:
        page = form_page(row, fields, values, errors, self._ticket(row, request), notice, _theme(request))
        return HTMLResponse(page, status, headers=_NO_STORE)

    def _ticket(self, row: FormRow, request: Request) -> str:
        """What a sent form must bring back: made by us, for this form and visitor, not long ago."""
        body = f"{int(clock.wall())}-{secrets.token_urlsafe(12)}"
        return f"{body}.{self._sign('form', row.token, self._visitor(row, request), body)}"

    def _honest(self, ticket: str, row: FormRow, request: Request) -> bool:
        body, _, proof = ticket.rpartition(".")
        wanted = self._sign("form", row.token, self._visitor(row, request), body)
        issued = body.partition("-")[0]
        if not hmac.compare_digest(proof.encode(), wanted.encode()) or not issued.isdigit():
            return False
        return -60 <= clock.wall() - int(issued) <= LIFETIME

    @staticmethod
    def _visitor(row: FormRow, request: Request) -> str:
        return "" if row.open else session_cookie(request.headers)

    def _sign(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:40]

    def _shown(self, row: FormRow, run_id: str) -> Shown | None:
        with self._system.db.read() as connection:
            run = run_rows.get(connection, Scope(row.org_id), run_id)
            payloads = run_rows.payloads(connection, run_id) if run else None
            (run,) = waits.present(connection, [run]) if run else (None,)
        if run is None or payloads is None or run.source != "form":
            return None
        outputs = load_object(payloads.result).get("outputs") or []
        library = self._system.library
        pictures = tuple((library.path(f"{each['sha256']}.{each['format']}"), _alt(each)) for each in outputs)
        return Shown(look(RUN, run.status), _told_of(run), pictures, run.is_open)


def _told_of(run: RunRow) -> str:
    """How a run stands in one sentence that names nothing inside."""
    if run.is_open:
        wait = json.loads(run.wait) if run.wait else {}
        reason = WAITS.get(str(wait.get("reason")))
        if reason is None:
            return t("Your pictures are being made. They appear here.")
        place = (
            t("You are number {number} in the queue.", number=wait["position"])
            if wait.get("position")
            else ""
        )
        follows = t("This page follows by itself.")
        return " ".join(each for each in (t("{reason}.", reason=t(reason)), place, follows) if each)
    if run.status == "succeeded":
        return t("Done. Click a picture to see it whole.")
    cancelled = t("This one was cancelled.")
    return cancelled if run.status == "cancelled" else t("This one did not work out. Try again.")


def _unsent(error: Exception) -> tuple[str, int]:
    """Why nothing was started although all fields are right, and the status that says so."""
    if isinstance(error, BudgetExhaustedError):
        return t("No more can be made today. Send this again tomorrow."), 402
    return t("You sent this page before with other values. Send it again to make another."), 409


def _sentence(name: str, detail: str) -> str:
    if detail == f"{name} is required":
        return t("This field is required")
    plain = detail.removeprefix(f"{name}: ").removeprefix(f"{name} ")
    return heard(plain)


def _alt(output: dict[str, object]) -> str:
    return str(output.get("alt_text") or output.get("platform_code") or t("Generated picture"))


async def _texts(request: Request) -> dict[str, str]:
    try:
        raw = await read_body(dict(request.scope["headers"]), request.receive, LONGEST, "http")
        found = parse_qs(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=300, errors="strict")
    except (ProblemError, UnicodeDecodeError, ValueError) as error:
        status = error.status if isinstance(error, ProblemError) else 422
        raise _RefusedError(_told(request, *_UNREADABLE, status)) from None
    except ClientGoneError:
        raise _RefusedError(Response(status_code=400)) from None
    return {name: values[-1] for name, values in found.items()}


def _address(request: Request) -> str:
    return request.client.host if request.client else "-"


def _theme(request: Request) -> str:
    return theme.chosen(request.cookies)


def _with_nonce(request: Request, page: str) -> str:
    return page.replace("<script>", f'<script nonce="{request.scope["state"]["csp_nonce"]}">')


def _told(
    request: Request, heading: str, told: str, status: int, headers: dict[str, str] | None = None
) -> Response:
    page = told_page(t(heading), t(told), _theme(request))
    return HTMLResponse(page, status, {**_NO_STORE, **(headers or {})})
