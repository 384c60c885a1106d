"""Secrets: what requests of workflows carry. Values go in, and nobody sees them again."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from app.identity.errors import IdentityError
from app.identity.secrets import InUseError, Secret
from app.ui.lang.heard import heard
from app.ui.lang.say import t
from app.ui.parts.base import attrs, box, button, row, text
from app.ui.parts.show import When, card, dialog, empty
from app.ui.secrets.keep import keep_secret
from app.ui.secrets.uses import show_uses
from app.ui.shell import frame, head, settings_tabs
from app.ui.views.nothing import not_found
from app.ui.visitor import Visitor


async def show(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Build the page: who edits workflows sees names and hosts, administrators change them."""
    await visitor.require("runs.read")
    if not visitor.may("secrets.read"):
        told = t("Administrators keep them, and who edits workflows chooses them by name.")
        not_found(visitor, "settings", t("Secrets"), told, (t("Settings"), "/settings"))
        return
    with frame(visitor, "settings", t("Secrets"), page="sk-page sk-page--narrow"):
        place: Any = None

        async def draw(_: str = "") -> None:
            found = await visitor.call(visitor.house.system.secrets.all, visitor.org_id)
            place.clear()
            with place:
                _draw(visitor, found, draw)

        with head(
            t("Secrets"),
            t("Keys and passwords that requests of workflows carry. Workflows name them; nobody reads them."),
        ):
            if visitor.may("secrets.write"):
                button(t("New secret"), partial(keep_secret, visitor, draw), icon="add", kind="primary")
        settings_tabs(visitor, "/secrets")
        place = box("sk-stack")
        await draw()


def _draw(visitor: Visitor, found: list[Secret], draw: Any) -> None:
    if not found:
        told = t("Keep a key here, and choose it at a header of an HTTP request instead of writing it there.")
        with card():
            empty("o_key", t("No secret yet"), told)
        return
    with card(flush=True):
        for each in found:
            _secret(visitor, each, draw)


def _secret(visitor: Visitor, secret: Secret, draw: Any) -> None:
    with box("sk-line sk-line--wrap"):
        with box("sk-stack sk-stack--tight sk-grow"):
            with row("sk-row--wrap"):
                text(secret.name, "sk-strong sk-mono")
                if secret.ending and visitor.may("secrets.write"):
                    text(t("ends in {ending}", ending=secret.ending), "sk-tag sk-mono")
            with row("sk-small sk-muted sk-row--wrap"):
                text(t("may be sent to {hosts}", hosts=", ".join(secret.hosts)), "sk-wrap")
            if visitor.may("secrets.write"):
                with row("sk-small sk-muted sk-row--wrap"):
                    text(t("value entered"))
                    When(secret.rotated_at)
        if visitor.may("secrets.write"):
            with row():
                for label, act, kind in (
                    (t("Where used"), partial(_uses, visitor, secret), "plain"),
                    (t("Replace"), partial(keep_secret, visitor, draw, secret), "plain"),
                    (t("Delete"), partial(_remove, visitor, secret, draw), "danger"),
                ):
                    made = button(label, act, small=True, kind=kind)  # type: ignore[arg-type]
                    attrs(made, aria_label=f"{label}: {secret.name}")


async def _uses(visitor: Visitor, secret: Secret) -> None:
    identity = await visitor.require("secrets.write")
    try:
        _, uses = await visitor.call(visitor.house.system.secrets.find, identity.org_id, secret.name)
    except IdentityError as error:
        ui.notify(heard(error))
        return
    with dialog(t("Where {name} is used", name=secret.name), size="narrow") as (window, foot):
        show_uses(uses)
        with foot:
            button(t("Close"), window.close, kind="ghost")
    window.open()


async def _remove(visitor: Visitor, secret: Secret, draw: Any) -> None:
    identity = await visitor.require("secrets.write")
    try:
        _, uses = await visitor.call(visitor.house.system.secrets.find, identity.org_id, secret.name)
    except IdentityError:
        await draw()
        return
    if any(each.current for each in uses):
        with dialog(t("{name} is in use", name=secret.name), size="narrow") as (window, foot):
            text(
                t("Publish these without it first, or replace its value to take the old one out of use."),
                "sk-muted",
                tag="p",
            )
            show_uses([each for each in uses if each.current])
            with foot:
                button(t("Close"), window.close, kind="ghost")
        window.open()
        return
    with dialog(t("Delete {name}?", name=secret.name), size="narrow") as (window, foot):
        text(t("Its value is gone for good. Requests that name it fail."), "sk-muted", tag="p")
        if uses:
            show_uses(uses)
        with foot:
            button(t("Keep it"), window.close, kind="ghost")

            async def go() -> None:
                actor = (await visitor.require("secrets.write")).acting()
                window.close()
                try:
                    await visitor.call(visitor.house.system.secrets.remove, actor, secret.name)
                except (IdentityError, InUseError) as error:
                    ui.notify(heard(error))
                await draw()

            button(t("Delete"), go, kind="danger")
    window.open()
