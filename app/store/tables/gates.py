"""What limits and breakers remember."""

from sqlalchemy import Boolean, Column, Double, Index, String, Table, Text, text

from app.store.tables.base import ID, metadata

# one row per run that a limiter let start: the exact log behind "no more than n in any rolling window" (S62)
start_log = Table(
    "start_log",
    metadata,
    Column("gate", String(100), primary_key=True),
    Column("run_id", ID, primary_key=True),
    Column("slot", Double, nullable=False),
    Column("started", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_start_log_slot", start_log.c.gate, start_log.c.slot.desc())
# who still waits: few, however long the log
Index(
    "ix_start_log_waiting",
    start_log.c.run_id,
    sqlite_where=text("started = 0"),
    postgresql_where=text("NOT started"),
)
# the queue of one gate, in its order
Index(
    "ix_start_log_queue",
    start_log.c.gate,
    start_log.c.slot,
    start_log.c.run_id,
    sqlite_where=text("started = 0"),
    postgresql_where=text("NOT started"),
)

# one row per trigger accepted through a breaker gate, so that its rate is exact (S73)
trigger_log = Table(
    "trigger_log",
    metadata,
    Column("gate", String(100), primary_key=True),
    Column("run_id", ID, primary_key=True),
    Column("at", Double, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_trigger_log_at", trigger_log.c.gate, trigger_log.c.at)

breaker = Table(
    "breaker",
    metadata,
    Column("gate", String(100), primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("workflow", String(80), nullable=False),
    Column("caller", String(80), nullable=False),
    Column("opened_at", Double),
    Column("reason", Text),
    Column("closed_at", Double),
    Column("closed_by", String(200)),
)
