"""The API as one application; the pages are mounted on it by the interface."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app.api import documents, handlers
from app.api.front import Front
from app.api.rest import Rest
from app.api.routes import (
    apps,
    asset_store,
    assets,
    batches,
    cached,
    callers,
    calls,
    cancels,
    catalogue,
    deliveries,
    drafts,
    explain,
    forecasts,
    forms,
    health,
    inbox,
    keys,
    limits,
    pauses,
    providers,
    replays,
    run_events,
    runs,
    schedules,
    secrets,
    spend,
    templates,
    verdicts,
    watch,
    workflows,
)
from app.wiring import System

_RESOURCES = (
    runs,
    pauses,
    replays,
    run_events,
    deliveries,
    drafts,
    forecasts,
    cached,
    workflows,
    templates,
    schedules,
    batches,
    forms,
    apps,
    catalogue,
    keys,
    callers,
    cancels,
    providers,
    secrets,
    calls,
    inbox,
    limits,
    spend,
    verdicts,
    watch,
    asset_store,
    assets,
    explain,
    health,
)
_DESCRIPTION = (
    "Trigger image workflows, follow their runs, and get results by signed callback. "
    "Send an API key as `Authorization: Bearer sk_…`. Every error is a problem document (RFC 9457)."
)


def build_api(system: System) -> FastAPI:
    """The application with every route of contract §3 to §7 that the product has so far."""
    app: FastAPI = FastAPIOffline(
        docs_url="/docs",
        redoc_url=None,
        openapi_url="/v1/openapi.json",
        title="Sakuga",
        version=_version(),
        description=_DESCRIPTION,
        redirect_slashes=False,
        lifespan=_lifespan,
        # looked up anew at each request otherwise, also when nobody collects it
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.state.system = system
    # the routes themselves, not routers that hold them: whoever looks at app.routes sees every address
    for module in _RESOURCES:
        app.router.routes.extend(module.router.routes)
    app.router.routes.append(Rest(app))
    handlers.install(app)
    app.add_middleware(Front, system=system)
    app.openapi = lambda: documents.whole(app)  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    system: System = app.state.system
    system.live.start()
    yield
    system.live.close()


def _version() -> str:
    try:
        return version("sakuga")
    except PackageNotFoundError:
        return "0"
