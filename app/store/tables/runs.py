"""Runs, their stages, steps and attempts, and what they made."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from app.store.tables.base import ID, metadata

run = Table(
    "run",
    metadata,
    Column("id", ID, primary_key=True),
    Column("org_id", ID, nullable=False),
    Column("project_id", ID, nullable=False),
    Column("workflow_id", ID, nullable=False),
    Column("workflow", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("version_id", ID),
    Column("caller_id", ID, nullable=False),
    Column("caller", String(80), nullable=False),
    Column("source", String(16), nullable=False, server_default="api"),
    Column("status", String(12), nullable=False),
    Column("wait", Text),
    Column("trigger", Text, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("callback_url", Text),
    Column("external_id", String(255)),
    Column("trace_id", String(64), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("input_version", String(64), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("started_at", Double),
    Column("finished_at", Double),
    Column("credit_cost", Double, nullable=False, server_default="0"),
    Column("callback_status", String(20), nullable=False, server_default="none"),
    Column("error_code", String(64)),
    Column("error", Text),
    # the callback body, byte for byte, whether or not anyone asked for a callback
    Column("result", Text),
    Column("quality_warning", Boolean, nullable=False, server_default=text("false")),
    Column("thumb", String(64)),
    Column("rerun_of", ID),
    # sub-workflow calls and maps: which node of which run, and which item of its list
    Column("parent_id", ID),
    Column("parent_node", String(64)),
    Column("parent_item", Integer),
    Column("parent_generation", Integer, nullable=False, server_default="0"),
    Column("depth", Integer, nullable=False, server_default="0"),
    # seconds since the epoch after which the run fails with run.deadline_exceeded
    Column("deadline", Double),
    Column("paused_at", Double),
    Column("paused_by", String(200)),
    # JSON list of {generation, from, node, change, reason}: which steps quality control had done again
    Column("redos", Text),
    # a partial run ends after these nodes (JSON list of node ids); null runs everything
    Column("targets", Text),
    # the rows of one CSV file, one run each
    Column("batch_id", ID),
    Column("schedule_id", ID),
    # JSON: the account and the cost monitor of a run above it, where it counts for one
    Column("budget", Text),
    # makes everything anew, whatever earlier results there are
    Column("fresh", Boolean, nullable=False, server_default=text("false")),
)
Index("ix_run_org_id", run.c.org_id, run.c.id.desc())
Index("ix_run_workflow_status", run.c.org_id, run.c.workflow, run.c.status, run.c.id.desc())
Index(
    "ix_run_open",
    run.c.id,
    sqlite_where=run.c.finished_at.is_(None),
    postgresql_where=run.c.finished_at.is_(None),
)
Index(
    "ix_run_external_id",
    run.c.org_id,
    run.c.external_id,
    sqlite_where=run.c.external_id.is_not(None),
    postgresql_where=run.c.external_id.is_not(None),
)
Index(
    "ix_run_parent_id",
    run.c.parent_id,
    run.c.parent_node,
    run.c.parent_generation,
    run.c.parent_item,
    # an item is never started twice, whoever tries
    unique=True,
    sqlite_where=run.c.parent_id.is_not(None),
    postgresql_where=run.c.parent_id.is_not(None),
)
Index(
    "ix_run_deadline",
    run.c.deadline,
    sqlite_where=run.c.deadline.is_not(None) & run.c.finished_at.is_(None),
    postgresql_where=run.c.deadline.is_not(None) & run.c.finished_at.is_(None),
)
Index(
    "ix_run_batch_id",
    run.c.batch_id,
    run.c.id,
    sqlite_where=run.c.batch_id.is_not(None),
    postgresql_where=run.c.batch_id.is_not(None),
)

# runs of drafts: their snapshots are kept as long as they are there
Index("ix_run_draft", run.c.version_id, sqlite_where=run.c.version == 0, postgresql_where=run.c.version == 0)
# the few runs that people paused
Index(
    "ix_run_paused_at",
    run.c.paused_at,
    sqlite_where=run.c.paused_at.is_not(None) & run.c.finished_at.is_(None),
    postgresql_where=run.c.paused_at.is_not(None) & run.c.finished_at.is_(None),
)

# state: blocked · ready · running · waiting · paused · done · failed · cancelled
# number: generation × stages of the plan + stage; a redo opens the next generation (S45)
# wake_at means: ready = ring again at, running = lease ends, waiting = due; null = nothing to wake
stage = Table(
    "stage",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("state", String(10), nullable=False),
    Column("fence", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("crashes", Integer, nullable=False),
    Column("pending", Integer, nullable=False),
    Column("rings", Integer, nullable=False),
    Column("wake_at", Double),
    Column("gate", String(100)),
    Column("worker", String(80)),
    Column("detail", Text),
    sqlite_with_rowid=False,
)
Index(
    "ix_stage_wake_at",
    stage.c.wake_at,
    sqlite_where=stage.c.wake_at.is_not(None),
    postgresql_where=stage.c.wake_at.is_not(None),
)
Index(
    "ix_stage_gate",
    stage.c.gate,
    stage.c.run_id,
    sqlite_where=stage.c.gate.is_not(None),
    postgresql_where=stage.c.gate.is_not(None),
)

# what a pause holds: never woken by time, only by whoever resumes it
Index(
    "ix_stage_paused",
    stage.c.run_id,
    sqlite_where=text("state = 'paused'"),
    postgresql_where=text("state = 'paused'"),
)

step = Table(
    "step",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("generation", Integer, primary_key=True, server_default="0"),
    Column("position", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("started_at", Double),
    Column("duration", Double),
    Column("outputs", Text),
    Column("error_code", String(64)),
    Column("reason", Text),
    Column("credits", Double, nullable=False),
    Column("model_id", String(120)),
    Column("executor", String(80)),
    # JSON {job_id, node_id, generation}: the step whose result was reused
    Column("cached_from", Text),
    sqlite_with_rowid=False,
)

# only what did not succeed at once: a step that passed on its first try is its own record
attempt = Table(
    "attempt",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("generation", Integer, primary_key=True, server_default="0"),
    Column("number", Integer, primary_key=True),
    Column("status", String(12), nullable=False),
    Column("error_code", String(64)),
    Column("reason", Text),
    Column("started_at", Double, nullable=False),
    Column("duration", Double, nullable=False),
    Column("next_at", Double),
    Column("executor", String(80)),
    sqlite_with_rowid=False,
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("scope", String(64), primary_key=True),
    Column("payload_hash", String(64), nullable=False),
    Column("run_id", ID, nullable=False),
    Column("response", Text, nullable=False),
    Column("created_at", Double, nullable=False, index=True),
    sqlite_with_rowid=False,
)

asset = Table(
    "asset",
    metadata,
    # the id follows from the content; every organisation has a row of its own
    Column("org_id", ID, primary_key=True),
    Column("id", ID, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("format", String(16), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("org_id", "sha256"),
)
Index("ix_asset_created_at", asset.c.org_id, asset.c.created_at.desc(), asset.c.id.desc())

# which run made or delivered which asset, in which role (lineage)
run_asset = Table(
    "run_asset",
    metadata,
    Column("run_id", ID, primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("asset_id", ID, primary_key=True, index=True),
    Column("platform_code", String(64)),
    sqlite_with_rowid=False,
)
