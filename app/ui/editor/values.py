"""A value that travelled along a link, in people's words; JSON only when somebody asks for it."""

import json
from collections.abc import Mapping
from typing import Any

from app.ui.house import House
from app.ui.lang.say import n, t
from app.ui.parts.base import box, text
from app.ui.parts.gallery import gallery
from app.ui.parts.show import Code, fact, facts
from app.ui.progress import pictures
from app.ui.words import title

_LONG, _WIDE, _FEW = 400, 34, 14


def values(house: House, found: Mapping[str, Any], sources: Mapping[str, str] | None = None) -> None:
    """Each value under its socket's name; `sources` say where it came from."""
    for name, value in found.items():
        with box("sk-value"):
            with box("sk-row sk-row--between"):
                text(title(name), "sk-field__label")
                if sources and sources.get(name):
                    text(t("from {title}", title=sources[name]), "sk-small sk-faint sk-cut")
            value_of(house, value)


def value_of(house: House, value: Any) -> None:
    """One value."""
    made = pictures(json.dumps(value)) if isinstance(value, dict | list) else []
    if made:
        gallery(house, made)
    elif isinstance(value, dict):
        _fields(value)
    elif isinstance(value, list):
        _items(house, value)
    else:
        _plain(value)


def _plain(value: Any) -> None:
    if value is None or value == "":
        text(t("empty"), "sk-faint")
        return
    told = (t("yes") if value else t("no")) if isinstance(value, bool) else str(value)
    if len(told) <= _LONG:
        text(told, "sk-wrap", tag="p")
        return
    with box(tag="details"):
        text(told[:_LONG] + "…", "sk-wrap", tag="summary")
        text(told, "sk-wrap", tag="p")


def _fields(value: Mapping[str, Any]) -> None:
    simple = {
        name: each
        for name, each in value.items()
        if not isinstance(each, dict | list) and each not in (None, "")
    }
    shown = list(simple.items())[:_FEW]
    with facts():
        for name, each in shown:
            if isinstance(each, bool) or len(str(each)) <= _WIDE:
                fact(title(name), (t("yes") if each else t("no")) if isinstance(each, bool) else str(each))
    for name, each in shown:
        if not isinstance(each, bool) and len(str(each)) > _WIDE:
            text(title(name), "sk-small sk-muted")
            _plain(each)
    rest = {name: each for name, each in value.items() if isinstance(each, dict | list) and each}
    if rest or len(simple) > _FEW:
        _more(value)


def _items(house: House, items: list[Any]) -> None:
    if not items:
        text(t("empty list"), "sk-faint")
        return
    if all(not isinstance(each, dict | list) for each in items):
        with box("sk-list", "ul"):
            for each in items[:_FEW]:
                text(str(each), "sk-wrap", tag="li")
        if len(items) > _FEW:
            text(n("and {count} more", "and {count} more", count=len(items) - _FEW), "sk-small sk-muted")
        return
    text(n("{count} item", "{count} items", count=len(items)), "sk-small sk-muted")
    if len(items) == 1:
        value_of(house, items[0])
    else:
        _more(items)


def _more(value: Any) -> None:
    with box(tag="details"):
        text(t("All of it"), "sk-small sk-muted", tag="summary")
        Code(json.dumps(value, indent=1, ensure_ascii=False), wrap=True)
