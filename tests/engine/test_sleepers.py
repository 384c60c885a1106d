"""A great many sleeping rows: looking for what is due takes a step into an index, not a walk through them."""

import time

import pytest
from sqlalchemy import text

from app.engine.sweep import anything_due, holders
from app.store.database import Database
from tests.support.fixtures import empty

_SLEEPERS = 20_000
_LOOKS = 20
_FALL_ASLEEP = text(
    "INSERT INTO stage (run_id, number, state, fence, attempt, crashes, pending, rings, wake_at, worker)"
    " SELECT 'run_' || i, 0, 'running', 1, 1, 0, 0, 0, :now + i / 1e3, 'w'"
    " FROM generate_series(1, :count) i"
)
_READ = text("SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'stage'")


@pytest.fixture
def asleep(postgres_url):
    """PostgreSQL with many stages that sleep until tomorrow, and planner statistics from before they did."""
    database = Database(postgres_url)
    empty(database)
    now = time.time()
    with database.write() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(_FALL_ASLEEP, {"now": now - 1_000, "count": _SLEEPERS})
        connection.execute(text("ANALYZE stage"))
        connection.execute(text("UPDATE stage SET state = 'waiting', wake_at = wake_at + 86400"))
    yield database
    empty(database)
    database.close()


@pytest.mark.parametrize(
    "look", [anything_due, lambda connection: holders(connection, 30.0)], ids=["due", "holders"]
)
def test_sleepers_are_not_walked_through(asleep, look):
    """Once PostgreSQL has made its plan for any moment, looking does not read the table."""
    with asleep.read() as connection:
        assert not any(look(connection) for _ in range(_LOOKS))
        before = connection.scalar(_READ)
        assert not any(look(connection) for _ in range(_LOOKS))
        assert connection.scalar(_READ) == before
