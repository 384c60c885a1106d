"""API keys, signing secrets, appearance, and what this installation is."""

from collections.abc import Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from nicegui import ui

from app import clock
from app.identity.callers import Caller
from app.identity.errors import IdentityError
from app.identity.roles import ROLES, may_grant
from app.store import keys as key_rows
from app.store.keys import Holder
from app.ui import theme
from app.ui.forms.fields import select_input, text_input
from app.ui.parts.base import anchor, attrs, box, button, row, text
from app.ui.parts.show import Code, CopyId, When, banner, card, dialog, empty, fact, facts
from app.ui.shell import choose_theme, frame, head, settings_tabs, sign_out
from app.ui.visitor import Visitor

_THEMES = {"auto": "Follow the system", "light": "Light", "dark": "Dark"}


async def show(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Build the page: everyone sees appearance and about, administrators keys and secrets too."""
    await visitor.require("runs.read")
    with frame(visitor, "settings", "Settings", page="sk-page sk-page--narrow"):
        with head("Settings"):
            button("Sign out", partial(sign_out, visitor), icon="o_logout")
        settings_tabs("/settings")
        if visitor.may("keys.read"):
            await _keys(visitor)
        if visitor.may("callers.write"):
            await _callers(visitor)
        _appearance(visitor)
        _about(visitor)


async def _keys(visitor: Visitor) -> None:
    place = box()

    async def draw() -> None:
        holders = await visitor.read(key_rows.list_all, visitor.org_id)
        place.clear()
        with place, card("API keys", flush=True) as top:
            with top:
                if visitor.may("keys.write"):
                    button("New key", partial(_new_key, visitor, draw), icon="add", small=True)
            for holder in sorted(holders, key=lambda each: bool(each.key.revoked_at)):
                _key(visitor, holder, draw)
            if not holders:
                empty("o_key", "No keys", "Make one so that a service can trigger workflows.")

    await draw()


def _key(visitor: Visitor, holder: Holder, draw: object) -> None:
    key = holder.key
    with box("sk-line"):
        with box("sk-stack sk-stack--tight sk-grow"):
            with row():
                text(key.label or "unnamed", "sk-strong sk-cut")
                text(key.role, "sk-tag")
                if key.id == visitor.identity.key_id:
                    text("this session", "sk-tag")
            with row("sk-small sk-muted sk-row--wrap"):
                text(f"{key.prefix}…", "sk-mono")
                text(f"caller {holder.caller}")
                text("last used")
                When(key.last_used_at)
        if key.revoked_at:
            with row("sk-small sk-muted"):
                text("revoked")
                When(key.revoked_at)
        elif key.expires_at and key.expires_at < clock.wall():
            text("expired", "sk-small sk-muted")
        elif visitor.may("keys.write"):
            button("Revoke", partial(_revoke, visitor, holder, draw), kind="danger", small=True)


async def _new_key(visitor: Visitor, draw: object) -> None:
    identity = await visitor.require("keys.write")
    callers = await visitor.call(visitor.house.system.callers.all, identity.org_id)
    with dialog("New API key", size="narrow") as (window, foot):
        label = text_input("Label", placeholder="Shop backend, staging")
        options = {each.id: each.name for each in callers}
        caller = select_input("Caller", options, callers[0].id if callers else None)
        roles = [role for role in ROLES if may_grant(identity, role)]
        role = select_input(
            "Role", roles, "caller", help_text="caller: starts runs and sees its own, nothing else."
        )
        with foot:
            button("Cancel", window.close, kind="ghost")

            async def create() -> None:
                current = await visitor.require("keys.write")
                if not may_grant(current, str(role.value)):
                    ui.notify("You cannot hand out a role above your own.")
                    return
                made = await visitor.call(
                    visitor.house.system.keys.create,
                    current.org_id,
                    str(caller.value),
                    str(role.value),
                    str(label.value or ""),
                    actor=current.actor,
                )
                window.close()
                _shown_once(made.plain)
                await draw()  # type: ignore[operator]

            button("Create", create, kind="primary")
    window.open()


def _shown_once(plain: str) -> None:
    with dialog("Your new key") as (window, foot):
        banner("warn", "o_visibility", "Shown once", "Copy it now: only its hash is kept.")
        Code(plain)
        with foot:
            button("Done", window.close, kind="primary")
    window.props("persistent")
    window.open()


async def _revoke(visitor: Visitor, holder: Holder, draw: object) -> None:
    with dialog(f"Revoke {holder.key.label or holder.key.prefix}?", size="narrow") as (window, foot):
        text(
            "Requests with it are refused within a second, and its browser sessions end.", "sk-muted", tag="p"
        )
        with foot:
            button("Keep it", window.close, kind="ghost")

            async def go() -> None:
                current = await visitor.require("keys.write")
                window.close()
                try:
                    revoke = visitor.house.system.keys.revoke
                    await visitor.call(revoke, current.org_id, holder.key.id, actor=current.actor)
                except IdentityError as error:
                    ui.notify(str(error))
                await draw()  # type: ignore[operator]

            button("Revoke", go, kind="danger")
    window.open()


async def _callers(visitor: Visitor) -> None:
    callers = await visitor.call(visitor.house.system.callers.all, visitor.org_id)
    with card("Signing secrets", flush=True):
        for caller in callers:
            _caller(visitor, caller)
        with box("sk-line"):
            text(
                "Callbacks are signed with them (Standard Webhooks). Receivers need the same secret.",
                "sk-hint",
            )


def _caller(visitor: Visitor, caller: Caller) -> None:
    with box("sk-line"):
        with box("sk-stack sk-stack--tight sk-grow"):
            text(caller.name, "sk-strong")
            if caller.rotating_until:
                with row("sk-small sk-muted"):
                    text("two secrets sign until the old one ends")
                    When(caller.rotating_until)
        text("whsec_••••••••", "sk-mono sk-small sk-muted")
        attrs(
            button("Show", partial(_reveal, visitor, caller), small=True),
            aria_label=f"Show secret of {caller.name}",
        )
        button("Rotate", partial(_rotate, visitor, caller), small=True)


async def _reveal(visitor: Visitor, caller: Caller) -> None:
    """Fetch a secret only now, so that it is in no page."""
    identity = await visitor.require("callers.write")
    current = await visitor.call(visitor.house.system.callers.find, identity.org_id, caller.name)
    with dialog(f"Signing secret of {caller.name}") as (window, foot):
        for secret in current.secrets:
            Code(secret)
        with foot:
            button("Done", window.close, kind="primary")
    window.open()


async def _rotate(visitor: Visitor, caller: Caller) -> None:
    identity = await visitor.require("callers.write")
    await visitor.call(visitor.house.system.callers.rotate, identity.acting(), caller.name)
    ui.notify("New secret made; the old one signs beside it for a day.")
    ui.navigate.reload()


def _appearance(visitor: Visitor) -> None:
    with card("Appearance"):
        select_input("Theme", dict(_THEMES), visitor.theme, lambda value: _choose(visitor, value))


async def _choose(visitor: Visitor, value: str) -> None:
    await choose_theme(visitor, theme.chosen({theme.THEME_COOKIE: value}))


def _about(visitor: Visitor) -> None:
    system = visitor.house.system
    with card("About"), facts():
        fact("Version", _version())
        with fact("Address"):
            CopyId(system.public_url, label="address")
        fact("Database", "PostgreSQL" if system.db.dialect == "postgresql" else "SQLite, in the data folder")
        fact("Retry delays", ", ".join(f"{delay:g} s" for delay in system.settings.retry_delays))
        fact("Services", ", ".join(sorted(system.providers)))
        with fact("API"):
            attrs(anchor("Reference", "/docs"), target="_blank")


def _version() -> str:
    try:
        return version("sakuga")
    except PackageNotFoundError:
        return "from source"
