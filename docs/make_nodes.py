"""Writes docs/nodes.md from the node types themselves: `.venv/bin/python docs/make_nodes.py`."""
# ruff: noqa: INP001 - a script, not a package

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import nodes
from app.assets.imaging.presets import load_platforms
from graphs.catalogue import discover
from graphs.check import accepts
from nodes.presets import styles

PATH = Path(__file__).with_name("nodes.md")
_HEAD = """# Node types

What each node does, what it takes and gives, and what can be set. This page is written by
`.venv/bin/python docs/make_nodes.py` from the node types; a test sees that it is up to date. The same facts
as JSON: `GET /v1/node-types`.
"""
_SOCKETS = """## Sockets

A link runs from an output to an input. An input takes one link, an output any number. These types fit:
"""


def page() -> str:
    """The whole page as Markdown."""
    types = discover(nodes).describe()
    parts = [_HEAD, _contents(types)]
    for group, members in groupby(types, key=lambda each: each["group"]):
        parts.append(f"## {group}\n")
        parts += ["\n".join(_type(each)) for each in members]
    parts += ["\n".join(_fits(types)), "\n".join(_styles()), "\n".join(_platforms())]
    return "\n".join(parts)


def _contents(types: list[dict[str, Any]]) -> str:
    return "".join(f"- [{each['title']}](#{_anchor(each['title'])}) `{each['type']}`\n" for each in types)


def _type(each: dict[str, Any]) -> Iterator[str]:
    yield f"### {each['title']}\n"
    yield f"`{each['type']}`{', slow: work that takes seconds' if each['weight'] == 'slow' else ''}\n"
    if each["cacheable"]:
        yield 'Earlier results may be reused (`"cache": {"seconds": …}` of the node).\n'
    yield each["description"] + "\n"
    if each["dynamic"]:
        yield "Its sockets follow its settings; these are the ones of a new node.\n"
    for side in ("inputs", "outputs"):
        if each[side]:
            rows = ([_socket(one, side), one["type"], one["description"]] for one in each[side])
            yield _table((side.removesuffix("s").capitalize(), "Type", "Meaning"), rows)
    schema = each["settings_schema"]
    yield from _settings("Setting", schema, schema)
    for name in sorted(schema.get("$defs", {})):
        if schema["$defs"][name].get("properties"):
            yield f"{_PARTS[name]}\n"
            yield from _settings("Member", schema["$defs"][name], schema)


_PARTS = {
    "FieldSpec": "Each entry of `fields`:",
    "Preset": "Each entry of `custom`:",
    "Case": "Each entry of `cases`:",
    "Header": "Each entry of `headers`:",
    "Place": "Each entry of `sockets`:",
}


def _socket(socket: dict[str, Any], side: str) -> str:
    return f"`{socket['name']}`{' (required)' if socket['required'] and side == 'inputs' else ''}"


def _settings(word: str, schema: dict[str, Any], whole: dict[str, Any]) -> Iterator[str]:
    required = schema.get("required", ())
    rows = [
        [f"`{name}`", _range(one, whole), _default(one, name in required), one.get("description", "")]
        for name, one in schema.get("properties", {}).items()
    ]
    if rows:
        yield _table((word, "Values", "Default", "Meaning"), rows)


def _range(one: dict[str, Any], whole: dict[str, Any]) -> str:
    """Type and bounds of a setting in a few words."""
    if "$ref" in one:
        return "any JSON" if one["$ref"].endswith("JsonValue") else "object"
    if "anyOf" in one:
        kinds = [_range(each, whole) for each in one["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in one:
        return ", ".join(f"`{each}`" for each in one["enum"])
    return _typed(one, whole)


def _typed(one: dict[str, Any], whole: dict[str, Any]) -> str:
    if one["type"] == "array":
        return f"list of {_range(one['items'], whole)}{_bounds(one, 'minItems', 'maxItems')}"
    if one["type"] == "string":
        return f"text{_bounds(one, 'minLength', 'maxLength', ' characters')}"
    return f"{one['type']}{_bounds(one, 'minimum', 'maximum')}"


def _bounds(one: dict[str, Any], least: str, most: str, unit: str = "") -> str:
    low, high = one.get(least), one.get(most)
    if low is not None and high is not None:
        return f", {low} to {high}{unit}"
    if high is not None:
        return f", at most {high}{unit}"
    return f", at least {low}{unit}" if low is not None else ""


def _default(one: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    value = one.get("default")
    if value in (None, "", [], {}):
        return ""
    return f"`{str(value).lower()}`" if isinstance(value, bool) else f"`{value}`"


def _fits(types: list[dict[str, Any]]) -> Iterator[str]:
    yield _SOCKETS
    found = {one["type"] for each in types for side in ("inputs", "outputs") for one in each[side]}
    rows = (
        [f"`{target}`", ", ".join(f"`{each}`" for each in outputs)]
        for target, outputs in accepts(found | {"Boolean", "Number", "Any"}).items()
    )
    yield _table(("An input of type", "takes outputs of type"), rows)


def _styles() -> Iterator[str]:
    yield "## Style presets\n"
    yield "Keys for the input `key` of a style preset, usually the trigger field `target_style`.\n"
    rows = ([f"`{key}`", style.title, style.positive] for key, style in styles().items())
    yield _table(("Key", "Title", "Words added to the prompt"), rows)


def _platforms() -> Iterator[str]:
    yield "## Platform presets\n"
    yield "Keys for the input `platform` of a multi-format export, usually the field `target_platform`.\n"
    rows = (
        [f"`{key}`", f"{each.width} × {each.height}", each.format] for key, each in load_platforms().items()
    )
    yield _table(("Key", "Pixels", "Format"), rows)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(head)
    lines = [heads, ["---"] * len(heads), *([_cell(text) for text in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


if __name__ == "__main__":
    PATH.write_text(page(), "utf-8")
