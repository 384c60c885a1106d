"""Every exception becomes a problem document; no answer ever wears a framework's own shape."""

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from app.api.asset_views import naming_json
from app.api.budget import over_budget
from app.api.context import call_in
from app.api.intake import ClientGoneError
from app.api.problems import FieldProblem, ProblemError, invalid, not_found, render
from app.api.routes.secrets import use_json
from app.api.routes.workflow_views import callers_json
from app.assets.imaging.errors import ImageRefusedError
from app.assets.library import StoreFailedError
from app.engine.money import BudgetExhaustedError
from app.engine.records import IdempotencyMismatchError
from app.engine.writer import QueueFullError, StoreUnavailableError
from app.identity import errors as identity
from app.identity.secrets import InUseError
from app.workflows import errors as workflows
from app.workflows.keeping import NotRerunnableError
from app.workflows.pictures import PictureInUseError, PictureUnknownError
from app.workflows.sheet import SheetError
from app.workflows.starts import RunUnknownError
from app.workflows.verdicts import RowBusyError
from graphs.errors import MalformedDocumentError
from graphs.trigger import TriggerInvalid

Translate = Callable[[Any], ProblemError]
_HTTP = {
    404: "http.not_found",
    405: "http.method_not_allowed",
    406: "http.not_acceptable",
    413: "http.body_too_large",
    415: "http.unsupported_media_type",
    429: "http.too_many_requests",
    503: "http.unavailable",
}
_LOG = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Answer every exception of the table, and whatever else may come up, with a problem."""
    for kind, translate in _TABLE.items():
        app.add_exception_handler(kind, _handler(translate))
    app.add_exception_handler(Exception, _unexpected)


def respond(problem: ProblemError, request: Request) -> Response:
    call = call_in(request.scope)
    status, body, headers = render(problem, call)
    if request.method == "HEAD":
        body = b""
    return Response(body, status, {**headers, "x-request-id": call.request_id})


def _handler(translate: Translate) -> Any:
    async def handle(request: Request, error: Exception) -> Response:
        return respond(translate(error), request)

    return handle


async def _unexpected(request: Request, error: Exception) -> Response:
    call = call_in(request.scope)
    _LOG.error("request_failed", exc_info=error, request_id=call.request_id, trace_id=call.trace_id)
    return respond(ProblemError("http.internal", "something went wrong on our side"), request)


def _http(error: HTTPException) -> ProblemError:
    code = _HTTP.get(
        error.status_code, "http.invalid_request" if error.status_code < 500 else "http.internal"
    )
    details = {404: "there is nothing at this address", 405: "this address does not take this method"}
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    detail = details.get(error.status_code, str(error.detail))
    return ProblemError(code, detail, headers=headers, status=error.status_code)


def _parameters(error: RequestValidationError) -> ProblemError:
    return invalid(_parameter(each) for each in error.errors())


def _parameter(error: Mapping[str, Any]) -> FieldProblem:
    field = ".".join(str(part) for part in error["loc"][1:]) or str(error["loc"][0])
    return FieldProblem(
        field, "http.invalid_request", f"{field}: {error['msg'][:1].lower()}{error['msg'][1:]}"
    )


def _field(error: Any) -> ProblemError:
    pointer = "/" + error.field.replace(".", "/")
    return invalid([FieldProblem(error.field, "http.invalid_request", str(error), pointer)])


def _draft_changed(error: workflows.DraftChangedError) -> ProblemError:
    return ProblemError("workflow.draft_changed", str(error), headers={"etag": error.etag})


def _breaking(error: workflows.BreakingChangeError) -> ProblemError:
    met = {id(each.change): each.callers for each in error.affected}
    changes = [
        FieldProblem(
            change.field,
            "workflow.breaking_change",
            change.text,
            extra={"callers": callers_json(met.get(id(change), ()))},
        )
        for change in error.changes
        if change.breaking
    ]
    return ProblemError("workflow.breaking_change", str(error), errors=changes)


def _in_use(error: InUseError) -> ProblemError:
    uses = [
        FieldProblem(None, "secret.in_use", f"{each.workflow}, version {each.version}", extra=use_json(each))
        for each in error.uses
    ]
    return ProblemError("secret.in_use", str(error), errors=uses)


def _unpublishable(error: workflows.UnpublishableError) -> ProblemError:
    return invalid(
        FieldProblem(
            *(each.field, each.code, each.message),
            did_you_mean=each.did_you_mean,
            extra={"node_id": each.node_id},
        )
        for each in error.problems
    )


def _malformed(error: MalformedDocumentError) -> ProblemError:
    return invalid(
        FieldProblem(each.field, each.code, each.reason, extra={"node_id": each.node_id})
        for each in (error, *error.others)
    )


def _trigger(error: TriggerInvalid | workflows.InvalidFieldsError) -> ProblemError:
    return invalid(
        FieldProblem(each.field, each.code, each.detail, each.pointer, each.allowed, each.did_you_mean)
        for each in error.errors
    )


def _not_rerunnable(error: NotRerunnableError) -> ProblemError:
    wrong = FieldProblem(error.field, "run.not_rerunnable", error.reason)
    return ProblemError("run.not_rerunnable", error.reason, errors=[wrong])


def _picture_refused(error: ImageRefusedError) -> ProblemError:
    return invalid([FieldProblem("file", "asset.refused", str(error), extra={"reason": error.reason})])


def _picture_in_use(error: PictureInUseError) -> ProblemError:
    told = str(error)
    uses = [FieldProblem("asset_id", "asset.in_use", told, extra=naming_json(each)) for each in error.uses]
    return ProblemError("asset.in_use", str(error), errors=uses)


def _store_failed(_: Exception) -> ProblemError:
    detail = "the asset store does not answer; nothing was changed"
    return ProblemError("http.unavailable", detail, headers={"retry-after": "5"})


def _mismatch(_: Exception) -> ProblemError:
    detail = "this idempotency key was used before with something else; use a new key"
    return invalid([FieldProblem("idempotency_key", "trigger.idempotency_mismatch", detail)])


def _unavailable(_: Exception) -> ProblemError:
    detail = "the database cannot be reached; nothing was changed"
    return ProblemError("http.unavailable", detail, headers={"retry-after": "2"})


_TABLE: dict[type[Exception], Translate] = {
    ProblemError: lambda error: error,
    HTTPException: _http,
    RequestValidationError: _parameters,
    ClientGoneError: lambda _: ProblemError("http.request_timeout", "the client went away"),
    identity.ScopeError: lambda error: ProblemError("auth.scope", str(error)),
    identity.UnknownError: lambda error: not_found(error.kind),
    identity.TakenError: lambda error: ProblemError("http.conflict", str(error)),
    identity.BusyError: lambda error: ProblemError("http.conflict", str(error)),
    identity.InvalidError: _field,
    InUseError: _in_use,
    workflows.WorkflowUnknownError: lambda error: not_found(
        "workflow" if error.version is None else "version"
    ),
    workflows.NotPublishedError: lambda error: ProblemError("trigger.workflow_not_published", str(error)),
    workflows.ArchivedError: lambda error: ProblemError("trigger.workflow_archived", str(error)),
    workflows.SlugTakenError: lambda error: ProblemError("workflow.slug_taken", str(error)),
    workflows.BadFieldError: _field,
    workflows.DraftChangedError: _draft_changed,
    workflows.BreakingChangeError: _breaking,
    workflows.UnpublishableError: _unpublishable,
    workflows.InvalidFieldsError: _trigger,
    SheetError: lambda error: invalid([FieldProblem("file", "http.invalid_request", str(error))]),
    IdempotencyMismatchError: _mismatch,
    ImageRefusedError: _picture_refused,
    StoreFailedError: _store_failed,
    PictureUnknownError: lambda _: not_found("picture"),
    PictureInUseError: _picture_in_use,
    RowBusyError: lambda error: ProblemError("http.conflict", str(error)),
    workflows.WayUnknownError: lambda error: not_found(error.kind),
    MalformedDocumentError: _malformed,
    TriggerInvalid: _trigger,
    RunUnknownError: lambda _: not_found("run"),
    NotRerunnableError: _not_rerunnable,
    BudgetExhaustedError: over_budget,
    StoreUnavailableError: _unavailable,
    SQLAlchemyError: _unavailable,
    QueueFullError: lambda _: ProblemError(
        "http.too_many_requests", "too much is waiting to be stored", headers={"retry-after": "1"}
    ),
}
