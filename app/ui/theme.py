"""The look: one stylesheet of ours, served under a name that changes with its content."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

from fastapi import Request, Response
from starlette.routing import Route

Theme = Literal["auto", "dark", "light"]
THEME_COOKIE = "sakuga_theme"
_MARK = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'><rect width='24' height='24' rx='6'"
    " fill='#4f46e5'/><path d='M7 17V7l10 10V7' fill='none' stroke='white' stroke-width='2.4'/></svg>"
)
FAVICON = "data:image/svg+xml," + quote(_MARK)
_FOLDER = Path(__file__).parent / "style"
_YEAR = "public, max-age=31536000, immutable"
# constant script text per theme: no value ever enters it
_REMEMBER: dict[str, str] = {
    "auto": "document.cookie = 'sakuga_theme=auto; path=/; max-age=31536000; SameSite=Lax'",
    "dark": "document.cookie = 'sakuga_theme=dark; path=/; max-age=31536000; SameSite=Lax'",
    "light": "document.cookie = 'sakuga_theme=light; path=/; max-age=31536000; SameSite=Lax'",
}


@cache
def stylesheet() -> bytes:
    """The whole stylesheet; its parts apply in the order of their names."""
    return b"\n".join(path.read_bytes() for path in sorted(_FOLDER.glob("*.css")))


@cache
def stylesheet_url() -> str:
    return f"/ui/theme-{hashlib.sha256(stylesheet()).hexdigest()[:12]}.css"


def stylesheet_route() -> Route:
    """The route that serves the stylesheet; open to everyone, the sign-in page needs it."""

    def serve(_: Request) -> Response:
        return Response(stylesheet(), media_type="text/css", headers={"Cache-Control": _YEAR})

    return Route("/ui/{name:str}.css", serve)


def favicon_route() -> Route:
    """The mark for those who ask for it by its traditional name."""

    def serve(_: Request) -> Response:
        return Response(_MARK, media_type="image/svg+xml", headers={"Cache-Control": _YEAR})

    return Route("/favicon.ico", serve)


def head() -> str:
    """What every page puts into its head; constant text."""
    return (
        f'<link rel="stylesheet" href="{stylesheet_url()}">'
        '<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f6f6f7">'
        '<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0d0d10">'
    )


def chosen(cookies: dict[str, str]) -> Theme:
    """The theme a browser asked for; ``auto`` follows its system."""
    wanted = cookies.get(THEME_COOKIE, "auto")
    return next((theme for theme in get_args(Theme) if theme == wanted), "auto")


def quasar_dark(theme: Theme) -> bool | None:
    """The value of NiceGUI's dark mode for a theme."""
    return {"auto": None, "dark": True, "light": False}[theme]


def remember_script(theme: Theme) -> str:
    """The script that keeps a choice in the browser for a year."""
    return _REMEMBER[theme]
