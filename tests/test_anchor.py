"""The steady clock: shared by the processes of a host, deaf to steps of the wall clock (R15)."""

import threading
from itertools import pairwise

import pytest

from app import anchor, clock
from app.anchor import BELIEVED, CATCH_UP, FALL_BACK, NOTICE, Anchor

TWO_HOURS = 7_200.0


class Host:
    """A kernel's counter and a wall clock, both moved by hand."""

    def __init__(self, folder):
        self.folder, self.count, self.ahead = folder, 1_000.0, 1_800_000_000.0

    def wall(self):
        return self.count + self.ahead

    def process(self, boot="one"):
        return Anchor(self.folder, boot)

    def live(self, *processes, seconds, step=5.0):
        """Let time pass; every process looks at its clock now and then."""
        for _ in range(int(seconds / step)):
            self.count += step
            said = [process.now() for process in processes]
            assert max(said) - min(said) < 1e-6
        return said[0]


@pytest.fixture
def host(tmp_path, monkeypatch):
    made = Host(tmp_path)
    monkeypatch.setattr(anchor, "count", lambda: made.count)
    with clock.told_by(made.wall):
        yield made


@pytest.mark.parametrize("step", [TWO_HOURS, -TWO_HOURS])
def test_a_stepped_wall_clock_moves_no_wait(host, step):
    """After ±2 h a wait of 480 s is over after 480 s: at most 0.05 % early, at most 5 % late."""
    one, two = host.process(), host.process()
    begin = host.live(one, two, seconds=100)
    host.ahead += step
    late = host.live(one, host.process(), two, seconds=480) - begin
    assert 480 * (1 - FALL_BACK) <= late <= 480 * (1 + CATCH_UP)


@pytest.mark.parametrize("step", [TWO_HOURS, -TWO_HOURS])
def test_a_restart_does_not_believe_a_stepped_wall_clock(host, step):
    """A process that starts after the step tells the time that the others tell."""
    one = host.process()
    before = one.now()
    host.ahead += step
    assert host.process().now() == before


def test_a_correction_that_stays_is_followed_and_time_never_goes_back(host):
    """Two hours back are made good within two days; every reading is later than the one before."""
    one = host.process()
    host.live(one, seconds=60)
    host.ahead -= TWO_HOURS
    readings = [host.live(one, seconds=600) for _ in range(300)]
    assert all(later > earlier for earlier, later in pairwise(readings))
    assert abs(one.now() - host.wall()) < 1


def test_a_step_that_is_taken_back_leaves_nothing_behind(host):
    """Forth and back within ten minutes: the clock is half a second off at most, and comes home."""
    one, begin = host.process(), host.count
    first = one.now()
    host.ahead += TWO_HOURS
    host.live(one, seconds=600)
    host.ahead -= TWO_HOURS
    host.live(one, seconds=600)
    assert abs((one.now() - first) - (host.count - begin)) < 0.5


def test_a_machine_that_started_without_the_date_learns_it(host):
    """More than a day ahead is believed, after the notice that lets all processes change at once."""
    one, two = host.process(), host.process()
    host.ahead += BELIEVED * 300
    host.live(one, two, seconds=NOTICE + 30)
    assert abs(one.now() - host.wall()) < 1


@pytest.mark.parametrize("damage", ["", "{", "[1,2]", '[["x",1,1],[1,1,1]]', "[[1,2,NaN],[1,2,3]]", "null"])
def test_a_torn_file_is_written_anew_without_a_jump(host, damage):
    """Who runs keeps its course and repairs the file; who starts without one begins at the wall clock."""
    one = host.process()
    begin, count = one.now(), host.count
    (file,) = host.folder.glob("clock-*.json")
    file.write_text(damage)
    host.live(one, seconds=60)
    assert one.now() - begin == host.count - count
    assert host.process().now() == one.now()
    file.write_text(damage)
    host.ahead += 60
    assert host.process().now() == host.wall()


def test_a_reboot_begins_at_the_wall_clock(host):
    """Another boot has another file: the old one says nothing about the new counter."""
    host.process("one")
    host.count, host.ahead = 5.0, host.ahead + 1_000_000
    assert host.process("two").now() == host.wall()


def test_processes_that_start_together_agree(host):
    """Twelve at once: one file, one time."""
    host.ahead += 0.123456789
    told = []
    threads = [threading.Thread(target=lambda: told.append(host.process().now())) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(told)) == 1
    assert [path.name for path in host.folder.iterdir()] == ["clock-one.json"]


def test_a_folder_that_cannot_be_written_leaves_the_wall_clock(tmp_path):
    """A start is not refused for want of a clock file."""
    (tmp_path / "file").write_text("")
    before = clock.now()
    anchor.start(tmp_path / "file" / "data")
    assert 0 <= clock.now() - before < 5


def test_who_tells_the_time_tells_durations_too():
    """In a told world nothing is measured on the machine's own counters."""
    with clock.told_by(lambda: 5.0, lambda: 9.0):
        assert (clock.now(), clock.wall(), clock.ticks()) == (5.0, 9.0, 5.0)
    assert clock.ticks() <= clock.ticks()
