"""Simulated processes log nothing: thousands of them would drown what matters."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

import structlog

from app import logs


@contextmanager
def logs_off() -> Iterator[None]:
    """No line of the product's log while this lasts."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    asyncio_log = logging.getLogger("asyncio")
    level = asyncio_log.level
    asyncio_log.setLevel(logging.CRITICAL)
    try:
        with mock.patch.object(logs._Fast, "level", logging.CRITICAL):
            yield
    finally:
        asyncio_log.setLevel(level)
        structlog.configure(**before)
