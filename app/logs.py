"""Structured logs on standard error: one JSON line each, or readable lines on a terminal (S126)."""

import contextlib
import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import structlog

_SECRET_NAMES = frozenset({"authorization", "api_key", "secret", "token", "client_id", "password", "cookie"})
_QUIET = ("dramatiq", "httpx", "alembic")


class Steady:
    """Standard error that never fails: what cannot be written, on a full disk or to nobody, is lost.

    A thread that dies of its own complaint, such as the one that rings for work, would be worse.
    """

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


_STEADY: Any = Steady()


class _Fast:
    """What a process needs to write a line without the whole chain of processors."""

    role = ""
    level = logging.INFO
    terminal = False


def configure(level: str, role: str) -> None:
    """Set up logging for a process; ``role`` names it in every line, also those of libraries."""
    number = logging.getLevelNamesMapping()[level.upper()]
    _Fast.role, _Fast.level, _Fast.terminal = role, number, sys.stderr.isatty()
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _named(role),
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _scrub,
        structlog.processors.format_exc_info,
    ]
    renderer: Any = structlog.processors.JSONRenderer(ensure_ascii=True)
    if _Fast.terminal:
        # the usual one draws what every function held: keys among it
        renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        chain.pop()
    _libraries(max(number, logging.WARNING), [*chain[:-1], structlog.stdlib.add_logger_name], renderer)
    structlog.configure(
        processors=[*chain, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(_STEADY),
        cache_logger_on_first_use=True,
    )


def note(event: str, fields: dict[str, Any]) -> None:
    """One line at info for what happens a thousand times a second; the fields are ours and hold no secret."""
    if _Fast.level > logging.INFO:
        return
    if _Fast.terminal:
        structlog.get_logger().info(event, **fields)
        return
    at = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    line = {"event": event, "level": "info", "role": _Fast.role, "timestamp": at, **fields}
    # one write, so that the lines of two threads never mix
    _STEADY.write(json.dumps(line) + "\n")


def _libraries(level: int, chain: list[Any], renderer: Any) -> None:
    """What libraries log takes the same form."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            renderer,
        ],
    )
    handler = logging.StreamHandler(_STEADY)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _named(role: str) -> Any:
    # not a context variable: threads begin without those of their maker
    def add(_logger: Any, _method: str, event: Any) -> Any:
        event["role"] = role
        return event

    return add


def _scrub(_logger: Any, _method: str, event: Any) -> Any:
    for name in _SECRET_NAMES & event.keys():
        event[name] = "***"
    return event
