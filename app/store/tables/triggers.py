"""Other ways into a run: schedules, forms, rows of a file."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, String, Table, Text, text

from app.store.tables.base import ID, fk, metadata

schedule = Table(
    "schedule",
    metadata,
    Column("id", ID, primary_key=True),
    fk("org_id", "organisation.id", index=True),
    fk("workflow_id", "workflow.id", index=True),
    fk("caller_id", "caller.id"),
    Column("name", String(200), nullable=False),
    Column("cron", String(200), nullable=False),
    Column("zone", String(64), nullable=False),
    # what happens to fires that were missed: skip · once · all
    Column("missed", String(8), nullable=False),
    Column("payload", Text, nullable=False, server_default="{}"),
    Column("callback_url", Text),
    Column("enabled", Boolean, nullable=False),
    # null while it rests
    Column("next_at", Double),
    Column("last_at", Double),
    Column("last_run_id", ID),
    Column("error", Text),
    Column("created_by", String(200)),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
)
Index(
    "ix_schedule_next_at",
    schedule.c.next_at,
    sqlite_where=text("next_at IS NOT NULL"),
    postgresql_where=text("next_at IS NOT NULL"),
)

form = Table(
    "form",
    metadata,
    Column("workflow_id", ID, ForeignKey("workflow.id"), primary_key=True),
    fk("org_id", "organisation.id", index=True),
    fk("caller_id", "caller.id"),
    Column("token", String(64), nullable=False, unique=True),
    Column("title", String(200), nullable=False, server_default=""),
    Column("intro", Text, nullable=False, server_default=""),
    Column("enabled", Boolean, nullable=False),
    # whether people without a sign-in may use it
    Column("open", Boolean, nullable=False),
    Column("created_by", String(200)),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
)

batch = Table(
    "batch",
    metadata,
    Column("id", ID, primary_key=True),
    fk("org_id", "organisation.id", index=True),
    fk("workflow_id", "workflow.id", index=True),
    fk("caller_id", "caller.id"),
    Column("name", String(200), nullable=False),
    # every row runs the version that the file was checked against; 0 with a draft as it was then
    Column("version", Integer, nullable=False),
    Column("draft_id", ID),
    Column("rows", Integer, nullable=False),
    Column("skipped", Integer, nullable=False, server_default="0"),
    # rows that have no run yet
    Column("pending", Integer, nullable=False),
    # JSON object: column of the file → field of the trigger
    Column("mapping", Text, nullable=False, server_default="{}"),
    Column("callback_url", Text),
    Column("error", Text),
    Column("created_by", String(200)),
    Column("created_at", Double, nullable=False),
    Column("cancelled_at", Double),
)
Index(
    "ix_batch_pending",
    batch.c.id,
    sqlite_where=text("pending > 0"),
    postgresql_where=text("pending > 0"),
)

# what a file said, row by row, until and after its runs exist
batch_row = Table(
    "batch_row",
    metadata,
    Column("batch_id", ID, primary_key=True),
    # line of the table, counted from 1 after the head
    Column("number", Integer, primary_key=True),
    Column("payload", Text, nullable=False),
    Column("external_id", String(255)),
    Column("run_id", ID),
    sqlite_with_rowid=False,
)
