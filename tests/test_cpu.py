"""The pool for processor-bound work."""

import asyncio
import math
import os
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

import pytest

from app.cpu import CpuPool
from tests.support.plant import until

PARENT = """
import asyncio, os, sys
from app.cpu import CpuPool
async def main():
    pool = CpuPool(1)
    print(await pool.run(os.getpid), flush=True)
    sys.stdin.readline()
asyncio.run(main())
"""


@pytest.fixture
def pool():
    pool = CpuPool(1)
    yield pool
    pool.close()


def test_jobs_run_in_another_process(pool):
    """A job's result comes back, its error is raised as it is, and it ran elsewhere."""

    async def ask():
        assert await pool.run(math.factorial, 20) == math.factorial(20)
        with pytest.raises(ValueError, match="negative"):
            await pool.run(math.factorial, -1)
        return await pool.run(os.getpid)

    assert asyncio.run(ask()) != os.getpid()


def test_a_process_that_dies_is_replaced(pool):
    """When the helper is killed between two jobs the next one runs in a new process."""

    async def ask():
        first = await pool.run(os.getpid)
        os.kill(first, signal.SIGKILL)
        second = await pool.run(os.getpid)
        assert second != first

    asyncio.run(ask())


def test_a_job_that_kills_its_process_fails_and_leaves_a_working_pool(pool):
    """A deadly job is tried twice, then says so; the next job works."""

    async def ask():
        with pytest.raises(BrokenProcessPool):
            await pool.run(os._exit, 1)
        return await pool.run(math.factorial, 5)

    assert asyncio.run(ask()) == 120


def test_helpers_die_with_their_parent():
    """A killed parent leaves no helper behind."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    helper = int(process.stdout.readline())
    process.kill()
    process.communicate()
    until(lambda: not alive(helper), 10)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
