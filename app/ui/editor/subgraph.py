"""Folding a selection into a workflow of its own, and unfolding it, from the canvas."""

import json
from collections.abc import Sequence

from nicegui import ui

from app.identity.roles import Identity
from app.ui.editor.desk import Desk
from app.ui.editor.folding import Folded, FoldError, fold
from app.ui.editor.model import node_of
from app.ui.editor.unfolding import unfold
from app.ui.forms.fields import labelled
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import attrs, button, text
from app.ui.parts.show import dialog
from app.workflows.errors import SlugTakenError, WorkflowError
from graphs.errors import GraphError

_TRIES = 50


async def fold_here(desk: Desk, ids: Sequence[str]) -> None:
    """Ask for a name, make a published workflow of the nodes, and put a node that calls it in their place."""
    await desk.flush()
    try:
        fold(desk.document, ids, desk.visitor.house.system.catalogue, "draft", "")
    except (FoldError, GraphError) as error:
        ui.notify(t("This cannot become a workflow: {reason}", reason=str(error)))
        return
    with dialog(t("Make a workflow of these"), size="narrow") as (window, foot):
        told = t(
            "What is selected becomes a workflow of its own, published at once; one node that runs it takes"
            " its place here."
        )
        text(told, "sk-hint", tag="p")
        with labelled(t("Name of the workflow")) as adopt:
            name = adopt(ui.input(value=t("A part of {name}", name=desk.name)[:200]))
            attrs(name, maxlength=200, autofocus=True)
        with foot:
            button(t("Cancel"), window.close, kind="ghost")

            async def go() -> None:
                window.close()
                await _fold(desk, ids, str(name.value or "").strip() or t("A part of {name}", name=desk.name))

            button(t("Make the workflow"), go, kind="primary")
    window.open()


async def _fold(desk: Desk, ids: Sequence[str], name: str) -> None:
    visitor = desk.visitor
    await visitor.require("workflows.write")
    identity = await visitor.require("workflows.publish")
    try:
        folded = await visitor.call(_store, desk, identity, tuple(ids), name)
    except (FoldError, WorkflowError, GraphError) as error:
        reason = str(error) if isinstance(error, FoldError) else heard(error)
        ui.notify(t("This cannot become a workflow: {reason}", reason=reason))
        return
    slug = str(node_of(folded.parent, folded.node)["settings"]["workflow"])  # type: ignore[index]
    desk.callable_slugs = (*desk.callable_slugs, slug)
    await desk.amend(folded.parent)
    ui.notify(t("{name} is a workflow of its own now.", name=name))


def _store(desk: Desk, identity: Identity, ids: Sequence[str], name: str) -> Folded:
    """Create and publish; a slug that is taken gets a number. Nothing stays when it cannot be published."""
    system = desk.visitor.house.system
    service, org_id, project_id = system.workflows, identity.org_id, desk.row.project_id
    actor, request_id = identity.actor, identity.request_id
    for number in range(1, _TRIES):
        slug = _slug(name, number)
        folded = fold(desk.document, ids, system.catalogue, slug, name)
        problems = [each for each in service.validate(folded.child, org_id) if each.severity == "error"]
        if problems:
            raise FoldError(problems[0].message)
        try:
            service.create(org_id, slug, name, folded.child, project_id, actor=actor, request_id=request_id)
        except SlugTakenError:
            continue
        service.publish(org_id, slug, actor=actor, request_id=request_id)
        return folded
    raise FoldError(t("{name} is taken many times already", name=name))


def _slug(name: str, number: int) -> str:
    plain = "".join(each if each.isascii() and each.isalnum() else "-" for each in name.lower())
    base = "-".join(part for part in plain.split("-") if part)[:60] or "part"
    return base if number == 1 else f"{base}-{number}"


async def unfold_here(desk: Desk, node_id: str) -> None:
    """Put what a called workflow holds in the place of the node that calls it."""
    await desk.flush()
    node = node_of(desk.document, node_id)
    settings = (node or {}).get("settings", {})
    service = desk.visitor.house.system.workflows
    try:
        slug, number = str(settings.get("workflow") or ""), settings.get("version")
        number = number or (await desk.visitor.call(service.get, desk.visitor.org_id, slug)).published
        version = await desk.visitor.call(service.version, desk.visitor.org_id, slug, number or 0)
        catalogue = desk.visitor.house.system.catalogue
        document = unfold(desk.document, node_id, json.loads(version.graph), catalogue)
    except (FoldError, WorkflowError, GraphError) as error:
        reason = str(error) if isinstance(error, FoldError) else heard(error)
        ui.notify(t("This cannot be unfolded: {reason}", reason=reason))
        return
    await desk.amend(document)
