"""The languages there are, and which of them a browser gets: the one chosen here (a cookie), else its wish.

Accept-Language is read as RFC 9110 §12.5.4 says.
"""

from collections.abc import Mapping

COOKIE = "sakuga_language"
DEFAULT = "en"
LANGUAGES = {"en": "English", "de": "Deutsch", "ja": "日本語"}


def chosen(cookies: Mapping[str, str], accepted: str) -> str:
    """The cookie's language when we have it, else the best of an Accept-Language header, else English."""
    wanted = cookies.get(COOKIE, "")
    if wanted in LANGUAGES:
        return wanted
    ranked = sorted(map(_ranked, accepted[:1_000].split(",")), key=lambda each: -each[1])
    return next((tag for tag, weight in ranked if weight > 0 and tag in LANGUAGES), DEFAULT)


def _ranked(part: str) -> tuple[str, float]:
    tag, _, rest = part.strip().partition(";")
    weight = rest.strip().removeprefix("q=")
    try:
        return tag.strip().lower().split("-")[0], float(weight) if weight else 1.0
    except ValueError:
        return "", 0.0
