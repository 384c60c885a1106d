"""Choosing a language on pages without NiceGUI and without scripts: the parameter ``.lang`` names it.

No field of a form can have that name, because names of fields have no dots.
"""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from app.tongues import COOKIE, LANGUAGES
from app.ui.lang.choose import language_of
from app.ui.lang.say import t

PARAMETER = ".lang"
_YEAR = 31_536_000


def asked(request: Request) -> str:
    """The language of such a page: the one its address names, else the visitor's."""
    named = request.query_params.get(PARAMETER, "")
    return named if named in LANGUAGES else language_of(request)


def keep(answer: Response, named: str | None) -> Response:
    """Remember a language that was chosen for a year, as the menu of the other pages does."""
    if named in LANGUAGES:
        answer.set_cookie(COOKIE, str(named), max_age=_YEAR, samesite="lax", path="/")
    return answer


def links(language: str, query: Mapping[str, str] | None = None) -> str:
    """The languages as links to the same page in each; `query` is what its address keeps. HTML."""
    drawn = []
    for code, name in LANGUAGES.items():
        address = urlencode({**(query or {}), PARAMETER: code})
        current = ' aria-current="true"' if code == language else ""
        drawn.append(f'<a href="?{escape(address)}" lang="{code}"{current}>{name}</a>')
    return _nav(drawn)


def buttons(language: str) -> str:
    """The languages as buttons of a form, so that what was filled in is kept. HTML."""
    drawn = [
        f'<button name="{PARAMETER}" value="{code}" lang="{code}" formnovalidate'
        f"{' aria-current=true' if code == language else ''}>{name}</button>"
        for code, name in LANGUAGES.items()
    ]
    return _nav(drawn)


def _nav(drawn: list[str]) -> str:
    return f'<nav class="sk-languages" aria-label="{escape(t("Language"))}">{"".join(drawn)}</nav>'
