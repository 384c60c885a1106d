"""The web as a node sees it: requests through the one door out, its errors in a node's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from app import clock
from app.egress import errors
from app.egress.client import Egress
from graphs.web import WebAnswer, WebError, WebFault, WebRequest

_DIGITS = 9


@dataclass(frozen=True, slots=True)
class NodeWeb:
    """Sends the requests of nodes under the address policy."""

    egress: Egress

    async def request(self, request: WebRequest) -> WebAnswer:
        """Send one request; raises WebError when no answer came."""
        if request.secrets:  # never without the keys it is meant to carry
            raise WebError("unsendable", "its secrets are not at hand here", sent=False)
        try:
            answer = await self.egress.request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                deadline=request.deadline,
                max_bytes=request.max_bytes,
            )
        except errors.EgressError as error:
            raise WebError(_fault(error), str(error), sent=error.sent) from error
        after = retry_after(answer.status, answer.headers)
        return WebAnswer(answer.status, answer.headers, answer.body, answer.truncated, after)


def retry_after(status: int, headers: Mapping[str, str]) -> float | None:
    """Seconds that a busy service asks to wait (RFC 9110, 10.2.3); None when it does not say."""
    if status not in {429, 503}:
        return None
    value = headers.get("retry-after", "")
    if value.isascii() and value.isdigit():
        return float(value[:_DIGITS])
    try:
        return parsedate_to_datetime(value).timestamp() - clock.wall()
    except (ValueError, OverflowError):
        return None


def _fault(error: errors.EgressError) -> WebFault:
    match error:
        case errors.UrlRefusedError() | errors.BlockedAddressError():
            return "refused"
        case errors.UnsendableError():
            return "unsendable"
        case errors.TimedOutError():
            return "timeout"
        case errors.AnswerTooLargeError():
            return "too_large"
        case _:
            return "broken" if error.sent else "unreachable"
