"""Text with ``{{placeholders}}``: values go in once and as they are; there is no logic to inject into."""

import functools
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{\{\s*([a-z_][a-z0-9_]*)\s*(?:\|([^{}]*))?\}\}")
_BRACES = re.compile(r"\{\{|\}\}")


class TemplateError(ValueError):
    """A template cannot be used."""


class MalformedTemplateError(TemplateError):
    """Braces that are no placeholder; the position counts characters from 1."""

    def __init__(self, position: int, found: str) -> None:
        super().__init__(
            f"character {position}: '{found}' is not a placeholder; write {{{{name}}}} or "
            "{{name|default text}}, the name of lowercase letters, digits and underscores"
        )
        self.position = position
        self.found = found


class MissingValueError(TemplateError):
    """A placeholder without a default got no value."""

    def __init__(self, name: str) -> None:
        super().__init__(f"placeholder '{name}' has neither a value nor a default")
        self.name = name


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One place for a value; without a default (None) the value is required."""

    name: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """A parsed template: plain text and placeholders in their order."""

    parts: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """Every placeholder, repeated ones included, in the order of the text."""
        return tuple(part for part in self.parts if isinstance(part, Placeholder))

    def render(self, values: Mapping[str, str], optional: Container[str] = ()) -> str:
        """Put the values in and collapse white space; a blank value counts as none.

        Braces inside a value stay as they are: data is never read as a template. The names in `optional`
        may stay empty.

        Raises:
            MissingValueError: another placeholder without default has no value.
        """
        pieces = (part if isinstance(part, str) else _fill(part, values, optional) for part in self.parts)
        return " ".join("".join(pieces).split())


@functools.lru_cache(maxsize=256)
def parse(text: str) -> Template:
    """Read a template.

    Raises:
        MalformedTemplateError: for braces that open or close nothing, with their position.
    """
    parts: list[str | Placeholder] = []
    start = 0
    while braces := _BRACES.search(text, start):
        match = _PLACEHOLDER.match(text, braces.start())
        if not match:
            raise MalformedTemplateError(braces.start() + 1, text[braces.start() : braces.start() + 20])
        parts += [text[start : match.start()], Placeholder(match[1], match[2])]
        start = match.end()
    return Template((*parts, text[start:]))


def cut(text: str, length: int) -> str:
    """The text, shortened to at most `length` characters, after a whole word where there is one."""
    if len(text) <= length:
        return text
    return text[: length + 1].rsplit(" ", 1)[0][:length].rstrip(" ,;:")


def _fill(placeholder: Placeholder, values: Mapping[str, str], optional: Container[str]) -> str:
    value = values.get(placeholder.name, "")
    if value.strip():
        return value
    if placeholder.default is None and placeholder.name not in optional:
        raise MissingValueError(placeholder.name)
    return placeholder.default or ""
