"""``t("Save")``: a text in the language of whoever looks at the page."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from decimal import Decimal
from typing import Final

from nicegui import context

from app.tongues import DEFAULT, LANGUAGES
from app.ui.lang.catalogue import Entry, catalogue
from app.ui.lang.choose import language_of

_fixed: ContextVar[str | None] = ContextVar("sakuga_language", default=None)
_POINTS: Final = {"de": "."}
MEANING: Final = "##"
_MARKS: Final = str.maketrans(",.", ".,")


def t(text: str, /, **values: object) -> str:
    """An English text in the current language, its ``{name}`` parts filled with `values`.

    Give the text as a literal: a test reads the code and holds that every catalogue has it. Where one
    English word means two things, `##` and a remark follow it: ``t("Run##verb")`` says "Run".
    """
    entry = catalogue(current()).get(text) or text.partition(MEANING)[0]
    return filled(entry if isinstance(entry, str) else entry[1], values)


def said(text: str) -> str:
    """The text itself, to be given to ``t`` later: marks a literal in a table made at import."""
    return text


def n(one: str, many: str, /, count: int, **values: object) -> str:
    """A text with a number: ``n("{count} run", "{count} runs", count=3)``; the catalogue's key is `many`."""
    entry: Entry = catalogue(current()).get(many, (one, many))
    form = entry if isinstance(entry, str) else entry[count != 1]
    return filled(form, {"count": number(count), **values})


def number(count: int) -> str:
    """A whole number with the marks between thousands that the language writes."""
    return f"{count:,}".replace(",", _POINTS.get(current(), ","))


def decimal(value: float | Decimal, spec: str = "g", *, short: bool = False) -> str:
    """A number written as `spec` says with the marks of the language; `short` drops zeros at its end."""
    written = f"{value:{spec}}"
    if short and "." in written:
        written = written.rstrip("0").rstrip(".")
    return written.translate(_MARKS) if current() in _POINTS else written


def filled(text: str, values: dict[str, object]) -> str:
    """The text with its ``{name}`` parts replaced; other braces stay as they are."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def current() -> str:
    """The language now: the one in use (``use``), else that of the page's client, else English."""
    fixed = _fixed.get()
    if fixed is not None:
        return fixed
    try:
        request = context.client.request
    except RuntimeError:  # no page is being built: a start-up text or a test
        return DEFAULT
    known = getattr(request.state, "language", None)
    if known is None:
        known = request.state.language = language_of(request)
    return str(known)


@contextmanager
def use(language: str) -> Iterator[None]:
    """Speak this language inside, for pages that have no client; unknown ones speak English."""
    token = _fixed.set(language if language in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _fixed.reset(token)
