"""For machines that watch machines: alive, ready, and numbers (contract §7)."""

import asyncio
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.api.deps import SystemDep, reading
from app.api.problems import ProblemError
from app.store import numbers
from app.store.numbers import Numbers
from app.store.runs import STATUSES
from app.wiring import System

router = APIRouter(tags=["Health"])
_OPEN: dict[str, Any] = {"security": []}


@router.get("/healthz", summary="The process is alive", openapi_extra=_OPEN)
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/readyz", summary="Database and broker answer", openapi_extra=_OPEN)
async def readyz(system: SystemDep) -> dict[str, Any]:
    checks = {
        "database": await asyncio.to_thread(_database_answers, system),
        "broker": await asyncio.to_thread(system.engine.reachable),
    }
    if not all(checks.values()):
        missing = ", ".join(name for name, good in checks.items() if not good)
        raise ProblemError(
            "http.unavailable",
            f"not ready: {missing}",
            headers={"retry-after": "1"},
            extra={"checks": checks},
        )
    return {"status": "ready", "checks": checks}


@router.get(
    "/metrics", summary="Numbers for Prometheus", openapi_extra=_OPEN, response_class=PlainTextResponse
)
async def metrics(system: SystemDep) -> Response:
    found = await reading(system, numbers.read)
    registry = CollectorRegistry()
    registry.register(_Gauges(found, clock.now()))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Gauges(Collector):
    """The numbers of one moment."""

    def __init__(self, found: Numbers, now: float) -> None:
        self._found = found
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        runs = {status: self._found.runs.get(status, 0) for status in STATUSES}
        yield _by_status("sakuga_runs", "Runs by status.", runs)
        yield _by_status("sakuga_deliveries", "Callbacks by status.", self._found.deliveries)
        ages = {
            "sakuga_oldest_open_run_seconds": self._found.oldest_open,
            "sakuga_oldest_pending_delivery_seconds": self._found.oldest_delivery,
        }
        for name, at in ages.items():
            age = 0.0 if at is None else max(0.0, self._now - at)
            yield GaugeMetricFamily(name, "Age of the oldest one still waiting.", value=age)


def _by_status(name: str, words: str, counts: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=["status"])
    for status, count in sorted(counts.items()):
        family.add_metric([status], count)
    return family


def _database_answers(system: System) -> bool:
    try:
        with system.db.read() as connection:
            return bool(connection.execute(text("SELECT 1")).scalar_one())
    except (SQLAlchemyError, OSError):
        return False
