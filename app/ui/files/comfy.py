"""A workflow of ComfyUI comes in: which of its inputs become sockets, under which names, on which server."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from app.ui.editor.offers import services_of
from app.ui.forms.fields import select_input
from app.ui.lang.say import n, t
from app.ui.parts.base import attrs, box, button, link_button, text
from app.ui.parts.show import banner, dialog
from app.ui.visitor import Visitor
from app.workflows.comfy_import import Picked, SocketNameError, node_settings
from graphs.comfy import Offer, offers

Settings = dict[str, Any]
Make = Callable[[Settings, Picked], Awaitable[None]]
_KIND = "comfyui"
_SHOWN = 60
_LONGEST = 60


class _Line:
    """One input with its check box and name."""

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        with box("sk-comfy__line"):
            self._on = ui.checkbox(value=offer.chosen)
            attrs(
                self._on,
                aria_label=t("Socket for {input} of {node}", input=offer.input, node=offer.class_type),
            )
            self._name = (
                ui.input(value=offer.name).props("outlined dense hide-bottom-space").classes("sk-input")
            )
            attrs(
                self._name,
                aria_label=t("Name for {input} of {node}", input=offer.input, node=offer.class_type),
            )
            with box("sk-comfy__about"):
                text(f"{offer.class_type} · {offer.input}", "sk-small sk-cut", tag="div")
                text(_shown(offer.value), "sk-small sk-faint sk-cut", tag="div")

    @property
    def picked(self) -> tuple[Offer, str] | None:
        return (self.offer, str(self._name.value or "").strip()) if self._on.value else None


async def comfy_dialog(visitor: Visitor, workflow: Mapping[str, Mapping[str, Any]], make: Make) -> None:
    """Ask, then hand settings and chosen inputs on."""
    servers = await visitor.call(_servers, visitor)
    found = offers(workflow)
    likely = [each for each in found if each.chosen]
    rest = [each for each in found if not each.chosen]
    with dialog(t("ComfyUI workflow")) as (window, foot):
        count = len(workflow)
        text(
            n("{count} node becomes one here.", "{count} nodes become one here.", count), "sk-muted", tag="p"
        )
        server = _server(servers)
        text(t("Inputs that become sockets"), "sk-strong")
        lines = [_Line(each) for each in likely]
        if rest:
            with ui.expansion(t("More inputs")).classes("sk-more"):
                lines += [_Line(each) for each in rest[:_SHOWN]]
        problem = text("", "sk-field__error")
        with foot:
            button(t("Cancel"), window.close, kind="ghost")

            async def go() -> None:
                name = str(server.value or _KIND) if server is not None else _KIND
                picked = [each for each in (line.picked for line in lines) if each is not None]
                try:
                    settings = node_settings(workflow, picked, name, servers.get(name, "workflow"))
                except SocketNameError as error:
                    problem.text = t(
                        "“{name}”: use letters, digits and _, each name once.", name=error.name[:80]
                    )
                    return
                window.close()
                await make(settings, picked)

            button(t("Import"), go, kind="primary")
    window.open()


def _server(servers: Mapping[str, str]) -> Any:
    if servers:
        return select_input(t("Server"), list(servers), next(iter(servers)))
    told = t("It runs once a server of the kind ComfyUI is connected.")
    with banner("warn", "o_power_off", t("No ComfyUI server is connected yet"), told):
        link_button(t("Services"), "/services", small=True)
    return None


def _servers(visitor: Visitor) -> dict[str, str]:
    """Connected servers with the model that says the price."""
    system = visitor.house.system
    kinds = {
        each.connection.name
        for each in system.connections.all(visitor.org_id)
        if each.connection.kind == _KIND
    }
    known = services_of(system, visitor.org_id)
    return {name: each.models[0].id for name, each in known.items() if name in kinds and each.models}


def _shown(value: Any) -> str:
    said = " ".join(str(value).split())
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"
