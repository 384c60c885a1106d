"""The worker role: executes runs until it is told to stop."""

import os

from app import anchor
from app.logs import configure
from app.serve.alone import is_supervised, provided, wait_for_schema
from app.serve.descriptors import allow_many_files, leave_no_core
from app.serve.memory import settle_memory, take_short_turns
from app.serve.signals import Stop
from app.settings import Settings
from app.wiring import build_worker

# a third of the weight of a process that answers people
_MODESTY = 5


def main() -> None:
    """Run one worker process; SIGTERM and SIGINT hand back what is unfinished and end it."""
    # work done behind a 202 never delays the next one; what draws pictures inherits this
    os.nice(_MODESTY)
    with provided() as settings:
        configure(settings.log_level, "worker")
        allow_many_files()
        leave_no_core()
        anchor.start(settings.data_dir)
        stop = Stop()
        if is_supervised() or wait_for_schema(settings, stop):
            _work(settings, stop)


def _work(settings: Settings, stop: Stop) -> None:
    host = build_worker(settings, workers=settings.worker_processes if is_supervised() else 1)
    settle_memory()
    take_short_turns()
    host.start()
    stop.wait()
    host.stop()


if __name__ == "__main__":
    main()
