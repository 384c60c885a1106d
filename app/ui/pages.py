"""Mounts the pages on the API's application; the only place that knows every address."""

import logging
from collections.abc import Awaitable, Callable
from copy import copy
from functools import partial

from fastapi import FastAPI, Request
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.responses import RedirectResponse, Response
from nicegui import Client, core, ui
from nicegui import app as nicegui_app
from starlette.routing import BaseRoute

from app.ui import theme
from app.ui.editor import page as editor_page
from app.ui.editor import routes as editor_routes
from app.ui.editor.rooms import Rooms
from app.ui.editor.sessions import EditorSessions
from app.ui.files import routes as file_routes
from app.ui.formpage import form_routes
from app.ui.guard import Guard, Nonce
from app.ui.house import House
from app.ui.lang.choose import TAGS, language_of
from app.ui.live import Pulse
from app.ui.login import login_routes
from app.ui.templates import routes as template_routes
from app.ui.views import (
    alerts,
    app,
    apps,
    batch,
    batch_new,
    batches,
    callbacks,
    compare,
    inbox,
    limits,
    nothing,
    pictures,
    run,
    runs,
    schedules,
    secrets,
    services,
    settings,
    spend,
    template,
    templates,
    workflows,
)
from app.ui.visitor import RefusedError, Visitor
from app.wiring import System

Show = Callable[..., Awaitable[None]]
_RECONNECT_SECONDS = 20.0
_BUILD_SECONDS = 10.0


def mount(api: FastAPI, system: System) -> None:
    """Add every page, its sign-in and its security to an application that has all its API routes already.

    NiceGUI's own storage stays unused (sessions are ours, the theme is a cookie), so no secret is handed to
    it and API requests pass through none of its middleware.
    """
    house = House(system, Pulse(system.live), EditorSessions(), Rooms(system.settings.redis_url))
    system.workflows.drafts.listen(house.stored)
    segments = _first_segments(api)
    api.router.routes.extend(_routes(house))
    nicegui_app.add_middleware(Nonce)
    logging.getLogger("nicegui").addFilter(_is_news)
    _pages(house)
    core.app.on_startup(house.pulse.start)
    core.app.on_startup(house.rooms.start)
    ui.run_with(
        api,
        title="Sakuga",
        favicon=theme.FAVICON,
        dark=None,
        language="en-US",
        tailwind=False,
        reconnect_timeout=_RECONNECT_SECONDS,
        show_welcome_message=False,
        gzip_middleware_factory=_gzip,
    )
    Client.shared_head_html = theme.head()
    api.add_middleware(
        Guard,
        read=system.sessions.read,
        api=segments - {"login"},
        owner_of=_owner_of,
        public_url=system.public_url,
    )


def _routes(house: House) -> list[BaseRoute]:
    """What is served beside the pages themselves."""
    return [
        theme.stylesheet_route(),
        theme.favicon_route(),
        *login_routes(house.system),
        *form_routes(house.system),
        *file_routes.routes(house),
        *template_routes.routes(house),
        *editor_routes.routes(house),
    ]


def _first_segments(api: FastAPI) -> set[str]:
    paths = (str(getattr(route, "path", "")) for route in api.routes)
    return {path.split("/")[1] for path in paths if path.startswith("/")}


def _is_news(record: logging.LogRecord) -> bool:
    # a visitor who was told that he may not is no error of ours
    return not (record.exc_info and isinstance(record.exc_info[1], RefusedError))


def _gzip(app: object) -> GZipMiddleware:
    return GZipMiddleware(app, minimum_size=800, compresslevel=5)  # type: ignore[arg-type]


def _owner_of(client_id: str) -> str | None:
    client = Client.instances.get(client_id)
    return getattr(client.request.state, "session", None) if client is not None else None


def _speak(client: Client, language: str) -> None:
    """Give one visitor's page its own language: NiceGUI knows one language for each route only."""
    client.page = copy(client.page)
    client.page.language = TAGS[language]


def _page(house: House, path: str, show: Show, *names: str) -> None:
    async def build(request: Request) -> Response | None:
        if not hasattr(request.state, "identity"):
            # below the interface's own files, which the guard leaves open
            return nothing.for_strangers(request)
        visitor = Visitor.of(house, request)
        _speak(ui.context.client, language_of(request))
        try:
            await show(visitor, *(request.path_params[name] for name in names), request.query_params)
        except RefusedError:
            return RedirectResponse("/login", 303)
        return None

    ui.page(path, response_timeout=_BUILD_SECONDS)(build)


def _pages(house: House) -> None:
    add = partial(_page, house)
    add("/workflows", workflows.show)
    add("/workflows/{slug}", editor_page.show, "slug")
    add("/apps", apps.show)
    add("/apps/{slug}", app.show, "slug")
    add("/templates", templates.show)
    add("/templates/{key}", template.show, "key")
    add("/runs", runs.show)
    add("/runs/{run_id}", run.show, "run_id")
    add("/compare", compare.show)
    add("/rows", batches.show)
    add("/rows/new", batch_new.show)
    add("/rows/{batch_id}", batch.show, "batch_id")
    add("/schedules", schedules.show)
    add("/pictures", pictures.show)
    add("/callbacks", callbacks.show)
    add("/inbox", inbox.index)
    add("/inbox/{name}", inbox.show, "name")
    add("/alerts", alerts.show)
    add("/limits", limits.show)
    add("/spend", spend.show)
    add("/settings", settings.show)
    add("/services", services.show)
    add("/secrets", secrets.show)

    @ui.page("/")
    def _home() -> Response:
        return RedirectResponse("/workflows", 307)

    add("/{path:path}", nothing.show, "path")
