"""Structured logs on standard error: one JSON line each, or readable lines on a terminal (S126)."""

import logging
import sys
from typing import Any

import structlog

_SECRET_NAMES = frozenset({"authorization", "api_key", "secret", "token", "client_id", "password", "cookie"})


def configure(level: str, role: str) -> None:
    """Set up logging for a process; ``role`` names it in every line."""
    number = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, format="%(name)s: %(message)s")
    for name in ("dramatiq", "httpx", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=True)
    if sys.stderr.isatty():
        renderer = structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _scrub,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(role=role)


def _scrub(_logger: Any, _method: str, event: Any) -> Any:
    for name in _SECRET_NAMES & event.keys():
        event[name] = "***"
    return event
