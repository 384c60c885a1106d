"""Being told to stop, without a moment in which the telling could be missed."""

import os
import select
import signal
from collections.abc import Iterable


class Stop:
    """Turns signals into bytes in a pipe; make it before there is anything to stop, in the main thread.

    A handler that sets an event is not enough: one that arrives just before the main thread starts to wait,
    or that the system hands to another thread, runs only when something else wakes the main thread.
    """

    def __init__(self, numbers: Iterable[int] = (signal.SIGTERM, signal.SIGINT)) -> None:
        self._told = False
        self._bell, bell = os.pipe()
        os.set_blocking(bell, False)
        signal.set_wakeup_fd(bell, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, self._tell)

    def wait(self, seconds: float | None = None) -> bool:
        """Until one of the signals arrives or has arrived, at most so long; whether one has."""
        while not self._told and select.select([self._bell], [], [], seconds)[0]:
            os.read(self._bell, 1)
        return self._told

    def _tell(self, *_: object) -> None:
        self._told = True
