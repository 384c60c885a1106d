"""One attempt of a delivery: sign, send, judge the answer (contract §5)."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog

from app import clock
from app.delivery.signing import SigningError, sign
from app.egress.client import Answer, Egress
from app.egress.errors import EgressError
from app.engine.records import DeliveryResult, Outgoing
from app.engine.web import retry_after
from app.identity.errors import VaultError
from graphs.backoff import next_delay

_DEADLINE = 30.0
_KEEP_BYTES = 64 * 1024
_EXCERPT = 2_000
_PER_HOST = 64
_LOG = structlog.get_logger()
Secrets = Callable[[str], list[str]]


class Sender:
    """Attempts deliveries; a hanging receiver holds up only its own host's.

    Args:
        egress: Opens connections under the address policy.
        secrets: Signing secrets of a caller, newest first.
        delays: The retry schedule in seconds.
    """

    def __init__(self, egress: Egress, secrets: Secrets, delays: tuple[float, ...]) -> None:
        self._egress = egress
        self._secrets = secrets
        self._delays = delays
        self._hosts: OrderedDict[str, asyncio.Semaphore] = OrderedDict()

    async def attempt(self, delivery: Outgoing) -> DeliveryResult:
        """Make one attempt and say what it came to; never raises for what a receiver does."""
        async with self._turn(delivery.url):
            started, began = clock.now(), clock.ticks()
            try:
                answer = await self._post(delivery, int(clock.wall()))
            except EgressError as error:
                code_of = f"delivery.{error.code}"
                return self._judged(delivery, started, began, None, code_of, str(error), None)
            except (SigningError, VaultError):
                reason = "the caller has no usable signing secret; nothing is sent unsigned"
                return self._judged(delivery, started, began, None, "delivery.secret_missing", reason, None)
            verdict = _verdict(answer.status)
            return self._judged(
                delivery, started, began, answer, *verdict, retry_after(answer.status, answer.headers)
            )

    async def _post(self, delivery: Outgoing, timestamp: int) -> Answer:
        body = delivery.body.encode()
        headers = sign(self._secrets(delivery.caller_id), delivery.message_id, timestamp, body)
        headers |= {"content-type": "application/json", "user-agent": "Sakuga/1"}
        return await self._egress.request(
            "POST", delivery.url, headers=headers, content=body, deadline=_DEADLINE, max_bytes=_KEEP_BYTES
        )

    def _judged(  # noqa: PLR0917
        self,
        delivery: Outgoing,
        started: float,
        began: float,
        answer: Answer | None,
        code: str | None,
        reason: str | None,
        retry_after: float | None,
    ) -> DeliveryResult:
        duration = round(clock.ticks() - began, 6)
        delay = None
        if code and code not in _FINAL:
            failures = delivery.attempts - delivery.attempt_base + 1
            delay = next_delay(self._delays, failures, retry_after)
        failed = "permanently_failed" if delay is None else "retrying"
        return DeliveryResult(
            delivery,
            started,
            duration,
            "delivered" if code is None else failed,  # type: ignore[arg-type]
            answer.status if answer else None,
            code,
            reason,
            _excerpt(answer),
            None if code is None or delay is None else clock.now() + delay,
        )

    def _turn(self, url: str) -> asyncio.Semaphore:
        host = urlsplit(url).netloc
        turn = self._hosts.get(host)
        if turn is None:
            turn = self._hosts[host] = asyncio.Semaphore(_PER_HOST)
            while len(self._hosts) > 10_000:
                self._hosts.popitem(last=False)
        return turn


_FINAL = {"delivery.gone", "delivery.blocked_address", "delivery.secret_missing"}


def _verdict(status: int) -> tuple[str | None, str | None]:
    if 200 <= status < 300:
        return None, None
    if status == 410:
        return "delivery.gone", "the receiver answered 410 and wants no more"
    if status in {429, 503}:
        return "delivery.throttled", f"the receiver answered {status}"
    return f"delivery.http_{status // 100}xx", f"the receiver answered {status}"


def _excerpt(answer: Answer | None) -> str | None:
    if answer is None or not answer.body:
        return None
    # no database takes a NUL in text
    return answer.body[:_EXCERPT].decode("utf-8", "replace").replace("\0", "\ufffd")
