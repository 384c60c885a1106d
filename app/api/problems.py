"""Problem documents (RFC 9457) with the members of contract §6; nothing else ever answers an error."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.api import codes
from app.api.context import Call

MEDIA_TYPE = "application/problem+json"

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One wrong field. `code` is a full error code; `pointer` a JSON Pointer into the body (RFC 6901)."""

    field: str | None
    code: str
    detail: str
    pointer: str | None = None
    allowed: tuple[Any, ...] | None = None
    did_you_mean: str | None = None
    extra: Mapping[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        entry: dict[str, Any] = {
            "field": self.field,
            "pointer": None if self.pointer is None else f"#{self.pointer}",
            "code": self.code.partition(".")[2],
            "error_code": self.code,
            "detail": self.detail,
            **(self.extra or {}),
        }
        if self.allowed is not None:
            entry["allowed"] = list(self.allowed)
        if self.did_you_mean is not None:
            entry["did_you_mean"] = self.did_you_mean
        return entry


class ProblemError(Exception):
    """A request is answered with a problem.

    Args:
        code: One of the table in `codes`.
        detail: One sentence for the person who has to act, free of secrets and addresses.
        errors: Every wrong field; the first also becomes `invalid_field`.
        headers: Further response headers.
        extra: Further members of the document.
        status: The HTTP status, where it is not the code's own.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Iterable[FieldProblem] = (),
        headers: Headers | None = None,
        extra: Mapping[str, Any] | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = headers or {}
        self.extra = dict(extra or {})
        known = codes.find(code)
        self.status = status or (known.status if known else None) or 500

    @property
    def invalid_field(self) -> str | None:
        return self.errors[0].field if self.errors else None


def invalid(errors: Iterable[FieldProblem], *, status: int | None = None) -> ProblemError:
    """A problem made of wrong fields; the first one gives it its code."""
    found = tuple(errors)
    detail = found[0].detail if len(found) == 1 else "; ".join(each.detail for each in found[:5])
    return ProblemError(found[0].code, detail, errors=found, status=status)


def not_found(what: str = "object") -> ProblemError:
    """The one answer for unknown things and for things of another organisation (S6)."""
    return ProblemError("auth.not_found", f"there is no such {what}")


def document(problem: ProblemError, call: Call) -> dict[str, Any]:
    """The body of the answer."""
    code = codes.find(problem.code)
    return {
        "type": f"{call.public_url}/problems/{problem.code}",
        "title": code.title if code else problem.code,
        "status": problem.status,
        "detail": problem.detail,
        "instance": f"/requests/{call.request_id}",
        "error_code": problem.code,
        "error_description": problem.detail,
        "invalid_field": problem.invalid_field,
        "retryable": code.retryable if code else False,
        "request_id": call.request_id,
        "trace_id": call.trace_id,
        "errors": [each.to_json() for each in problem.errors],
        **problem.extra,
    }


def render(problem: ProblemError, call: Call) -> tuple[int, bytes, Headers]:
    """Status, body and headers of the answer."""
    body = json.dumps(document(problem, call), ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )
    return problem.status, body, {"content-type": MEDIA_TYPE, "cache-control": "no-store", **problem.headers}
