"""Requests to one connected service: its key goes to its own origin only, answers are capped and judged."""

import asyncio
import base64
import binascii
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from app.egress.client import Answer, Egress
from app.egress.errors import EgressError
from app.providers.connection import Connection
from app.providers.refusals import garbled, refused, turned_down, unanswered
from graphs.errors import NodeError, PermanentError, TransientError
from graphs.node import Json

PICTURE_BYTES = 32 * 1024 * 1024
_ANSWER_BYTES = 96 * 1024 * 1024
_STATUS_SECONDS = 30.0
_LARGE = 256 * 1024


class Wire:
    """Speaks JSON over HTTP with one service.

    Args:
        egress: Opens connections under the address policy; of the running event loop.
        connection: The service.
        scheme: Word before the credential in the Authorization header.
    """

    def __init__(self, egress: Egress, connection: Connection, scheme: str = "Bearer") -> None:
        self._egress = egress
        self._connection = connection
        self._scheme = scheme
        self._origin = origin_of(connection.base_url)

    @property
    def name(self) -> str:
        return self._connection.name

    def url(self, path: str) -> str:
        """An address of the service; ``path`` begins without a slash."""
        return f"{self._connection.base_url.rstrip('/')}/{path}"

    def own(self, url: object) -> str:
        """An address the service gave for its own job.

        Raises:
            ValueError: It is none, or leads elsewhere: the credential stays at home.
        """
        if not isinstance(url, str) or origin_of(url) != self._origin:
            raise ValueError("an address of another origin")
        return url

    async def pay(self, url: str, body: Json, key: str) -> Json:
        """POST what may be charged.

        Raises:
            NodeError: UnansweredError and AmbiguousError when it may have been charged; otherwise it was not.
        """
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self.pay_form(url, content, "application/json", key)

    async def pay_form(self, url: str, content: bytes, kind: str, key: str) -> Json:
        """As ``pay``, for bytes of another media type."""
        keyed = self._connection.settings.idempotent
        headers = {"content-type": kind, **({"idempotency-key": key} if keyed else {})}
        try:
            answer = await self._ask("POST", url, headers, content)
        except EgressError as error:
            raise unanswered(self.name, error, keyed=keyed) from None
        if not 200 <= answer.status < 300:
            raise refused(self.name, answer, self._connection.credential, keyed=keyed)
        try:
            return await read_object(answer)
        except ValueError as error:
            raise garbled(self.name, f"gave {error}", keyed=keyed) from None

    async def ask(self, method: str, url: str, good: Callable[[int], bool] = lambda _: False) -> Json:
        """A request that costs nothing, such as the question how a job is doing.

        Raises:
            NodeError: Of the fitting class, unless the status is a success or ``good``.
        """
        answer = await self.answer(method, url)
        if not 200 <= answer.status < 300 and not good(answer.status):
            raise turned_down(self.name, answer, self._connection.credential)
        try:
            return await read_object(answer)
        except ValueError as error:
            raise TransientError("node.provider_unavailable", f"{self.name} gave {error}") from None

    async def answer(self, method: str, url: str) -> Answer:
        """The bare answer to a request that costs nothing.

        Raises:
            NodeError: There was none.
        """
        seconds = min(self._connection.settings.timeout_seconds, _STATUS_SECONDS)
        try:
            return await self._ask(method, url, {}, None, seconds)
        except EgressError as error:
            raise _silent(self.name, error) from None

    async def post(self, url: str, content: bytes, kind: str) -> Answer:
        """The bare answer to something sent that costs nothing, or that may be sent twice.

        Raises:
            NodeError: There was none.
        """
        try:
            return await self._ask("POST", url, {"content-type": kind}, content)
        except EgressError as error:
            raise _silent(self.name, error) from None

    def refusal(self, answer: Answer) -> NodeError:
        """What an answer that is no success means, where nothing was paid."""
        return turned_down(self.name, answer, self._connection.credential)

    async def picture(self, url: str) -> bytes:
        """Fetch a picture that a service made, from wherever it keeps it.

        Raises:
            NodeError: It is not there, too large, or its address is refused.
        """
        if url.startswith("data:"):
            return await asyncio.to_thread(from_data_url, url)
        own = origin_of(url) == self._origin
        try:
            answer = await self._egress.request(
                "GET",
                url,
                headers=self._authorisation() if own else {},
                content=None,
                deadline=self._connection.settings.timeout_seconds,
                max_bytes=PICTURE_BYTES,
            )
        except EgressError as error:
            raise _silent(f"{self.name}, asked for a finished picture,", error) from None
        if not 200 <= answer.status < 300:
            raise turned_down(
                f"{self.name}, asked for a finished picture,", answer, self._connection.credential
            )
        if answer.truncated:
            raise _too_large()
        return answer.body

    async def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        seconds: float | None = None,
    ) -> Answer:
        return await self._egress.request(
            method,
            url,
            headers={"accept": "application/json", **headers, **self._authorisation()},
            content=content,
            deadline=seconds or self._connection.settings.timeout_seconds,
            max_bytes=_ANSWER_BYTES,
        )

    def _authorisation(self) -> dict[str, str]:
        credential = self._connection.credential
        return {"authorization": f"{self._scheme} {credential}"} if credential else {}


def from_base64(text: str) -> bytes:
    """A picture out of JSON.

    Raises:
        ValueError: It is no base64.
        PermanentError: It is too large.
    """
    if len(text) > PICTURE_BYTES * 4 // 3 + 4:
        raise _too_large()
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("a picture that is no base64") from None


def from_data_url(url: str) -> bytes:
    """As ``from_base64``, for a ``data:`` address."""
    return from_base64(url.partition(",")[2])


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; empty where the text is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "", "", None
    return parts.scheme, parts.hostname or "", port


async def read_object(answer: Answer) -> Json:
    """The JSON object of an answer; ValueError says why there is none."""
    if answer.truncated:
        raise ValueError("an answer that is too large")
    read = json.loads
    try:
        found: Any = (
            await asyncio.to_thread(read, answer.body) if len(answer.body) > _LARGE else read(answer.body)
        )
    except (ValueError, RecursionError):
        raise ValueError("an answer that is no JSON") from None
    if not isinstance(found, dict):
        raise ValueError("an answer that is no JSON object")  # noqa: TRY004 - data from outside
    return found


def _silent(name: str, error: EgressError) -> NodeError:
    """No answer to a request that costs nothing: asking again is safe."""
    return unanswered(name, error, keyed=True)


def _too_large() -> PermanentError:
    megabytes = PICTURE_BYTES // 1024 // 1024
    return PermanentError("node.asset_too_large", f"the service made a picture of more than {megabytes} MiB")
