"""The worker role: executes runs until it is told to stop."""

import os
import signal
import sys
import threading

from app.logs import configure
from app.settings import load_settings
from app.wiring import build_worker


def main() -> None:
    """Run one worker process; SIGTERM and SIGINT hand back what is unfinished and end it."""
    settings = load_settings()
    configure(settings.log_level, "worker")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    host = build_worker(settings)
    host.start()
    stop.wait()
    host.stop()
    sys.stderr.flush()
    # everything is handed back; an ordinary exit would wait for pictures that nobody waits for any more
    os._exit(0)


if __name__ == "__main__":
    main()
