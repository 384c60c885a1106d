"""What is shown of an object in a list; a trigger field hides the rules that its type has not. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.ui.forms.spec import FormField
from app.ui.lang.nodes import choice_words
from app.ui.lang.say import n, t

_RULES_OF_TYPE = {
    "string": {"enum", "pattern", "min_length", "max_length"},
    "integer": {"enum", "minimum", "maximum"},
    "number": {"enum", "minimum", "maximum"},
    "boolean": set[str](),
    "object": set[str](),
    "array": {"min_length", "max_length"},
}
_RULES = set().union(*_RULES_OF_TYPE.values())
_FIRST = ("name", "type", "required", "default", "enum", "description")


def visible_fields(
    fields: tuple[FormField, ...], entry: Mapping[str, Any]
) -> tuple[tuple[FormField, ...], tuple[FormField, ...]]:
    """The fields to show at once, and those behind "more"; without a declared type all are shown at once."""
    if {"name", "when", "value", "values"} <= {field.name for field in fields}:
        return tuple(field for field in fields if field.name in _case(str(entry.get("when")))), ()
    if not {"name", "type", "source"} <= {field.name for field in fields}:
        return fields, ()
    applying = _RULES_OF_TYPE.get(str(entry.get("type")), _RULES)
    found = [field for field in fields if field.name not in _RULES or field.name in applying]
    useful = [_allowed_values(field, entry) if field.name == "enum" else field for field in found]
    main = tuple(_brief(field) for name in _FIRST for field in useful if field.name == name)
    return main, tuple(field for field in useful if field.name not in _FIRST)


def _case(when: str) -> set[str]:
    """What a case of a switch is compared with, if with anything."""
    used = {"empty": set[str](), "one_of": {"values"}}.get(when, {"value"})
    return {"name", "when"} | used


def _brief(field: FormField) -> FormField:
    # these three explain themselves, and a list of ten fields should fit a screen
    return replace(field, help="") if field.name in {"name", "type", "required"} else field


def _allowed_values(field: FormField, entry: Mapping[str, Any]) -> FormField:
    item = FormField("", "", "number" if entry.get("type") in {"integer", "number"} else "text")
    return replace(field, label=t("Allowed values"), kind="list", item=item)


def card_summary(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Name and a line of detail for a folded card."""
    name = next((str(entry[key]) for key in ("name", "title", "key", "id") if entry.get(key)), "")
    detail = [choice_words(str(entry["type"]))] if entry.get("type") else []
    if entry.get("when"):
        compared = entry.get("values") if entry["when"] == "one_of" else [entry.get("value")]
        words = ", ".join(str(each) for each in compared or () if each)
        detail.append(f"{choice_words(str(entry['when']))} {words}".strip())
    if entry.get("secret"):
        detail.append(t("secret {name}", name=entry["secret"]))
    if entry.get("required"):
        detail.append(t("required"))
    elif entry.get("default") is not None:
        detail.append(t("default {value}", value=entry["default"]))
    if entry.get("enum"):
        detail.append(n("{count} value", "{count} values", len(entry["enum"])))
    return name, " · ".join(detail)
