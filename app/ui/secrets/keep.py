"""The dialog that keeps a new secret or replaces one; a stored value is never shown."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from nicegui import ui

from app.egress.places import read_place
from app.identity.errors import IdentityError, InvalidError
from app.identity.secrets import Secret
from app.ui.forms.fields import Errors, labelled
from app.ui.lang.heard import heard
from app.ui.lang.say import said, t
from app.ui.parts.base import attrs, button, stack
from app.ui.parts.show import banner, dialog
from app.ui.visitor import Visitor

Kept = Callable[[str], Any]
_OLD = said("Drafts and versions that were stored with it keep it: have the service issue a new key.")
_SPLIT = re.compile(r"[\s,;]+")
_COMMON = frozenset({"api", "www", "app", "rest", "gateway", "hooks", "eu", "us"})


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the dialog begins with; a value is kept on the server and only said to be there."""

    name: str = ""
    hosts: tuple[str, ...] = ()
    value: str = field(default="", repr=False)
    where: str = ""


def suggested(url: str, value: str = "", where: str = "") -> Suggested:
    """A name and the host for what is sent to an address."""
    host = ""
    with suppress(ValueError):
        host = read_place(urlsplit(url).netloc)
    labels = [each for each in host.split(":")[0].split(".")[:-1] if each not in _COMMON]
    name = re.sub(r"[^a-z0-9_-]", "", labels[-1]) if labels else ""
    return Suggested(name, (host,) if host else (), value, where)


async def keep_secret(
    visitor: Visitor, kept: Kept, secret: Secret | None = None, given: Suggested | None = None
) -> None:
    """Ask for name, value and hosts; ``kept`` is told the name once it is stored."""
    await visitor.require("secrets.write")
    given = given or Suggested()
    hosts = secret.hosts if secret else given.hosts
    title = t("Replace {name}", name=secret.name) if secret else t("New secret")
    errors = Errors()
    with dialog(title) as (window, foot):
        with stack():
            if given.value:
                banner("warn", "o_key", t("The key of {where} becomes a secret", where=given.where), t(_OLD))
            name = None if secret else _name(given.name, errors)
            value = None if given.value else _value(secret, errors)
            places = _places(hosts, errors)
        with foot:
            button(t("Cancel"), window.close, kind="ghost")

            async def save() -> None:
                actor = (await visitor.require("secrets.write")).acting()
                secrets = visitor.house.system.secrets
                typed = str(value.value or "").strip() if value else given.value
                wanted = [each for each in _SPLIT.split(str(places.value or "")) if each]
                try:
                    if secret:
                        await visitor.call(secrets.change, actor, secret.name, typed or None, wanted)
                        called = secret.name
                    else:
                        called = str(name.value or "").strip() if name else ""
                        await visitor.call(secrets.create, actor, called, typed, wanted)
                except InvalidError as error:
                    errors.show({error.field.partition(".")[0]: heard(error.reason)})
                except IdentityError as error:
                    errors.show({"name" if name else "hosts": heard(error)})
                else:
                    if value:
                        value.value = ""
                    window.close()
                    await kept(called)

            button(t("Save"), save, kind="primary")
    window.open()


def _name(value: str, errors: Errors) -> Any:
    with labelled(
        t("Name"), t("What workflows call it: a-z, 0-9, '.', '_', '-'."), path="name", errors=errors
    ) as adopt:
        return attrs(adopt(ui.input(value=value, placeholder="crm")), maxlength=60, autocomplete="off")


def _value(secret: Secret | None, errors: Errors) -> Any:
    told = t("The key or password itself. It is encrypted and never shown again.")
    if secret:
        told = t("Leave this empty to keep the value. A new one holds from the next request on.")
    with labelled(t("Value"), told, path="value", errors=errors) as adopt:
        made = adopt(ui.input(password=True, password_toggle_button=False))
        return attrs(made, autocomplete="new-password", maxlength=4100)


def _places(hosts: tuple[str, ...], errors: Errors) -> Any:
    told = t("Host names, separated by commas. It is sent nowhere else, whatever a workflow says.")
    with labelled(t("May be sent to"), told, path="hosts", errors=errors) as adopt:
        shown = ", ".join(hosts)
        return attrs(adopt(ui.input(value=shown, placeholder="api.example.com")), autocomplete="off")
