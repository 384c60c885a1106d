"""A form for the payload of a trigger, from the workflow's contract."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from app.ui.forms.form import Form
from app.ui.forms.spec import FormField, Kind
from app.ui.lang.say import t
from app.ui.parts.base import box, text
from app.ui.words import title
from app.workflows.flat import body_with, values_in
from graphs.fields import FieldSpec
from graphs.trigger import TriggerInvalid

_KINDS: dict[str, Kind] = {
    "string": "text",
    "integer": "integer",
    "number": "number",
    "boolean": "switch",
    "object": "value",
    "array": "value",
}
_LONG = 300


class PayloadForm:
    """Inputs for every field of a contract; ``body`` is what would be sent, like the one that was given."""

    def __init__(
        self,
        fields: tuple[FieldSpec, ...],
        body: Mapping[str, Any],
        changed: Callable[[], None] | None = None,
    ) -> None:
        self.body = dict(body)
        self._fields = fields
        self._told = changed
        if not fields:
            text(t("This workflow takes no fields; it runs with an empty payload."), "sk-muted")
            self._form: Form | None = None
            return
        with box("sk-stack"):
            values = values_in(fields, self.body)
            self._form = Form(tuple(form_field(each) for each in fields), values, self._changed)

    def show_errors(self, error: TriggerInvalid) -> None:
        """Show what a contract refused at its fields."""
        if self._form is not None:
            self._form.errors.show({each.field: each.detail for each in error.errors})

    @property
    def text(self) -> str:
        """The payload as JSON text."""
        return json.dumps(self.body, ensure_ascii=False, indent=2)

    def _changed(self, values: dict[str, Any]) -> None:
        given = {name: value for name, value in values.items() if value is not None and value != ""}
        self.body = body_with(self._fields, given, self.body)
        if self._told is not None:
            self._told()


def form_field(field: FieldSpec) -> FormField:
    """A declared field as a form field."""
    kind = "choice" if field.enum else _KINDS[field.type]
    if kind == "text" and (field.max_length or 0) > _LONG:
        kind = "lines"
    return FormField(
        name=field.name,
        label=title(field.name),
        kind=kind,
        help=field.description,
        required=field.required,
        nullable=not field.required,
        default=field.default,
        options=tuple(field.enum or ()),
        verbatim=True,
        minimum=None if field.minimum is None else float(field.minimum),
        maximum=None if field.maximum is None else float(field.maximum),
        max_length=field.max_length,
    )
