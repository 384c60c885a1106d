"""Real worker processes while somebody sets the wall clock back and forth by two hours (R15)."""

import time
from itertools import pairwise

import pytest
from sqlalchemy import select

from app.delivery.signing import verify
from app.store.tables import delivery_attempt, run, stage, step
from tests.engine.test_processes import Installation
from tests.support.plant import until
from tests.support.receiver import Receiver

DELAYS = (0.8, 1.2, 1.6)
STEPS = (7_200.0, -7_200.0, 7_200.0)


@pytest.fixture
def installation(tmp_path):
    with Receiver([500, 500, 500, 204]) as receiver:
        made = Installation(tmp_path, receiver)
        made.skew = tmp_path / "skew"
        made.environ |= {
            "SAKUGA_TEST_WALL_SKEW": str(made.skew),
            "SAKUGA_RETRY_DELAYS": ",".join(map(str, DELAYS)),
        }
        made.receiver = receiver
        yield made
        made.close()


def rows(here, query):
    with here.system.db.read() as connection:
        return connection.execute(query).all()


@pytest.mark.timeout(150)
def test_a_wall_clock_set_back_and_forth_moves_no_attempt(installation):
    """Two workers, ±2 h before each retry, one worker restarted in between: no attempt early, none twice."""
    here = installation
    here.skew.write_text("0")
    first, second = here.hire(), here.hire()
    here.start(1)
    got = here.receiver.got
    stamps = []
    for number, skew in enumerate(STEPS, 1):
        until(lambda number=number: len(got) == number, 60)
        stamps.append(time.time() + (STEPS[number - 2] if number > 1 else 0))
        here.skew.write_text(str(skew))
        if number == 2:
            # once the attempt is recorded: one that is cut off is made again, which is no retry
            until(lambda: len(rows(here, select(delivery_attempt))) == 2, 60)
            first.kill()
            first.wait()
            here.hire()
    until(lambda: here.count(run.c.callback_status == "delivered"), 60)
    stamps.append(time.time() + STEPS[-1])
    assert second.poll() is None
    assert len(got) == 4
    assert len({each.headers["webhook-id"] for each in got}) == 1
    for delay, (one, two) in zip(DELAYS, pairwise(got), strict=True):
        assert delay * 0.9995 <= two.at - one.at <= delay + 10
    secrets = here.system.callers.secrets(here.new.caller_id)
    for each, told in zip(got, stamps, strict=True):
        # the header says what the wall clock said, and just that is what was signed
        stamp = int(each.headers["webhook-timestamp"])
        assert abs(stamp - told) < 15
        verify(secrets, each.headers, each.body, now=stamp, tolerance=0)
    attempts = rows(here, select(delivery_attempt).order_by(delivery_attempt.c.number))
    assert [row.number for row in attempts] == [1, 2, 3, 4]
    assert all(later.started_at >= earlier.next_at for earlier, later in pairwise(attempts))
    (ended,) = rows(here, select(run))
    assert ended.created_at <= ended.started_at <= ended.finished_at
    assert all(row.duration >= 0 for row in rows(here, select(step)))
    assert [row.crashes for row in rows(here, select(stage))] == [0] * len(rows(here, select(stage)))
