"""What a service's refusal means for a step: status and body become an error of the fitting class (S122)."""

import json
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from app import clock
from app.egress.client import Answer
from app.egress.errors import (
    BlockedAddressError,
    EgressError,
    TimedOutError,
    UnsendableError,
    UrlRefusedError,
)
from app.egress.masking import Masker
from app.providers.errors import UnansweredError
from graphs.errors import (
    AmbiguousError,
    NodeError,
    OperatorError,
    PermanentError,
    ThrottledError,
    TransientError,
)

_POLICY = re.compile(r"content_policy|moderation|safety|nsfw|content_filter|content moderated", re.IGNORECASE)
_UNPAID = re.compile(
    r"insufficient_quota|billing_hard_limit|insufficient.{0,10}(credit|balance)", re.IGNORECASE
)
_ADDRESS = re.compile(r"\w+://\S+|\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b")
# a gateway gave up waiting: whoever works behind it may have gone on
_GATE_TIMEOUTS = {504, 524}
_SHOWN = 240
_DIGITS = 9


def unanswered(name: str, error: EgressError, *, keyed: bool) -> NodeError:
    """A request that ended without an answer.

    Args:
        name: The service, for the text.
        error: How the exchange ended.
        keyed: Whether the service was told a key that makes another try safe.
    """
    if isinstance(error, UrlRefusedError | BlockedAddressError):
        words = f"{name}: its address may not be reached from here; see SAKUGA_EGRESS_ALLOW"
        return OperatorError("node.provider_unavailable", words)
    if isinstance(error, UnsendableError):
        return OperatorError("node.provider_unavailable", f"{name}: the request cannot be written as HTTP")
    late = isinstance(error, TimedOutError)
    if not error.sent:
        code = "node.provider_timeout" if late else "node.provider_unavailable"
        return TransientError(code, f"{name} could not be reached")
    return lost(
        name, "did not answer in time" if late else "broke off before its answer", late=late, keyed=keyed
    )


def lost(name: str, how: str, *, late: bool, keyed: bool) -> NodeError:
    """A call that left: safe to send again under its key, else nobody knows."""
    if keyed:
        code = "node.provider_timeout" if late else "node.provider_unavailable"
        return UnansweredError(code, f"{name} {how}")
    words = f"{name} {how}; whether it made and charged the pictures is unknown"
    return AmbiguousError("node.provider_outcome_unknown", words)


def garbled(name: str, what: str, *, keyed: bool) -> NodeError:
    """A paid answer that cannot be read: it may have been charged."""
    words = f"{name} {what}"
    if keyed:
        return UnansweredError("node.provider_bad_output", words)
    return AmbiguousError("node.provider_bad_output", f"{words}; whether it charged for that is unknown")


def refused(name: str, answer: Answer, credential: str, *, keyed: bool) -> NodeError:
    """What an answer that is no success means; for requests that ask for paid work."""
    if answer.status in _GATE_TIMEOUTS:
        return lost(name, f"answered {answer.status}", late=True, keyed=keyed)
    if answer.status == 409 and keyed:
        return UnansweredError("node.provider_unavailable", f"{name} still works on the try before")
    return turned_down(name, answer, credential)


def turned_down(name: str, answer: Answer, credential: str) -> NodeError:
    """What an answer that is no success means where nothing is paid, or certainly nothing was."""
    status, said = answer.status, list(_texts(answer))
    words = f"{name} answered {status}{_told(said, credential)}"
    if status == 402 or (status == 429 and any(_UNPAID.search(each) for each in said)):
        return OperatorError("node.provider_auth", f"{name} says that the account has no credit left")
    if status in {408, 429} or status >= 500:
        return _later(status, words, retry_after(answer.headers))
    if status < 400:
        words = f"{name} answered {status}: redirects are not followed; set the address it leads to"
        return OperatorError("node.provider_unavailable", words)
    if any(_POLICY.search(each) for each in said):
        return PermanentError("node.provider_content_policy", words)
    if status in {401, 403}:
        return OperatorError("node.provider_auth", f"{name} refused the credential with {status}")
    return PermanentError("node.provider_rejected_input", words)


def _later(status: int, words: str, wait: float | None) -> NodeError:
    if status == 429:
        return ThrottledError("node.provider_rate_limited", words, retry_after=wait)
    return TransientError("node.provider_unavailable", words, retry_after=wait)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds a service asks to wait (RFC 9110 §10.2.3, or in milliseconds); None: it does not say."""
    milliseconds = headers.get("retry-after-ms", "")
    if milliseconds.isascii() and milliseconds.isdigit():
        return float(milliseconds[:_DIGITS]) / 1000
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:_DIGITS])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - clock.now())
    except (ValueError, OverflowError):
        return None


def cleaned(text: str, credential: str) -> str:
    """A service's words without secrets, addresses and control characters, cut to a sentence or two."""
    if credential:
        text = Masker({"of the service": credential}).masked_text(text)
    plain = "".join(each if each.isprintable() else " " for each in _ADDRESS.sub("(address)", text))
    return " ".join(plain.split())[:_SHOWN]


def _told(said: list[str], credential: str) -> str:
    words = cleaned(max(said, key=len, default=""), credential)
    return f": {words}" if words else ""


def _texts(answer: Answer) -> Iterator[str]:
    """The texts of an error body, whichever of the usual shapes it has."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return
    yield from _inside(found, 4)
    yield answer.headers.get("x-fal-error-type", "")


def _inside(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value[:2_000]
    elif depth and isinstance(value, dict):
        for name in ("message", "msg", "detail", "error", "code", "type", "error_type", "title"):
            yield from _inside(value.get(name), depth - 1)
    elif depth and isinstance(value, list):
        for each in value[:5]:
            yield from _inside(each, depth - 1)
