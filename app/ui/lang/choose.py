"""Which language a visitor gets: the one chosen here (a cookie), else what the browser asks for."""

from typing import Literal

from starlette.requests import Request

from app.tongues import COOKIE, chosen

# what Quasar's own texts and the page's `lang` are called
TAGS: dict[str, Literal["en-US", "de", "ja"]] = {"en": "en-US", "de": "de", "ja": "ja"}


def language_of(request: Request) -> str:
    """``en``, ``de`` or ``ja``."""
    return chosen(request.cookies, request.headers.get("accept-language", ""))


def remember_script(language: str) -> str:
    """JavaScript that keeps the choice for a year and shows the page again."""
    return (
        f"document.cookie = '{COOKIE}={language}; path=/; max-age=31536000; samesite=lax'; location.reload()"
    )
