"""Trying a connected service without paying for anything."""

import asyncio
from dataclasses import dataclass

from app.egress.client import Egress
from app.egress.policy import EgressPolicy
from app.identity.connections import Connections
from app.identity.errors import UnknownError, VaultError
from app.providers.kinds import connect
from graphs.errors import NodeError


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of a test; ``code`` is the error code of a failure."""

    ok: bool
    message: str
    code: str | None = None


async def probe(connections: Connections, policy: EgressPolicy, org_id: str, name: str) -> Probed:
    """Ask a service something that costs nothing.

    Raises:
        UnknownError: There is none of that name.
    """
    found = (await asyncio.to_thread(connections.opened, org_id)).get(name)
    if found is None:
        raise UnknownError("service", name)
    if isinstance(found, VaultError):
        return Probed(False, "The credential cannot be opened; enter it again.", "node.provider_auth")
    async with Egress(policy) as egress:
        try:
            return Probed(True, await connect(found, egress).probe())
        except NodeError as error:
            return Probed(False, error.description, error.code)
