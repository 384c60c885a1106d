"""A workflow from a template: under a free address, with the workflows it calls beside it."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from nicegui import ui
from slugify import slugify

from app.identity.roles import Identity
from app.ui.examples import example
from app.ui.lang.say import t
from app.ui.templates.shelf import Offer
from app.ui.visitor import Visitor
from app.workflows.errors import WorkflowError
from app.workflows.service import WorkflowService
from graphs.errors import GraphError
from graphs.kinds import SPAWNING

_LONGEST = 70


async def use(visitor: Visitor, offer: Offer) -> None:
    """Make a workflow from a template and open it."""
    identity = await visitor.require("workflows.write")
    service = visitor.house.system.workflows
    try:
        slug, added = await visitor.call(make, service, identity, offer.name, offer.graph)
    except (WorkflowError, GraphError) as error:
        ui.notify(str(error))
        return
    if added:
        ui.notify(t("Added too, because it is called: {names}", names=", ".join(added)))
    ui.navigate.to(f"/workflows/{slug}")


def make(
    service: WorkflowService, who: Identity, name: str, graph: Mapping[str, Any]
) -> tuple[str, list[str]]:
    """The new workflow's slug, and the slugs of called examples that had to be made too.

    Raises:
        WorkflowError, GraphError
    """
    taken = {each.slug for each in service.list(who.org_id, archived=True)}
    added = [each for each in called(graph) if each not in taken and example(each)]
    for each in added:
        found = example(each)
        if found is not None:
            service.create(who.org_id, each, found.name, found.graph, actor=who.actor)
            service.publish(who.org_id, each, "from the gallery", actor=who.actor)
    slug = free_slug(taken | set(added), name)
    # the second of a name says so, as its address does
    number = slug.rpartition("-")[2]
    own = f"{name} {number}" if number.isdigit() and slug != free_slug((), name) else name
    service.create(who.org_id, slug, own, {**graph, "name": own}, actor=who.actor)
    return slug, added


def free_slug(taken: Iterable[str], name: str) -> str:
    """An address for a name that nobody has yet."""
    stem = slugify(name, max_length=_LONGEST, word_boundary=True) or "workflow"
    known = set(taken)
    return stem if stem not in known else next(each for each in _counted(stem) if each not in known)


def called(graph: Mapping[str, Any]) -> list[str]:
    """The workflows that a graph runs, by slug."""
    nodes = [node for node in graph.get("nodes", []) if node["type"] in SPAWNING]
    found = (str(node.get("settings", {}).get("workflow") or "") for node in nodes)
    return [each for each in dict.fromkeys(found) if each]


def _counted(stem: str) -> Iterator[str]:
    return (f"{stem}-{number}" for number in count(2))
