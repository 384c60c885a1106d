"""What people try out on the canvas: drafts as they were run, sample payloads, pinned results, verdicts."""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from app.store.tables.base import ID, fk, metadata

# a draft as it was when somebody ran it; runs name it as their version_id, with version 0
draft_snapshot = Table(
    "draft_snapshot",
    metadata,
    Column("id", ID, primary_key=True),
    fk("workflow_id", "workflow.id"),
    # SHA-256 of the document's text: the same draft is kept once
    Column("digest", String(64), nullable=False),
    Column("graph", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("created_by", String(200)),
    Column("created_at", Double, nullable=False),
    UniqueConstraint("workflow_id", "digest"),
)

# results that runs of a draft take instead of doing the node; published versions never look here
draft_pin = Table(
    "draft_pin",
    metadata,
    Column("workflow_id", ID, ForeignKey("workflow.id"), primary_key=True),
    Column("node_id", String(64), primary_key=True),
    # JSON object: output socket → value
    Column("outputs", Text, nullable=False),
    Column("run_id", ID),
    # whether somebody changed what the run had made
    Column("edited", Boolean, nullable=False),
    Column("pinned_by", String(200)),
    Column("pinned_at", Double, nullable=False),
    sqlite_with_rowid=False,
)

sample_payload = Table(
    "sample_payload",
    metadata,
    Column("workflow_id", ID, ForeignKey("workflow.id"), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("payload", Text, nullable=False),
    Column("saved_by", String(200)),
    Column("saved_at", Double, nullable=False),
    sqlite_with_rowid=False,
)

# edits of a draft that lost against others', until the person they are of chooses
draft_conflict = Table(
    "draft_conflict",
    metadata,
    Column("workflow_id", ID, ForeignKey("workflow.id"), primary_key=True),
    # the key of the person whose edit it is
    Column("owner", ID, primary_key=True),
    # SHA-256 of kind, item and field
    Column("place", String(64), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("item", Text, nullable=False),
    Column("field", Text, nullable=False),
    # JSON; NULL is a setting that was unset
    Column("mine", Text),
    Column("theirs", Text),
    Column("other", String(200), nullable=False, server_default=""),
    Column("lost_at", Double, nullable=False),
    sqlite_with_rowid=False,
)

# what people decided about the result of a row; another run of the row is judged anew
row_verdict = Table(
    "row_verdict",
    metadata,
    Column("batch_id", ID, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run_id", ID, primary_key=True),
    # approved · rejected
    Column("verdict", String(10), nullable=False),
    Column("note", String(500), nullable=False, server_default=""),
    Column("decided_by", String(200), nullable=False),
    Column("decided_at", Double, nullable=False),
    sqlite_with_rowid=False,
)
