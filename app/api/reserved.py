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


def read_reserved(body: Body, header_keys: list[bytes], rule: CallbackRule) -> tuple[Reserved, Wrong]:
    """The reserved fields, and what is wrong with them; null counts as absent.

    Args:
        body: The trigger's body.
        header_keys: Every Idempotency-Key header of the request.
        rule: Where a callback may go.
    """
    wrong: Wrong = []
    reserved = Reserved(
        _callback_url(body, rule, wrong),
        _idempotency_key(body, header_keys, wrong),
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


def _idempotency_key(body: Body, headers: list[bytes], wrong: Wrong) -> str | None:
    given = body.get("idempotency_key")
    keys = [_unquoted(header.decode("latin-1")) for header in headers]
    keys += [] if given is None else [given]
    if not keys:
        return None
    if not all(isinstance(key, str) and _KEY.fullmatch(key) for key in keys):
        detail = "idempotency_key must be 1 to 255 printable ASCII characters"
        wrong.append(_problem("idempotency_key", "bad_idempotency_key", detail))
        return None
    if len(set(keys)) > 1:
        detail = "idempotency_key and the Idempotency-Key header differ; send one of them, or the same twice"
        wrong.append(_problem("idempotency_key", "bad_idempotency_key", detail))
        return None
    return str(keys[0])


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
