"""Requests that carry secrets: looked up when they are sent, sent to their own hosts, masked in answers.

Nothing before and nothing after sees a value: not the node, its step, its attempts, a log or a callback.
"""

import asyncio
import base64
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.exc import SQLAlchemyError

from app.egress.errors import UrlRefusedError
from app.egress.masking import Masker
from app.egress.places import meant_for
from app.egress.policy import EgressPolicy
from app.identity.errors import VaultError
from app.identity.secrets import Opened
from graphs.errors import OperatorError, PermanentError, TransientError
from graphs.web import SecretHeader, Web, WebAnswer, WebError, WebRequest

# bytes that are masked in no time; more would hold up the other nodes of a worker
_AT_ONCE = 1 << 15
# organisation, names → those that there are
Open = Callable[[str, Collection[str]], Mapping[str, Opened | VaultError]]


@dataclass(frozen=True, slots=True)
class SecretKeeper:
    """What a worker needs to put secrets into requests.

    Args:
        open: Reads values from the database; asked anew for each request, so that a rotation holds at once.
        policy: Takes addresses apart, as the door out does.
    """

    open: Open
    policy: EgressPolicy


@dataclass(frozen=True, slots=True)
class SecretWeb:
    """The web for the nodes of one organisation."""

    web: Web
    keeper: SecretKeeper
    org_id: str

    async def request(self, request: WebRequest) -> WebAnswer:
        """Send a request with its secrets.

        Raises:
            WebError: No answer came.
            PermanentError: A secret is not there, or not meant for this host.
            TransientError: The database is away.
            OperatorError: A secret cannot be opened.
        """
        if not request.secrets:
            return await self.web.request(request)
        names = {each.name for each in request.secrets}
        try:
            opened = await asyncio.to_thread(self.keeper.open, self.org_id, names)
        except SQLAlchemyError:
            words = "The secrets of the request cannot be read: the database is away."
            raise TransientError("node.provider_unavailable", words) from None
        values = {
            each.name: self._allowed(each, opened.get(each.name), request.url) for each in request.secrets
        }
        headers = {each.header: _written(each.before, values[each.name]) for each in request.secrets}
        sent = replace(request, headers={**request.headers, **headers}, secrets=())
        masker = Masker(values)
        try:
            return await _masked(await self.web.request(sent), masker)
        except WebError as error:
            # without its cause: what a library says of a request is not ours to vouch for
            raise WebError(error.fault, masker.masked_text(error.words), sent=error.sent) from None

    def _allowed(self, use: SecretHeader, found: Opened | VaultError | None, url: str) -> str:
        if found is None:
            words = f"There is no secret '{use.name}' (any more); choose another, or have it added again."
            raise PermanentError("node.secret_missing", words, field=use.field or None)
        if isinstance(found, VaultError):
            words = f"Secret '{use.name}' cannot be opened; its value has to be entered again."
            raise OperatorError("node.secret_unreadable", words)
        if not self._meant_for(found, url):
            places = ", ".join(found.hosts)
            words = f"Not sent: secret '{use.name}' may be sent to {places} only."
            raise PermanentError("node.secret_refused", words, field=use.field or None)
        return found.value

    def _meant_for(self, found: Opened, url: str) -> bool:
        try:
            return meant_for(found.hosts, self.keeper.policy.check_url(url))
        except UrlRefusedError:
            return False


def _written(before: str, value: str) -> str:
    """The header's value; a user with a password is encoded as Basic wants it (RFC 7617)."""
    if before.strip().lower() == "basic" and ":" in value:
        value = base64.b64encode(value.encode()).decode()
    return f"{before}{value}"


async def _masked(answer: WebAnswer, masker: Masker) -> WebAnswer:
    headers = {name: masker.masked_text(value) for name, value in answer.headers.items()}
    if len(answer.body) > _AT_ONCE:
        body = await asyncio.to_thread(masker.masked, answer.body)
    else:
        body = masker.masked(answer.body)
    return replace(answer, headers=headers, body=body)
