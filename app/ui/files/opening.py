"""What happens with a file: a new workflow, another draft, or a refusal that says where."""

from collections.abc import Callable
from functools import partial
from pathlib import PurePath
from typing import Any

from nicegui import ui

from app.ui.editor.desk import Desk
from app.ui.editor.sketch import sketch
from app.ui.files.comfy import Settings, comfy_dialog
from app.ui.files.doors import Brought
from app.ui.forms.values import fresh_name
from app.ui.lang.heard import heard
from app.ui.lang.say import n, t
from app.ui.parts.base import box, button, text
from app.ui.parts.show import Miniature, dialog, fact, facts
from app.ui.pictures.placing import use_picture
from app.ui.templates.making import make
from app.ui.visitor import Visitor
from app.workflows.comfy_import import KIND, Picked, whole_graph
from app.workflows.errors import WorkflowError
from app.workflows.opening import (
    Fault,
    FileRefusedError,
    Opened,
    OpenedComfy,
    carries_recipe,
    is_picture,
    open_file,
)
from graphs.document import to_json
from graphs.errors import GraphError

_APART = 340


async def open_as_new(visitor: Visitor, brought: Brought) -> None:
    """Make a workflow of a file's graph and go there."""
    await visitor.require("workflows.write")
    name = brought.name
    opened = await _opened(visitor, brought)
    if isinstance(opened, OpenedComfy):

        async def make_graph(settings: Settings, picked: Picked) -> None:
            graph = whole_graph(PurePath(name).stem[:80], settings, picked)
            await _new(visitor, name, Opened(graph))

        await comfy_dialog(visitor, opened.workflow, make_graph)
    elif opened is not None:
        await _new(visitor, name, opened)


async def open_on_canvas(desk: Desk, brought: Brought) -> None:
    """Ask whether a file's graph becomes this draft or a workflow of its own; or its picture a node."""
    await desk.visitor.require("workflows.write")
    pictured = is_picture(brought.data)
    if pictured and not carries_recipe(brought.data):
        await use_picture(desk, brought)
        return

    async def take_picture() -> None:
        await use_picture(desk, brought)

    instead = take_picture if pictured and not desk.read_only else None
    opened = await _opened(desk.visitor, brought, instead)
    if isinstance(opened, OpenedComfy):
        await comfy_dialog(desk.visitor, opened.workflow, partial(_add_node, desk))
    elif opened is not None:
        _ask(desk, brought.name, opened, instead)


def _ask(desk: Desk, name: str, opened: Opened, instead: Callable[[], Any] | None) -> None:
    document = to_json(opened.document)
    with dialog(t("Open {name}", name=name[:60] or t("a graph")), size="narrow") as (window, foot):
        drawn = sketch(document)
        if drawn is not None:
            with box("sk-open__sketch"):
                Miniature(drawn)
        _facts(opened)

        async def replace() -> None:
            window.close()
            await desk.edit({**document, "name": document["name"] or desk.name})
            if desk.canvas is not None:
                desk.canvas.load()
            ui.notify(t("The draft is this graph now. The published version stays as it is."))

        async def beside() -> None:
            window.close()
            await _new(desk.visitor, name, opened)

        with foot:
            button(t("Cancel"), window.close, kind="ghost")
            if instead is not None:
                _instead(window, instead)
            if not desk.read_only:
                button(t("Replace this draft"), replace)
            button(t("Open as a new workflow"), beside, kind="primary")
    window.open()


async def _add_node(desk: Desk, settings: Settings, _: Picked) -> None:
    """Put a ComfyUI node beside what is on the canvas."""
    nodes = desk.document["nodes"]
    right = max((each.get("position", [0, 0])[0] for each in nodes), default=-_APART)
    name = fresh_name({each["id"] for each in nodes}, "comfy")
    made = {"id": name, "type": KIND, "position": [right + _APART, 0], "settings": settings}
    await desk.edit({**desk.document, "nodes": [*nodes, made]})
    if desk.canvas is not None:
        desk.canvas.load()


def _facts(opened: Opened) -> None:
    count = len(opened.document.nodes)
    with facts():
        fact(t("Graph"), n("{count} node", "{count} nodes", count))
        for label, key in (
            (t("Workflow"), "workflow"),
            (t("Version"), "version"),
            (t("Run"), "run"),
            (t("Model"), "model"),
            (t("Seed"), "seed"),
            (t("Prompt"), "prompt"),
        ):
            value = (opened.recipe or {}).get(key)
            if isinstance(value, str | int) and value != "":
                fact(label, str(value)[:400])


async def _opened(
    visitor: Visitor, brought: Brought, instead: Callable[[], Any] | None = None
) -> Opened | OpenedComfy | None:
    try:
        return await visitor.call(open_file, brought.data)
    except FileRefusedError as error:
        _refused(brought.name, error.faults, instead)
    return None


def _instead(window: Any, act: Callable[[], Any]) -> None:
    """A button for who wants the picture and not what it carries."""

    async def use() -> None:
        window.close()
        await act()

    button(t("Use as a picture"), use)


async def _new(visitor: Visitor, name: str, opened: Opened) -> None:
    identity = await visitor.require("workflows.write")
    called = opened.document.name or PurePath(name).stem[:80] or t("Opened graph")
    service = visitor.house.system.workflows
    try:
        slug, _ = await visitor.call(make, service, identity, called, to_json(opened.document))
    except (WorkflowError, GraphError) as error:
        _refused(name, (Fault(str(error)),))
        return
    ui.navigate.to(f"/workflows/{slug}")


def _refused(name: str, faults: tuple[Fault, ...], instead: Callable[[], Any] | None = None) -> None:
    with dialog(t("This file was not opened"), size="narrow") as (window, foot):
        text(t("Nothing was changed. {name}:", name=name[:80] or t("The file")), "sk-muted", tag="p")
        with box("sk-faults", "ul"):
            for fault in faults:
                with box(tag="li"):
                    place = " · ".join(each for each in (fault.node, fault.field) if each)
                    if place:
                        text(place, "sk-mono sk-small sk-strong", tag="div")
                    text(heard(fault.message), "sk-wrap")
        with foot:
            if instead is not None:
                _instead(window, instead)
            button(t("Close"), window.close, kind="primary")
    window.open()
