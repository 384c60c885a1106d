"""A process told to stop stops, whenever it is told."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import os, signal, threading
from app.serve.signals import Stop
stop = Stop()
def told_elsewhere():
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    threading.Event().wait()
if {elsewhere}:
    threading.Thread(target=told_elsewhere, daemon=True).start()
else:
    os.kill(os.getpid(), signal.SIGTERM)
stop.wait()
print("stopped")
"""


def run(*, elsewhere):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(elsewhere=elsewhere)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return done.stdout.strip(), done.returncode


def test_a_signal_that_another_thread_receives_ends_the_wait():
    """The kernel may hand a signal to any thread; the waiting main thread wakes all the same."""
    assert run(elsewhere=True) == ("stopped", 0)


def test_a_signal_that_came_before_the_wait_is_not_forgotten():
    """Told during the start is told."""
    assert run(elsewhere=False) == ("stopped", 0)
