"""What changed since a run although the graph did not: called workflows, connected services, presets."""

from typing import TYPE_CHECKING, Literal

from sqlalchemy import Connection, select

from app.store.tables import provider, workflow, workflow_version
from app.workflows.presets import changed_presets
from graphs.catalogue import Catalogue
from graphs.document import NodeSpec
from graphs.errors import UnknownKindError
from graphs.spawn import Call

if TYPE_CHECKING:
    from app.workflows.trying import Earlier

What = Literal["workflow", "service", "preset"]


def changed_outside(connection: Connection, earlier: "Earlier", catalogue: Catalogue) -> dict[str, str]:
    """Nodes whose workflow was published anew, whose service or preset was changed: ``what:name``."""
    since, org_id = earlier.run.created_at, earlier.run.org_id
    calls = {node.id: call for node in earlier.document.nodes if (call := _call(node, catalogue))}
    services = {
        node.id: str(node.settings["provider"])
        for node in earlier.document.nodes
        if isinstance(node.settings.get("provider"), str)
    }
    found = {}
    if calls:
        fresh = _published_since(connection, org_id, since)
        found = {
            node_id: f"workflow:{call.workflow}"
            for node_id, call in calls.items()
            if call.version is None and call.workflow in fresh
        }
    if services:
        query = select(provider.c.name).where(provider.c.org_id == org_id, provider.c.updated_at > since)
        fresh = set(connection.execute(query).scalars())
        found |= {node_id: f"service:{name}" for node_id, name in services.items() if name in fresh}
    presets = changed_presets(connection, earlier.document, earlier.steps, since)
    return found | {node_id: f"preset:{name}" for node_id, name in presets.items()}


def _call(node: NodeSpec, catalogue: Catalogue) -> Call | None:
    try:
        settings = catalogue.settings(node.type, node.settings, node.version)
        return catalogue.get(node.type).call_for(settings)
    except (UnknownKindError, ValueError):
        return None


def _published_since(connection: Connection, org_id: str, since: float) -> set[str]:
    query = (
        select(workflow.c.slug)
        .join(workflow_version, workflow_version.c.workflow_id == workflow.c.id)
        .where(
            workflow.c.org_id == org_id,
            workflow_version.c.number == workflow.c.published,
            workflow_version.c.created_at > since,
        )
    )
    return set(connection.execute(query).scalars())
