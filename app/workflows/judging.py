"""What is wrong with a graph, by what an organisation has: services, pictures, workflows it may call."""

from collections.abc import Callable
from dataclasses import replace

from app.store import pictures
from app.store.database import Database
from app.workflows.known import calls_in, known
from graphs.catalogue import Catalogue
from graphs.check import Facts, check
from graphs.document import Document
from graphs.offers import Services
from graphs.pictures import picture_ids
from graphs.problem import Problem
from graphs.secrets import KnownSecrets, may_name_secrets

# organisation → its generation services with their models
Offers = Callable[[str], Services]
SecretsOf = Callable[[str], KnownSecrets]


class Judge:
    """Checks documents; without an organisation, only by what the installation knows."""

    def __init__(
        self,
        db: Database,
        catalogue: Catalogue,
        facts: Facts | None = None,
        services: Offers | None = None,
        secrets: SecretsOf | None = None,
    ) -> None:
        self._db = db
        self.catalogue = catalogue
        self._facts = facts or Facts()
        self._services = services
        self._secrets = secrets

    def problems(
        self, document: Document, org_id: str | None, slug: str, *, secrets: bool = True
    ) -> list[Problem]:
        """Every problem at once, warnings included."""
        return check(document, self.catalogue, self.facts(document, org_id, slug, secrets=secrets))

    def facts(self, document: Document, org_id: str | None, slug: str, *, secrets: bool = True) -> Facts:
        """What the outside knows about the graph of a workflow; ``secrets``: of those too."""
        if org_id is None:
            return self._facts
        services = self._services(org_id) if self._services is not None else None
        facts = replace(self._facts, services=services, pictures=frozenset())
        if secrets and self._secrets is not None and may_name_secrets(document, self.catalogue):
            facts = replace(facts, secrets=self._secrets(org_id))
        calls = calls_in(document, self.catalogue)
        named = {each for _, each in picture_ids(document)}
        if not calls and not named:
            return facts
        with self._db.read() as connection:
            if named:
                facts = replace(facts, pictures=pictures.known(connection, org_id, named))
            if calls:
                facts = replace(facts, workflows=known(connection, self.catalogue, org_id, slug, calls))
        return facts
