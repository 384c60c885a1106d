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
from app.tongues import LANGUAGES
from app.ui import theme
from app.ui.forms.fields import select_input, text_input
from app.ui.lang.choose import remember_script
from app.ui.lang.heard import heard
from app.ui.lang.say import current, decimal, said, t
from app.ui.parts.base import anchor, attrs, box, button, row, text
from app.ui.parts.show import Code, CopyId, When, banner, card, dialog, empty, fact, facts
from app.ui.shell import choose_theme, frame, head, settings_tabs, sign_out
from app.ui.visitor import Visitor
from app.ui.words import ROLE_NAMES

_THEMES = {"auto": said("Follow the system"), "light": said("Light"), "dark": said("Dark")}


async def show(visitor: Visitor, _: Mapping[str, str]) -> None:
    """Build the page: everyone sees appearance and about, administrators keys and secrets too."""
    await visitor.require("runs.read")
    with frame(visitor, "settings", t("Settings"), page="sk-page sk-page--narrow"):
        with head(t("Settings")):
            button(t("Sign out"), partial(sign_out, visitor), icon="o_logout")
        settings_tabs(visitor, "/settings")
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
        with place, card(t("API keys"), flush=True) as top:
            with top:
                if visitor.may("keys.write"):
                    button(t("New key"), partial(_new_key, visitor, draw), icon="add", small=True)
            for holder in sorted(holders, key=lambda each: bool(each.key.revoked_at)):
                _key(visitor, holder, draw)
            if not holders:
                empty("o_key", t("No keys"), t("Make one so that a service can trigger workflows."))

    await draw()


def _key(visitor: Visitor, holder: Holder, draw: object) -> None:
    key = holder.key
    with box("sk-line"):
        with box("sk-stack sk-stack--tight sk-grow"):
            with row():
                text(key.label or t("unnamed"), "sk-strong sk-cut")
                text(t(ROLE_NAMES.get(key.role, key.role)), "sk-tag")
                if key.id == visitor.identity.key_id:
                    text(t("this session"), "sk-tag")
            with row("sk-small sk-muted sk-row--wrap"):
                text(f"{key.prefix}…", "sk-mono")
                text(t("caller {caller}", caller=holder.caller))
                if key.last_used_at is None:
                    text(t("not used yet"))
                else:
                    text(t("last used"))
                    When(key.last_used_at)
        if key.revoked_at:
            with row("sk-small sk-muted"):
                text(t("revoked"))
                When(key.revoked_at)
        elif key.expires_at and key.expires_at < clock.wall():
            text(t("expired"), "sk-small sk-muted")
        elif visitor.may("keys.write"):
            button(t("Revoke"), partial(_revoke, visitor, holder, draw), kind="danger", small=True)


async def _new_key(visitor: Visitor, draw: object) -> None:
    identity = await visitor.require("keys.write")
    callers = await visitor.call(visitor.house.system.callers.all, identity.org_id)
    with dialog(t("New API key"), size="narrow") as (window, foot):
        label = text_input(t("Label"), placeholder=t("Shop backend, staging"))
        options = {each.id: each.name for each in callers}
        caller = select_input(t("Caller"), options, callers[0].id if callers else None)
        roles = {role: t(ROLE_NAMES.get(role, role)) for role in ROLES if may_grant(identity, role)}
        role = select_input(
            t("Role"), roles, "caller", help_text=t("A caller starts runs and sees its own, nothing else.")
        )
        with foot:
            button(t("Cancel"), window.close, kind="ghost")

            async def create() -> None:
                current = await visitor.require("keys.write")
                if not may_grant(current, str(role.value)):
                    ui.notify(t("You cannot hand out a role above your own."))
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

            button(t("Create"), create, kind="primary")
    window.open()


def _shown_once(plain: str) -> None:
    with dialog(t("Your new key")) as (window, foot):
        banner("warn", "o_visibility", t("Shown once"), t("Copy it now: only its hash is kept."))
        Code(plain)
        with foot:
            button(t("Done"), window.close, kind="primary")
    window.props("persistent")
    window.open()


