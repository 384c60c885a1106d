"""Where the log goes may be full or gone; what the product does must not depend on it."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import logging, sys
import structlog
from app.logs import configure, note
configure("info", "worker")
for _ in range(200):
    structlog.get_logger().warning("a line", filling="x" * 500)
    note("another line", {"filling": "x" * 500})
    logging.getLogger("somebody").warning("a third " + "x" * 500)
print("alive")
"""


@pytest.mark.parametrize("gone", ["full", "closed"])
def test_a_log_that_cannot_be_written_stops_nobody(gone):
    """A full disk under the log, or a collector that died, ends no thread that has something to say."""
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    reader.wait()
    with Path("/dev/full").open("wb") as full:
        target = full if gone == "full" else reader.stdin
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=target, text=True, check=False
        )
    assert done.stdout == "alive\n"
