"""What else starts runs by itself besides callers: the leading worker asks it at each sweep."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import structlog

from app.engine.writer import Writer
from app.store.bulk import StageKey


class Rung(NamedTuple):
    """What a source stored and wants to be heard about."""

    stages: list[StageKey]
    deliveries: list[str]


Submit = Callable[[Any, Any], "Future[Any]"]
Feed = Callable[[Submit], Rung]
_LOG = structlog.get_logger()


def collect(feeds: Sequence[Feed], writer: Writer) -> Rung:
    """Ask every source; one that fails keeps nobody else from being served."""
    rung = Rung([], [])
    for feed in feeds:
        try:
            found = feed(writer.submit)
        except Exception:  # noqa: BLE001 - its work is still due, and asked for again
            _LOG.exception("feed_failed", feed=type(feed).__name__)
            continue
        rung.stages.extend(found.stages)
        rung.deliveries.extend(found.deliveries)
    return rung
