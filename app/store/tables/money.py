"""What is spent: intents before paid calls, and what callers may spend. Money is whole micro-credits.

One credit is 1,000,000 micro-credits: exact sums on every database (S65).
"""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, String, Table, Text, text

from app.store.tables.base import ID, metadata

# state: intent (about to be sent) · submitted (the service has a job id) · done · failed (not charged)
# · unknown (sent, no answer: looked up or decided by a person, never sent again by itself)
call = Table(
    "call",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("caller_id", ID, nullable=False),
    Column("workflow_id", ID, nullable=False),
    Column("run_id", ID, nullable=False),
    Column("node_id", String(64), nullable=False),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("provider", String(60), nullable=False),
    Column("model", String(200), nullable=False),
    # what the service is told, the same on every try of one generation of a step
    Column("idempotency_key", String(200), nullable=False, unique=True),
    Column("state", String(12), nullable=False),
    Column("job", Text),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    Column("charged", BigInteger, nullable=False, server_default="0"),
    # the day in the project's time zone that the money counts for, as 2026-01-31
    Column("day", String(10), nullable=False),
    Column("error_code", String(64)),
    Column("note", Text),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
)
Index("ix_call_run_id", call.c.run_id, call.c.node_id)
Index("ix_call_day", call.c.org_id, call.c.day, call.c.caller_id)
Index(
    "ix_call_open",
    call.c.updated_at,
    sqlite_where=text("state IN ('intent', 'submitted', 'unknown')"),
    postgresql_where=text("state IN ('intent', 'submitted', 'unknown')"),
)

# spent + reserved never passes a hard limit: both change in the transaction that decides
spend = Table(
    "spend",
    metadata,
    Column("scope", String(120), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("caller_id", ID, nullable=False),
    Column("workflow_id", ID, nullable=False),
    Column("reserved", BigInteger, nullable=False, server_default="0"),
    Column("spent", BigInteger, nullable=False, server_default="0"),
    # the limit that was last in force, and what an operator raised it to for this day
    Column("ceiling", BigInteger),
    Column("raised", BigInteger),
    # JSON list of thresholds that were told of
    Column("alerted", Text),
    sqlite_with_rowid=False,
)
Index("ix_spend_day", spend.c.org_id, spend.c.day)

# what was spent where no budget is kept, until it is added to spend: rows of its own, so that nobody waits
spend_entry = Table(
    "spend_entry",
    metadata,
    Column("run_id", ID, primary_key=True),
    # the call, or node and generation of a step without one
    Column("source", String(80), primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("scope", String(120), nullable=False),
    # empty: the day of this moment in the time zone of the run's project
    Column("day", String(10), nullable=False),
    Column("at", Double, nullable=False),
    Column("amount", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# what open runs may still cost: spend.reserved is the sum of these, and each is given back once
reservation = Table(
    "reservation",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("generation", Integer, primary_key=True, server_default="0"),
    Column("scope", String(120), nullable=False),
    Column("day", String(10), nullable=False),
    Column("amount", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
