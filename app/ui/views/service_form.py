"""The dialog that connects a service or changes it; a stored credential is never shown again."""

from typing import Any

from nicegui import ui

from app.identity.connections import Listed, Wanted, read_wanted
from app.identity.errors import IdentityError
from app.providers.connection import OfferedModel
from app.providers.kinds import KINDS
from app.ui.forms.fields import labelled, select_input, text_input
from app.ui.forms.form import Form
from app.ui.forms.spec import form_fields
from app.ui.lang.heard import heard
from app.ui.lang.nodes import spoken_schema
from app.ui.lang.say import said, t
from app.ui.parts.base import attrs, box, button, text
from app.ui.parts.show import dialog
from app.ui.visitor import Visitor

_IN_FORM = ("models", "settings", "enabled")


async def edit(visitor: Visitor, listed: Listed | None, draw: Any) -> None:
    """Ask for everything that is known of a service, and keep it."""
    await visitor.require("providers.write")
    found = listed.connection if listed else None
    with dialog(t("Change {name}", name=found.name) if found else t("Connect a service")) as (window, foot):
        with box("sk-stack"):
            form = _Fields(listed)
            wrong = text("", "sk-field__error")
        with foot:
            button(t("Cancel"), window.close, kind="ghost")

            async def save() -> None:
                identity = await visitor.require("providers.write")
                connections = visitor.house.system.connections
                try:
                    wanted = read_wanted(form.given())
                    if found:
                        await visitor.call(connections.change, identity.acting(), found.name, wanted)
                    else:
                        await visitor.call(connections.create, identity.acting(), form.name, wanted)
                except IdentityError as error:
                    wrong.text = heard(error)
                else:
                    window.close()
                    await draw()

            button(t("Save"), save, kind="primary")
    window.open()


class _Fields:
    """The fields of the dialog, filled with what is known of a service."""

    def __init__(self, listed: Listed | None) -> None:
        found = listed.connection if listed else None
        self._values = _values(listed)
        self._name = (
            None if found else text_input(t("Name"), placeholder="studio-flux", help_text=t(_NAME_HELP))
        )
        kinds = {key: t(each.title) for key, each in KINDS.items()}
        self._kind = select_input(t("Protocol"), kinds, found.kind if found else next(iter(kinds)))
        self._url = text_input(
            t("Address"),
            found.base_url if found else "",
            placeholder=next(iter(KINDS.values())).example,
            help_text=t("The paths of the protocol are appended to it."),
        )
        with labelled(t("Credential"), _credential_help(listed)) as adopt:
            made = ui.input(password=True, password_toggle_button=False)
            self._credential = attrs(adopt(made), autocomplete="new-password")
        fields = form_fields(spoken_schema(Wanted.model_json_schema()))
        shown = tuple(each for each in fields if each.name in _IN_FORM)
        Form(shown, {key: self._values[key] for key in _IN_FORM}, self._values.update)

    @property
    def name(self) -> str:
        """What a new service is to be called."""
        return str(self._name.value or "").strip() if self._name else ""

    def given(self) -> dict[str, Any]:
        """What was entered; a credential only where one was typed."""
        given = {**self._values, "kind": self._kind.value, "base_url": str(self._url.value or "").strip()}
        if self._credential.value:
            given["credential"] = str(self._credential.value)
        return given


_NAME_HELP = said("What workflows call it: a-z, 0-9, '.', '_', '-'.")


def _credential_help(listed: Listed | None) -> str:
    if listed and listed.has_credential:
        return t("There is one; it is never shown. Leave this empty to keep it.")
    return t("The service's key. It is encrypted and never shown again. Local servers often need none.")


def _values(listed: Listed | None) -> dict[str, Any]:
    """What the form shows at first."""
    if listed is None:
        empty = {"id": "", "title": "", "price": 0.0, "description": "", "reference": False}
        return {"models": [empty], "settings": {}, "enabled": True}
    found = listed.connection
    models = [{name: getattr(each, name) for name in OfferedModel.model_fields} for each in found.models]
    return {
        "models": models,
        "settings": found.settings.model_dump(mode="json"),
        "enabled": found.enabled,
    }
