"""Processor-bound work runs in other processes, so that it never holds up the event loop."""

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_PR_SET_PDEATHSIG = 1


class CpuPool:
    """A pool of worker processes, started when first used and renewed when one dies.

    Args:
        processes: How many; None takes one per core.
        sharers: So many pools share the cores.
    """

    def __init__(self, processes: int | None = None, *, sharers: int = 1) -> None:
        self._processes = processes or max(1, (os.cpu_count() or 1) // sharers)
        self._pool: ProcessPoolExecutor | None = None

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a top-level function of plain arguments; after a process died, once more in a new one."""
        if kwargs:
            raise TypeError("jobs take positional arguments")
        loop = asyncio.get_running_loop()
        pool = self._ready()
        try:
            return await loop.run_in_executor(pool, job, *args)
        except BrokenProcessPool:
            if self._pool is pool:
                self._pool = None
            return await loop.run_in_executor(self._ready(), job, *args)

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def kill(self) -> None:
        """End at once, whatever is being computed: nobody waits for it any more."""
        if self._pool is not None:
            # public from Python 3.14 on, as kill_workers
            for process in list((self._pool._processes or {}).values()):  # noqa: SLF001
                process.kill()
            self.close()

    def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_follow_parent,
                initargs=(os.getpid(),),
            )
        return self._pool


def _follow_parent(parent: int) -> None:
    # an orphan of a killed worker would keep its memory for ever
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)
