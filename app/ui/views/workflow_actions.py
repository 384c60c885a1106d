"""Making, copying and archiving workflows."""

from typing import Any

from nicegui import ui
from slugify import slugify

from app.store.workflows import WorkflowRow
from app.ui.examples import examples
from app.ui.forms.fields import select_input, text_input
from app.ui.forms.values import fresh_name
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import button, link_button, text
from app.ui.parts.show import dialog
from app.ui.visitor import Visitor
from app.workflows.errors import WorkflowError
from graphs.errors import GraphError

_BLANK = ""


def new_dialog(visitor: Visitor) -> None:
    """Ask for a name and a beginning."""
    with dialog(t("New workflow"), size="narrow") as (window, foot):
        name = text_input(t("Name"), placeholder=t("Spring campaign"))
        slug = text_input(
            t("Address"), help_text=t("Callers use it: /v1/hooks/…"), placeholder="spring-campaign"
        )
        name.on_value_change(lambda event: slug.set_value(slugify(str(event.value or ""), max_length=80)))
        options = {_BLANK: t("Blank, with a webhook input"), **{each.key: each.name for each in examples()}}
        begin = select_input(t("Begin with"), options, next(iter(options)))
        link_button(
            t("Choose a template by its pictures"), "/templates", icon="o_dashboard", kind="ghost", small=True
        )
        problem = text("", "sk-field__error")
        with foot:
            button(t("Cancel"), window.close, kind="ghost")

            async def create() -> None:
                problem.text = await _create(
                    visitor, str(name.value or ""), str(slug.value or ""), begin.value
                )

            button(t("Create"), create, kind="primary")
        name.props("autofocus")
    window.open()


async def duplicate(visitor: Visitor, row: WorkflowRow) -> None:
    """Copy a draft under a free address and open it."""
    identity = await visitor.require("workflows.write")
    service = visitor.house.system.workflows
    taken = {each.slug for each in await visitor.call(service.list, identity.org_id, archived=True)}
    slug = fresh_name(taken, f"{row.slug[:70]}-copy").replace("_", "-")
    draft = await visitor.call(service.draft, identity.org_id, row.slug)
    name = t("{name} (copy)", name=row.name)
    await _made(visitor, identity.actor, slug, name, draft.document)


async def archive(visitor: Visitor, row: WorkflowRow) -> None:
    """Ask once more, then take a workflow out of use."""
    with dialog(t("Archive {slug}?", slug=row.slug), size="narrow") as (window, foot):
        text(
            t("Callers are refused from now on. Its runs and versions stay, and it can be brought back."),
            "sk-muted",
            tag="p",
        )
        with foot:
            button(t("Keep it"), window.close, kind="ghost")

            async def go() -> None:
                identity = await visitor.require("workflows.delete")
                work = visitor.house.system.workflows.archive
                await visitor.call(
                    work, identity.org_id, row.slug, actor=identity.actor, request_id=identity.request_id
                )
                window.close()
                ui.navigate.to("/workflows")

            button(t("Archive"), go, kind="danger")
    window.open()


async def bring_back(visitor: Visitor, slug: str) -> None:
    """Take an archived workflow into use again and open it."""
    identity = await visitor.require("workflows.delete")
    work = visitor.house.system.workflows.bring_back
    await visitor.call(work, identity.org_id, slug, actor=identity.actor, request_id=identity.request_id)
    ui.navigate.to(f"/workflows/{slug}")


async def _create(visitor: Visitor, name: str, slug: str, beginning: str) -> str:
    identity = await visitor.require("workflows.write")
    chosen = next((each for each in examples() if each.key == beginning), None)
    graph = {**chosen.graph, "name": name or chosen.name} if chosen else None
    return await _made(visitor, identity.actor, slug.strip(), name.strip(), graph)


async def _made(visitor: Visitor, actor: str, slug: str, name: str, graph: Any) -> str:
    service = visitor.house.system.workflows
    try:
        request_id = visitor.identity.request_id
        row = await visitor.call(
            service.create, visitor.org_id, slug, name or None, graph, actor=actor, request_id=request_id
        )
    except (WorkflowError, GraphError) as error:
        return heard(error)
    ui.navigate.to(f"/workflows/{row.slug}")
    return ""
