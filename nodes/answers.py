"""What an HTTP answer means for a step: what passes, what stays, what nobody knows (contract §6)."""

from collections.abc import Collection
from typing import Any

from graphs.errors import AmbiguousError, NodeError, OperatorError, PermanentError, TransientError
from graphs.source import Source
from graphs.strictjson import StrictJsonError, read_value
from graphs.web import WebAnswer, WebError
from nodes.conditions import picked

_UNKNOWN = "node.provider_outcome_unknown"
# a gateway spoke for a server that may have done the work
_GATEWAY = frozenset({502, 504})


def readable(expression: str) -> None:
    """Refuse an expression that is no JMESPath; raises ValueError."""
    if expression:
        Source(expression)


def statuses(expected: tuple[int, ...]) -> tuple[int, ...]:
    """Refuse what cannot be the status of an answer; raises ValueError."""
    wrong = next((status for status in expected if not 200 <= status <= 599), None)
    if wrong is not None:
        raise ValueError(f"{wrong} is no status of an answer; they run from 200 to 599")
    return expected


def unanswered(error: WebError, *, protected: bool) -> NodeError:
    """The error of a step whose request got no answer."""
    if error.fault in {"refused", "unsendable"}:
        return PermanentError("node.provider_rejected_input", f"Not sent: {error.words}.", field="url")
    if error.fault == "too_large":
        return PermanentError("node.asset_too_large", f"{error.words}.")
    if error.sent and not protected:
        words = f"{error.words}; whether the request was carried out is not known."
        return AmbiguousError(_UNKNOWN, words)
    code = "node.provider_timeout" if error.fault == "timeout" else "node.provider_unavailable"
    return TransientError(code, f"{error.words}.")


def judge(answer: WebAnswer, expect: Collection[int], *, protected: bool) -> None:
    """Return when the status is right; raise the error of the fitting class when it is not."""
    status, words = answer.status, f"The receiver answered {answer.status}"
    if status in expect or (not expect and 200 <= status < 300):
        return
    if 300 <= status < 400:
        words += ", a redirect; redirects are not followed, set the address it leads to."
        raise PermanentError("node.provider_rejected_input", words, field="url")
    if status in {401, 403}:
        raise OperatorError("node.provider_auth", f"{words}: it refuses the credentials that were sent.")
    if status == 429:
        raise TransientError(
            "node.provider_rate_limited", f"{words}: too many requests.", retry_after=answer.retry_after
        )
    if status >= 500:
        raise _broken(answer, words, protected=protected)
    if status >= 400:
        raise PermanentError("node.provider_rejected_input", f"{words}: it refuses the request.")
    raise PermanentError("node.provider_bad_output", f"{words}, which is not one of the expected statuses.")


def read(answer: WebAnswer, pick: str) -> dict[str, Any]:
    """The outputs of an answer; what it does not hold does not fire.

    Raises:
        PermanentError: It is too large, or has no JSON to pick from.
    """
    if answer.truncated:
        raise PermanentError("node.asset_too_large", "The answer is larger than 1 MiB.")
    outputs: dict[str, Any] = {"status": answer.status}
    text = _text(answer.body)
    if text is not None:
        outputs["text"] = text
    try:
        outputs["payload"] = read_value(answer.body)
    except StrictJsonError as error:
        if pick:
            words = f"The answer is not JSON: it {error.reason}."
            raise PermanentError("node.provider_bad_output", words, field="pick") from error
        return outputs
    part = picked(outputs.pop("payload"), pick)
    return outputs if part is None else outputs | {"payload": part}


def _broken(answer: WebAnswer, words: str, *, protected: bool) -> NodeError:
    status = answer.status
    if protected or status == 503:
        return TransientError("node.provider_unavailable", f"{words}.", retry_after=answer.retry_after)
    if status in _GATEWAY:
        return AmbiguousError(_UNKNOWN, f"{words}; whether the request was carried out is not known.")
    return PermanentError("node.provider_unavailable", f"{words}; it is not safe to send it again.")


def _text(body: bytes) -> str | None:
    try:
        found = body.decode()
    except UnicodeDecodeError:
        return None
    # no database takes a NUL in text
    return None if "\0" in found else found
