"""The worker role: executes runs until it is told to stop."""

from app import anchor
from app.logs import configure
from app.serve.alone import is_supervised, provided, wait_for_schema
from app.serve.descriptors import allow_many_files, leave_no_core
from app.serve.memory import settle_memory
from app.serve.signals import Stop
from app.settings import Settings
from app.wiring import build_worker


def main() -> None:
    """Run one worker process; SIGTERM and SIGINT hand back what is unfinished and end it."""
    with provided() as settings:
        configure(settings.log_level, "worker")
        allow_many_files()
        leave_no_core()
        anchor.start(settings.data_dir)
        stop = Stop()
        if is_supervised() or wait_for_schema(settings, stop):
            _work(settings, stop)


def _work(settings: Settings, stop: Stop) -> None:
    host = build_worker(settings)
    settle_memory()
    host.start()
    stop.wait()
    host.stop()


if __name__ == "__main__":
    main()
