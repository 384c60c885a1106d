"""Triggers that tell of every change that a rule is about, inside the transaction that makes it."""

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from app.store.database import Database
    from tests.simulation.rules import Rules

TRIGGERS = """
CREATE TRIGGER sim_run_ended BEFORE UPDATE ON run WHEN OLD.finished_at IS NOT NULL AND (
  NEW.status <> OLD.status OR NEW.finished_at IS NOT OLD.finished_at OR NEW.result IS NOT OLD.result
  OR NEW.error IS NOT OLD.error OR NEW.wait IS NOT NULL)
  BEGIN SELECT sim('an ended run changed', OLD.id, OLD.status, NEW.status); END;
CREATE TRIGGER sim_run_status AFTER UPDATE ON run WHEN NEW.status <> OLD.status
  BEGIN SELECT sim('status', NEW.id, OLD.status, NEW.status); END;
CREATE TRIGGER sim_run_started AFTER UPDATE ON run WHEN NEW.started_at IS NOT OLD.started_at
  BEGIN SELECT sim('started', NEW.id, OLD.started_at, NEW.started_at, NEW.caller_id,
    NEW.parent_id); END;
CREATE TRIGGER sim_run_times AFTER UPDATE ON run
  WHEN NEW.finished_at < COALESCE(NEW.started_at, NEW.created_at) OR NEW.started_at < NEW.created_at
  BEGIN SELECT sim('times', NEW.id, NEW.created_at, NEW.started_at, NEW.finished_at); END;
CREATE TRIGGER sim_stage_fence BEFORE UPDATE ON stage WHEN NEW.fence < OLD.fence
  BEGIN SELECT sim('a fence fell', OLD.run_id, OLD.number, OLD.fence, NEW.fence); END;
CREATE TRIGGER sim_stage_closed BEFORE UPDATE ON stage
  WHEN OLD.state IN ('done', 'failed', 'cancelled') AND NEW.state <> OLD.state
  BEGIN SELECT sim('a closed stage opened', OLD.run_id, OLD.number, OLD.state, NEW.state); END;
CREATE TRIGGER sim_stage_settled AFTER UPDATE ON stage
  WHEN OLD.state = 'running' AND NEW.state IN ('done', 'failed', 'waiting')
  BEGIN SELECT sim('settled', NEW.run_id, NEW.number, OLD.fence, NEW.state, NEW.attempt); END;
CREATE TRIGGER sim_stage_claimed AFTER UPDATE ON stage WHEN OLD.state <> 'running' AND NEW.state = 'running'
  BEGIN SELECT sim('claimed', NEW.run_id, NEW.number, NEW.fence, NEW.worker); END;
CREATE TRIGGER sim_delivery_same BEFORE UPDATE ON delivery
  WHEN NEW.message_id <> OLD.message_id OR NEW.body <> OLD.body OR NEW.url <> OLD.url OR NEW.fence < OLD.fence
  BEGIN SELECT sim('a delivery changed', OLD.id); END;
CREATE TRIGGER sim_delivery_status AFTER UPDATE ON delivery WHEN NEW.status <> OLD.status
  BEGIN SELECT sim('delivery', NEW.id, OLD.status, NEW.status, NEW.attempts, NEW.attempt_base,
    NEW.error_code); END;
CREATE TRIGGER sim_delivery_new AFTER INSERT ON delivery
  BEGIN SELECT sim('owed', NEW.run_id, NEW.id); END;
CREATE TRIGGER sim_attempt AFTER INSERT ON attempt WHEN NEW.status = 'failed'
  BEGIN SELECT sim('attempt', NEW.run_id, NEW.node_id, NEW.number, NEW.started_at, NEW.duration,
    NEW.next_at); END;
CREATE TRIGGER sim_delivery_attempt AFTER INSERT ON delivery_attempt
  BEGIN SELECT sim('tried', NEW.delivery_id, NEW.number, NEW.started_at, NEW.duration, NEW.next_at,
    NEW.error_code); END;
CREATE TRIGGER sim_limit AFTER UPDATE ON spend
  WHEN NEW.ceiling IS NOT NULL AND NEW.spent + NEW.reserved > COALESCE(NEW.raised, NEW.ceiling)
  BEGIN SELECT sim('limit', NEW.scope, NEW.day, NEW.spent, OLD.reserved, NEW.reserved); END;
CREATE TRIGGER sim_departed AFTER INSERT ON call WHEN EXISTS (
  SELECT 1 FROM reservation AS mine JOIN spend ON spend.scope = mine.scope AND spend.day = mine.day
  WHERE mine.run_id = NEW.run_id AND mine.node_id = NEW.node_id AND mine.generation = NEW.generation
  AND spend.spent + spend.reserved > COALESCE(spend.raised, spend.ceiling))
  BEGIN SELECT sim('a call left past its limit', NEW.idempotency_key); END;
CREATE TRIGGER sim_below AFTER UPDATE ON spend WHEN NEW.spent < 0 OR NEW.reserved < 0
  BEGIN SELECT sim('an account fell below nothing', NEW.scope, NEW.day, NEW.spent, NEW.reserved); END;
CREATE TRIGGER sim_call AFTER UPDATE ON call WHEN NEW.state <> OLD.state
  BEGIN SELECT sim('call', NEW.idempotency_key, OLD.state, NEW.state, NEW.charged); END;
CREATE TRIGGER sim_breaker_new AFTER INSERT ON breaker WHEN NEW.opened_at IS NOT NULL
  BEGIN SELECT sim('opened', NEW.gate); END;
CREATE TRIGGER sim_breaker AFTER UPDATE ON breaker WHEN NEW.opened_at IS NOT OLD.opened_at
  BEGIN SELECT sim(CASE WHEN NEW.opened_at IS NULL THEN 'shut' WHEN OLD.opened_at IS NULL THEN 'opened'
    ELSE 'an open breaker opened' END, NEW.gate); END;
"""


class Watch:
    """Hears the triggers of one database and passes on what was committed."""

    def __init__(self, database: "Database") -> None:
        self.rules: Rules | None = None
        self._pending: list[tuple[Any, ...]] = []
        engine = database.engine
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "commit", self._committed)
        event.listen(engine, "rollback", self._rolled_back)

    def _connected(self, connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")
        connection.create_function("sim", -1, self._changed)

    def _changed(self, *facts: Any) -> None:
        self._pending.append(facts)

    def _committed(self, _connection: Any) -> None:
        pending, self._pending = self._pending, []
        for what, *facts in pending:
            if self.rules is not None:
                self.rules.judge(what, facts)

    def _rolled_back(self, _connection: Any) -> None:
        self._pending.clear()
