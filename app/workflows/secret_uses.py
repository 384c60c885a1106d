"""Which drafts and versions name a secret, and whether an address is one it may be sent to."""

from collections.abc import Collection

from sqlalchemy import Connection

from app.egress import places
from app.egress.errors import UrlRefusedError
from app.egress.policy import EgressPolicy
from app.identity.secrets import Use
from app.store import secrets as rows
from graphs.catalogue import Catalogue
from graphs.document import parse
from graphs.errors import MalformedDocumentError
from graphs.resolved import resolve
from graphs.secrets import secret_names

_MOST = 200


class SecretUses:
    """Finds the graphs of an organisation that name a secret."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def __call__(self, connection: Connection, org_id: str, name: str) -> list[Use]:
        """Published versions first, then older ones, then (version 0) drafts."""
        found = rows.naming(connection, org_id, name, _MOST)
        uses = [(each, self._nodes(each.graph, name)) for each in found]
        return [
            Use(each.slug, each.title, each.version, each.current, nodes) for each, nodes in uses if nodes
        ]

    def _nodes(self, graph: str, name: str) -> tuple[str, ...]:
        try:
            return tuple(secret_names(resolve(parse(graph), self._catalogue)).get(name, ()))
        except MalformedDocumentError:
            return ()


def meant_for(policy: EgressPolicy, hosts: Collection[str], url: str) -> bool:
    """Whether an address is one of these places; one that nothing may be sent to is told elsewhere."""
    try:
        return places.meant_for(hosts, policy.check_url(url))
    except UrlRefusedError:
        return True
