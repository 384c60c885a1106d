"""A clock that nobody sets: all processes of a host agree on it, and a stepped wall clock does not move it.

The kernel counts seconds since it booted, suspended ones included, and nothing sets that counter. A small
file in the data folder, one for each boot, says which time the counter's zero was: the first process writes
it, all others read it, restarts included. So no lease ends and no wait is over because of a corrected date.

A correction that stays is taken over slowly. The steady clock gains on a wall clock that is ahead by 0.05 %,
the most a kernel itself bends time, so that a wait of eight minutes is never a quarter of a second short; it
lags a wall clock that is behind by 5 %. Only more than a day ahead is believed at once: the machine started
before it knew the date. Each change is announced in the file before it begins, so that all processes make it
at the same moment.
"""

import contextlib
import fcntl
import json
import math
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

import structlog

from app import clock

CATCH_UP = 0.0005
FALL_BACK = 0.05
BELIEVED = 86_400.0
TOLERANCE = 0.5
LOOK_EVERY = 10.0
NOTICE = 2 * LOOK_EVERY
SKEW_VARIABLE = "SAKUGA_TEST_WALL_SKEW"
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LOG = structlog.get_logger()


class Piece(NamedTuple):
    """From the count ``since`` on, time is count + ``offset``, which moves towards ``target``."""

    since: float
    offset: float
    target: float

    def at(self, count: float) -> float:
        """The offset at a count of the kernel's counter, in seconds."""
        passed = max(0.0, count - self.since)
        wanted = self.target - self.offset
        return self.offset + min(max(wanted, -FALL_BACK * passed), CATCH_UP * passed)


class Course(NamedTuple):
    """What the file says: the piece that holds now, and the one that comes."""

    before: Piece
    after: Piece

    def at(self, count: float) -> float:
        return (self.before if count < self.after.since else self.after).at(count)

    def rests_until(self, count: float) -> float:
        """Up to which count the offset is that of this one; 0 while it moves."""
        now, end = (self.before, self.after.since) if count < self.after.since else (self.after, math.inf)
        return end if now.offset == now.target else 0.0

    @classmethod
    def straight(cls, offset: float) -> Self:
        return cls(Piece(0.0, offset, offset), Piece(0.0, offset, offset))


class Still(NamedTuple):
    """The offset that holds before a count."""

    until: float
    offset: float


class Anchor:
    """The steady clock of one process; all processes that name the same folder share it.

    Args:
        folder: The data folder.
        boot: Which start of the kernel its counter counts from.
    """

    def __init__(self, folder: Path, boot: str) -> None:
        self._path = path_of(folder, boot)
        self._looking = threading.Lock()
        with self._alone():
            self._course = self._read() or self._write(Course.straight(clock.wall() - count()))
        self._look_at = count() + LOOK_EVERY
        # until which count the offset stays as it is: nobody has to work it out again
        self._still = Still(0.0, 0.0)

    def now(self) -> float:
        """Seconds since the epoch; in one host it never goes back."""
        at = count()
        until, offset = self._still
        return at + (offset if at < until else self._offset(at))

    def _offset(self, at: float) -> float:
        if self._looking.acquire(blocking=False):
            try:
                if at >= self._look_at:
                    self._look_at = at + LOOK_EVERY
                    with contextlib.suppress(OSError):
                        # a folder that cannot be read now is asked again later; the course is known
                        self._look(at)
                # by whoever looks, so that no other thread says what held before
                rests = min(self._course.rests_until(at), self._look_at)
                self._still = Still(rests, self._course.at(at))
            finally:
                self._looking.release()
        return self._course.at(at)

    def _look(self, at: float) -> None:
        """Learn what others announced; announce a change when the wall clock has left the course."""
        known = self._read()
        self._course = known or self._course
        ahead = clock.wall() - at - self._course.after.target
        if known is not None and (abs(ahead) <= TOLERANCE or at < self._course.after.since):
            return
        with self._alone():
            found = self._read()
            if found is None:
                # lost or torn: what this process knows is what the others know
                self._write(self._course)
            elif found == known:
                self._course = self._write(_changed(found, at, ahead))

    def _read(self) -> Course | None:
        try:
            before, after = json.loads(self._path.read_text())
            pieces = Piece(*map(float, before)), Piece(*map(float, after))
        except (OSError, ValueError, TypeError):
            return None
        sound = all(abs(value) < 1e12 for piece in pieces for value in piece)
        return Course(*pieces) if sound else None

    def _write(self, course: Course) -> Course:
        with tempfile.NamedTemporaryFile("w", dir=self._path.parent, delete=False) as file:
            json.dump(course, file)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(self._path)
        return course

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def start(folder: Path) -> None:
    """Let this process run on the steady clock of its host.

    Where the kernel has no such counter, or the folder cannot be written, it stays on the wall clock.
    """
    skew = os.environ.get(SKEW_VARIABLE)
    wall = _Skewed(Path(skew)) if skew else None
    if wall is not None:
        clock.run_on(wall, wall)
    boot = boot_id()
    try:
        if boot:
            clock.run_on(Anchor(folder, boot).now, wall)
    except OSError as error:
        _LOG.warning("clock_not_anchored", folder=str(folder), error=error.strerror)


def path_of(folder: Path, boot: str) -> Path:
    """The file that the processes of one host and one boot share."""
    return folder / f"clock-{boot}.json"


def boot_id() -> str:
    """Which start of this kernel it is; empty where there is none to read."""
    try:
        found = _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        return ""
    return found if hasattr(time, "CLOCK_BOOTTIME") else ""


def count() -> float:
    """Seconds since the kernel started, suspended ones included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _changed(course: Course, at: float, ahead: float) -> Course:
    since = at + NOTICE
    offset, target = course.at(since), course.after.target + ahead
    if target - offset > BELIEVED:
        offset = target
    return Course(course.after, Piece(since, offset, target))


class _Skewed:
    """A wall clock that a test sets wrong: the file holds the seconds by which."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> float:
        try:
            return time.time() + float(self._path.read_text())
        except (OSError, ValueError):
            return time.time()
