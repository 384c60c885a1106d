"""Generation services: which are connected, how they are doing, and what became of calls nobody answered."""

from collections.abc import Mapping
from functools import partial

from nicegui import ui

from app.identity.connections import Listed
from app.identity.errors import IdentityError
from app.providers.kinds import KINDS
from app.store import connections as rows
from app.store.connections import CircuitRow
from app.ui.lang.heard import heard
from app.ui.lang.say import decimal, t
from app.ui.parts.base import box, button, row, text
from app.ui.parts.show import When, banner, card, dialog, empty, status
from app.ui.shell import frame, head, settings_tabs
from app.ui.views import unknown_calls
from app.ui.views.service_form import edit
from app.ui.visitor import Visitor
from app.ui.words import Look
from app.workflows.probing import probe

_ON = Look("o_check_circle", "Connected", "good")
_OFF = Look("o_power_off", "Switched off", "quiet")
_FAILING = Look("o_error_outline", "Failing", "bad")


async def show(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Build the page: everyone sees the services, administrators change them."""
    await visitor.require("providers.read")
    with frame(visitor, "settings", t("Services"), page="sk-page sk-page--narrow"):
        place = None

        async def draw() -> None:
            if place is not None:
                place.clear()
                with place:
                    await _draw(visitor, draw)

        with head(
            t("Services"), t("What makes the pictures. Workflows choose a service and a model by name.")
        ):
            if visitor.may("providers.write"):
                button(t("Connect a service"), partial(edit, visitor, None, draw), icon="add", kind="primary")
        settings_tabs(visitor, "/services")
        place = box("sk-stack")
        await draw()


async def _draw(visitor: Visitor, draw: object) -> None:
    await unknown_calls.show(visitor, draw)
    found = await visitor.call(visitor.house.system.connections.all, visitor.org_id)
    circuits = {each.name: each for each in await visitor.read(rows.circuits, visitor.org_id)}
    for each in found:
        _service(visitor, each, circuits.get(each.connection.name), draw)
    if not found:
        with card():
            empty(
                "o_cloud_queue",
                t("No service is connected"),
                t(
                    "The rehearsal models are built in and paint without one. Connect a service to make "
                    "pictures with its models."
                ),
            )


def _service(visitor: Visitor, listed: Listed, circuit: CircuitRow | None, draw: object) -> None:
    found = listed.connection
    failing = circuit is not None and circuit.state != "closed"
    with card(found.name) as top:
        with top:
            status(_OFF if not found.enabled else _FAILING if failing else _ON)
        if circuit is not None and failing:
            _failing(circuit)
        with row("sk-small sk-muted sk-row--wrap"):
            text(t(KINDS[found.kind].title) if found.kind in KINDS else found.kind)
            text(found.base_url, "sk-mono sk-cut")
            text(t("credential set") if listed.has_credential else t("no credential"))
            text(t("knows idempotency keys") if found.settings.idempotent else t("no idempotency keys"))
        with box("sk-scroll"), box("sk-table", "table"), box(tag="tbody"):
            for model in found.models:
                with box(tag="tr"):
                    with box(tag="td"):
                        text(model.title, "sk-strong")
                    with box(tag="td"):
                        text(model.id, "sk-mono sk-small sk-muted")
                    with box(tag="td"):
                        text(t("{price} credits a picture", price=decimal(model.price)), "sk-num sk-small")
        if visitor.may("providers.write"):
            with row("sk-row--wrap"):
                button(t("Test"), partial(_test, visitor, found.name), small=True)
                button(t("Edit"), partial(edit, visitor, listed, draw), small=True)
                button(t("Remove"), partial(_remove, visitor, found.name, draw), kind="danger", small=True)


def _failing(circuit: CircuitRow) -> None:
    trying = circuit.state == "half_open"
    title = t("Being tried with one call") if trying else t("Calls are held back after failures")
    why = f"{heard(circuit.reason or '').rstrip('.')}. " + t("Runs go on by themselves.")
    with banner("bad", "o_power_off", title, why), row("sk-small sk-muted"):
        text(t("since"))
        When(circuit.opened_at)


async def _test(visitor: Visitor, name: str) -> None:
    identity = await visitor.require("providers.write")
    system = visitor.house.system
    found = await probe(system.connections, system.egress_policy, identity.org_id, name)
    ui.notify(f"{name}: {heard(found.message)}", type="positive" if found.ok else "negative")


async def _remove(visitor: Visitor, name: str, draw: object) -> None:
    with dialog(t("Remove {name}?", name=name), size="narrow") as (window, foot):
        text(t("Workflows that name it fail until it is connected again."), "sk-muted", tag="p")
        with foot:
            button(t("Keep it"), window.close, kind="ghost")

            async def go() -> None:
                identity = await visitor.require("providers.write")
                window.close()
                try:
                    remove = visitor.house.system.connections.remove
                    await visitor.call(remove, identity.acting(), name)
                except IdentityError as error:
                    ui.notify(heard(error))
                await draw()  # type: ignore[operator]

            button(t("Remove"), go, kind="danger")
    window.open()
