"""The reserved fields of a trigger: callback_url, idempotency_key, external_id, project_id (contract §3)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.api.problems import FieldProblem
from app.delivery.callbacks import CallbackRule
from app.egress.errors import UrlRefusedError

MAX_EXTERNAL_ID = 255
_KEY = re.compile(r"[\x20-\x7e]{1,255}")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,80}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

Body = dict[str, Any]
Wrong = list[FieldProblem]


@dataclass(frozen=True, slots=True)
class Reserved:
    """What the reserved fields say; None where absent or wrong."""

    callback_url: str | None
    idempotency_key: str | None
    external_id: str | None
    project_id: str | None


def read_reserved(body: Body, header_key: bytes | None, rule: CallbackRule) -> tuple[Reserved, Wrong]:
    """The reserved fields, and what is wrong with them; null counts as absent."""
    wrong: Wrong = []
    reserved = Reserved(
        _callback_url(body, rule, wrong),
        _idempotency_key(body, header_key, wrong),
        _text(body, "external_id", _external_id, wrong),
        _text(body, "project_id", _project_id, wrong),
    )
    return reserved, wrong


def _callback_url(body: Body, rule: CallbackRule, wrong: Wrong) -> str | None:
    url = body.get("callback_url")
    if url is None:
        return None
    if not isinstance(url, str):
        wrong.append(_problem("callback_url", "wrong_type", "callback_url must be text"))
        return None
    try:
        rule.check(url)
    except UrlRefusedError as error:
        detail = f"callback_url is refused: {error}"
        wrong.append(_problem("callback_url", "callback_url_refused", detail, {"reason": error.reason}))
        return None
    return url


def _idempotency_key(body: Body, header: bytes | None, wrong: Wrong) -> str | None:
    given, sent = body.get("idempotency_key"), None
    if header is not None:
        sent = _unquoted(header.decode("latin-1"))
    if given is None and sent is None:
        return None
    for key in (given, sent):
        if key is not None and not (isinstance(key, str) and _KEY.fullmatch(key)):
            detail = "idempotency_key must be 1 to 255 printable ASCII characters"
            wrong.append(_problem("idempotency_key", "bad_idempotency_key", detail))
            return None
    if given is not None and sent is not None and given != sent:
        detail = "idempotency_key and the Idempotency-Key header differ; send one of them, or the same twice"
        wrong.append(_problem("idempotency_key", "bad_idempotency_key", detail))
        return None
    return sent if given is None else given


def _unquoted(text: str) -> str:
    """The IETF draft writes the header's key as a quoted string; most clients do not."""
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text


def _text(body: Body, name: str, rule: Callable[[str], tuple[str, str] | None], wrong: Wrong) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        wrong.append(_problem(name, "wrong_type", f"{name} must be text"))
        return None
    finding = rule(value)
    if finding is not None:
        wrong.append(_problem(name, *finding))
        return None
    return value


def _external_id(value: str) -> tuple[str, str] | None:
    if len(value) > MAX_EXTERNAL_ID:
        return "too_long", f"external_id must have at most {MAX_EXTERNAL_ID} characters"
    if not value:
        return "out_of_range", "external_id must have at least 1 character; leave it out instead"
    if _CONTROL.search(value):
        return "bad_format", "external_id must not hold control characters"
    return None


def _project_id(value: str) -> tuple[str, str] | None:
    if not _REFERENCE.fullmatch(value):
        return "unknown_value", "project_id names no project of this organisation"
    return None


def _problem(name: str, code: str, detail: str, extra: dict[str, Any] | None = None) -> FieldProblem:
    return FieldProblem(name, f"trigger.{code}", detail, f"/{name}", extra=extra)
