"""The generation services that organisations have connected, as a worker finds them: at most a second old."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.cache import MISSING, MomentCache
from app.identity.errors import VaultError
from app.providers.connection import Connection
from app.providers.kinds import Connected
from graphs.errors import OperatorError, PermanentError

Load = Callable[[str], Mapping[str, Connection | VaultError]]


@dataclass(frozen=True, slots=True)
class Service:
    """A connection and what speaks over it."""

    connection: Connection
    provider: Connected


class Services:
    """Finds services by organisation and name.

    Args:
        load: The connections of an organisation by name, from the database.
        make: What speaks with the service behind a connection.
    """

    def __init__(self, load: Load, make: Callable[[Connection], Connected]) -> None:
        self._load = load
        self._make = make
        self._cache: MomentCache[str, Mapping[str, Service | VaultError]] = MomentCache()

    async def find(self, org_id: str, name: str) -> Service:
        """A connected service.

        Raises:
            PermanentError: None is called so.
            OperatorError: Its credential cannot be opened.
        """
        found = self._cache.peek(org_id)
        if found is MISSING:
            found = await self._load_anew(org_id)
        elif name not in found:
            # it may have been connected a moment ago, and this refusal ends a run
            self._cache.drop(org_id)
            found = await self._load_anew(org_id)
        service = found.get(name)
        if service is None:
            known = ", ".join(["rehearsal", *found])
            raise PermanentError(
                "node.provider_rejected_input",
                f"no provider is called '{name}'; there is {known}",
                field="provider",
            )
        if isinstance(service, VaultError):
            words = f"the credential of {name} cannot be opened; enter it again"
            raise OperatorError("node.provider_auth", words)
        return service

    async def _load_anew(self, org_id: str) -> Mapping[str, Service | VaultError]:
        return await asyncio.to_thread(self._cache.get, org_id, lambda: self._read(org_id))

    def _read(self, org_id: str) -> Mapping[str, Service | VaultError]:
        return {
            name: each if isinstance(each, VaultError) else Service(each, self._make(each))
            for name, each in self._load(org_id).items()
        }
