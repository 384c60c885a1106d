"""Which language a visitor gets: the one chosen here (a cookie), else what the browser asks for.

Accept-Language is read as RFC 9110 §12.5.4 says.
"""

from collections.abc import Mapping
from typing import Literal

from starlette.requests import Request

from app.ui.lang.catalogue import LANGUAGES

COOKIE = "sakuga_language"
DEFAULT = "en"
# what Quasar's own texts and the page's `lang` are called
TAGS: dict[str, Literal["en-US", "de", "ja"]] = {"en": "en-US", "de": "de", "ja": "ja"}


def language_of(request: Request) -> str:
    """``en``, ``de`` or ``ja``."""
    return chosen(request.cookies, request.headers.get("accept-language", ""))


def chosen(cookies: Mapping[str, str], accepted: str) -> str:
    """The cookie's language when we have it, else the best of an Accept-Language header, else English."""
    wanted = cookies.get(COOKIE, "")
    if wanted in LANGUAGES:
        return wanted
    ranked = sorted(map(_ranked, accepted[:1_000].split(",")), key=lambda each: -each[1])
    return next((tag for tag, weight in ranked if weight > 0 and tag in LANGUAGES), DEFAULT)


def remember_script(language: str) -> str:
    """JavaScript that keeps the choice for a year and shows the page again."""
    return (
        f"document.cookie = '{COOKIE}={language}; path=/; max-age=31536000; samesite=lax'; location.reload()"
    )


def _ranked(part: str) -> tuple[str, float]:
    tag, _, rest = part.strip().partition(";")
    weight = rest.strip().removeprefix("q=")
    try:
        return tag.strip().lower().split("-")[0], float(weight) if weight else 1.0
    except ValueError:
        return "", 0.0