async def _revoke(visitor: Visitor, holder: Holder, draw: object) -> None:
    with dialog(t("Revoke {label}?", label=holder.key.label or holder.key.prefix), size="narrow") as (
        window,
        foot,
    ):
        text(
            t("Requests with it are refused within a second, and its browser sessions end."),
            "sk-muted",
            tag="p",
        )
        with foot:
            button(t("Keep it"), window.close, kind="ghost")

            async def go() -> None:
                current = await visitor.require("keys.write")
                window.close()
                try:
                    revoke = visitor.house.system.keys.revoke
                    await visitor.call(revoke, current.org_id, holder.key.id, actor=current.actor)
                except IdentityError as error:
                    ui.notify(heard(error))
                await draw()  # type: ignore[operator]

            button(t("Revoke"), go, kind="danger")
    window.open()


async def _callers(visitor: Visitor) -> None:
    callers = await visitor.call(visitor.house.system.callers.all, visitor.org_id)
    with card(t("Signing secrets"), flush=True):
        for caller in callers:
            _caller(visitor, caller)
        with box("sk-line"):
            text(
                t("Callbacks are signed with them (Standard Webhooks). Receivers need the same secret."),
                "sk-hint",
            )


def _caller(visitor: Visitor, caller: Caller) -> None:
    with box("sk-line"):
        with box("sk-stack sk-stack--tight sk-grow"):
            text(caller.name, "sk-strong")
            if caller.rotating_until:
                with row("sk-small sk-muted"):
                    text(t("two secrets sign until the old one ends"))
                    When(caller.rotating_until)
        text("whsec_••••••••", "sk-mono sk-small sk-muted")
        attrs(
            button(t("Show"), partial(_reveal, visitor, caller), small=True),
            aria_label=t("Show secret of {name}", name=caller.name),
        )
        button(t("Rotate"), partial(_rotate, visitor, caller), small=True)


async def _reveal(visitor: Visitor, caller: Caller) -> None:
    """Fetch a secret only now, so that it is in no page."""
    identity = await visitor.require("callers.write")
    current = await visitor.call(visitor.house.system.callers.find, identity.org_id, caller.name)
    with dialog(t("Signing secret of {name}", name=caller.name)) as (window, foot):
        for secret in current.secrets:
            Code(secret)
        with foot:
            button(t("Done"), window.close, kind="primary")
    window.open()


async def _rotate(visitor: Visitor, caller: Caller) -> None:
    identity = await visitor.require("callers.write")
    await visitor.call(visitor.house.system.callers.rotate, identity.acting(), caller.name)
    ui.notify(t("New secret made; the old one signs beside it for a day."))
    ui.navigate.reload()


def _appearance(visitor: Visitor) -> None:
    with card(t("Appearance")), box("sk-cols"):
        select_input(
            t("Theme"),
            {key: t(label) for key, label in _THEMES.items()},
            visitor.theme,
            lambda value: _choose(visitor, value),
        )
        select_input(t("Language"), dict(LANGUAGES), current(), _speak)


async def _choose(visitor: Visitor, value: str) -> None:
    await choose_theme(visitor, theme.chosen({theme.THEME_COOKIE: value}))


def _speak(language: str) -> None:
    ui.run_javascript(remember_script(language))


def _about(visitor: Visitor) -> None:
    system = visitor.house.system
    with card(t("About")), facts():
        fact(t("Version"), _version())
        with fact(t("Address")):
            CopyId(system.public_url, label=t("address"))
        fact(
            t("Database"),
            "PostgreSQL" if system.db.dialect == "postgresql" else t("SQLite, in the data folder"),
        )
        fact(
            t("Retry delays"),
            ", ".join(t("{count} s", count=decimal(delay)) for delay in system.settings.retry_delays),
        )
        fact(t("Services"), ", ".join(sorted(system.providers)))
        with fact("API"):
            attrs(anchor(t("Reference"), "/docs"), target="_blank")


def _version() -> str:
    try:
        return version("sakuga")
    except PackageNotFoundError:
        return t("from source")
