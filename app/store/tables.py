"""Every table, in one place.

Times are seconds since the epoch (UTC) as floats, ids are time-ordered text, JSON travels as text. What a run
pins never changes under it: a version is immutable, a step's outputs are written once per round.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = String(40)


def _fk(name: str, target: str, *, null: bool = False, index: bool = False) -> Column[str]:
    return Column(name, _ID, ForeignKey(target), nullable=null, index=index)


organisation = Table(
    "organisation",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("created_at", Double, nullable=False),
)

project = Table(
    "project",
    metadata,
    Column("id", _ID, primary_key=True),
    _fk("org_id", "organisation.id", index=True),
    Column("slug", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("time_zone", String(64), nullable=False, server_default="UTC"),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("org_id", "slug"),
)

caller = Table(
    "caller",
    metadata,
    Column("id", _ID, primary_key=True),
    _fk("org_id", "organisation.id", index=True),
    Column("name", String(80), nullable=False),
    # encrypted JSON list of whsec_… secrets, newest first; two while one rotates
    Column("signing_secrets", Text, nullable=False),
    Column("settings", Text, nullable=False, server_default="{}"),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("org_id", "name"),
)

api_key = Table(
    "api_key",
    metadata,
    Column("id", _ID, primary_key=True),
    _fk("org_id", "organisation.id", index=True),
    _fk("caller_id", "caller.id", index=True),
    Column("label", String(200), nullable=False),
    Column("prefix", String(24), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    Column("revoked_at", Double),
    Column("last_used_at", Double),
)

session = Table(
    "session",
    metadata,
    Column("hash", String(64), primary_key=True),
    _fk("key_id", "api_key.id", index=True),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double, nullable=False),
)

sign_in_token = Table(
    "sign_in_token",
    metadata,
    Column("hash", String(64), primary_key=True),
    _fk("key_id", "api_key.id"),
    Column("expires_at", Double, nullable=False),
)

workflow = Table(
    "workflow",
    metadata,
    Column("id", _ID, primary_key=True),
    _fk("org_id", "organisation.id", index=True),
    _fk("project_id", "project.id", index=True),
    Column("slug", String(80), nullable=False),
    Column("name", String(200), nullable=False),
    Column("draft", Text, nullable=False),
    Column("draft_revision", Integer, nullable=False, server_default="1"),
    Column("draft_by", String(200)),
    Column("published", Integer),
    Column("archived_at", Double),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    UniqueConstraint("org_id", "slug"),
)

workflow_version = Table(
    "workflow_version",
    metadata,
    Column("id", _ID, primary_key=True),
    _fk("workflow_id", "workflow.id"),
    Column("number", Integer, nullable=False),
    Column("graph", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("created_by", String(200)),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("workflow_id", "number"),
)

run = Table(
    "run",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("org_id", _ID, nullable=False),
    Column("project_id", _ID, nullable=False),
    Column("workflow_id", _ID, nullable=False),
    Column("workflow", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("version_id", _ID),
    Column("caller_id", _ID, nullable=False),
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
    Column("thumb", _ID),
    Column("rerun_of", _ID),
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

# state: blocked · ready · running · waiting · done · failed · cancelled
# wake_at means: ready = ring again at, running = lease ends, waiting = due; null = nothing to wake
stage = Table(
    "stage",
    metadata,
    Column("run_id", _ID, primary_key=True),
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

step = Table(
    "step",
    metadata,
    Column("run_id", _ID, primary_key=True),
    Column("node_id", String(64), primary_key=True),
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
    sqlite_with_rowid=False,
)

# only what did not succeed at once: a step that passed on its first try is its own record
attempt = Table(
    "attempt",
    metadata,
    Column("run_id", _ID, primary_key=True),
    Column("node_id", String(64), primary_key=True),
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
    Column("run_id", _ID, nullable=False),
    Column("response", Text, nullable=False),
    Column("created_at", Double, nullable=False, index=True),
    sqlite_with_rowid=False,
)

asset = Table(
    "asset",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("org_id", _ID, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("format", String(16), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("org_id", "sha256"),
)

# which run made or delivered which asset, in which role (lineage)
run_asset = Table(
    "run_asset",
    metadata,
    Column("run_id", _ID, primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("asset_id", _ID, primary_key=True, index=True),
    Column("platform_code", String(64)),
    sqlite_with_rowid=False,
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("org_id", _ID, nullable=False),
    Column("run_id", _ID, nullable=False, index=True),
    Column("caller_id", _ID, nullable=False),
    Column("event", String(40), nullable=False),
    # the webhook-id: stable over retries and replays
    Column("message_id", _ID, nullable=False),
    Column("url", Text, nullable=False),
    Column("body", Text, nullable=False),
    # pending · sending · retrying · delivered · permanently_failed
    Column("status", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    # attempts made before the last replay: a replay starts the schedule afresh
    Column("attempt_base", Integer, nullable=False, server_default="0"),
    Column("fence", Integer, nullable=False),
    Column("rings", Integer, nullable=False),
    Column("wake_at", Double),
    Column("worker", String(80)),
    Column("created_at", Double, nullable=False),
    Column("finished_at", Double),
    Column("error_code", String(64)),
)
Index(
    "ix_delivery_wake_at",
    delivery.c.wake_at,
    sqlite_where=delivery.c.wake_at.is_not(None),
    postgresql_where=delivery.c.wake_at.is_not(None),
)
Index("ix_delivery_org_status", delivery.c.org_id, delivery.c.status, delivery.c.id.desc())

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("delivery_id", _ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", Double, nullable=False),
    Column("duration", Double, nullable=False),
    Column("status_code", Integer),
    Column("error_code", String(64)),
    Column("reason", Text),
    Column("response", Text),
    Column("next_at", Double),
    sqlite_with_rowid=False,
)

inbox_message = Table(
    "inbox_message",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("inbox", String(80), nullable=False),
    Column("received_at", Double, nullable=False),
    Column("message_id", String(255)),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("verified", Boolean),
)
Index("ix_inbox_message_inbox", inbox_message.c.inbox, inbox_message.c.id.desc())

# one row per run that a limiter let start: the exact log behind "no more than n in any rolling window" (S62)
start_log = Table(
    "start_log",
    metadata,
    Column("gate", String(100), primary_key=True),
    Column("run_id", _ID, primary_key=True),
    Column("slot", Double, nullable=False),
    Column("started", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_start_log_slot", start_log.c.gate, start_log.c.slot.desc())

# one row per trigger accepted through a breaker gate, so that its rate is exact (S73)
trigger_log = Table(
    "trigger_log",
    metadata,
    Column("gate", String(100), primary_key=True),
    Column("run_id", _ID, primary_key=True),
    Column("at", Double, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_trigger_log_at", trigger_log.c.gate, trigger_log.c.at)

breaker = Table(
    "breaker",
    metadata,
    Column("gate", String(100), primary_key=True),
    Column("org_id", _ID, nullable=False),
    Column("workflow", String(80), nullable=False),
    Column("caller", String(80), nullable=False),
    Column("opened_at", Double),
    Column("reason", Text),
    Column("closed_at", Double),
    Column("closed_by", String(200)),
)

leader = Table(
    "leader",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("until", Double, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("org_id", _ID, nullable=False),
    Column("at", Double, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(80), nullable=False),
    Column("object", String(200), nullable=False),
    Column("detail", Text, nullable=False, server_default="{}"),
    Column("request_id", String(64)),
)
Index("ix_audit_org_id", audit.c.org_id, audit.c.id.desc())

alert = Table(
    "alert",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("org_id", _ID, nullable=False),
    Column("at", Double, nullable=False),
    Column("code", String(64), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("acknowledged_at", Double),
)
Index("ix_alert_org_id", alert.c.org_id, alert.c.id.desc())
