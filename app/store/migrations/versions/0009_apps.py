"""Workflows as apps for colleagues, and whose runs they started."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_view",
        sa.Column("workflow_id", sa.String(length=40), nullable=False),
        sa.Column("org_id", sa.String(length=40), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), server_default="", nullable=False),
        sa.Column("intro", sa.Text(), server_default="", nullable=False),
        sa.Column("fields", sa.Text(), server_default="[]", nullable=False),
        sa.Column("created_by", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_app_view_org_id")),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflow.id"], name=op.f("fk_app_view_workflow_id")),
        sa.PrimaryKeyConstraint("workflow_id", name=op.f("pk_app_view")),
    )
    with op.batch_alter_table("app_view", schema=None) as batch_op:
        batch_op.create_index("ix_app_view_org_id", ["org_id"], unique=False)

    op.create_table(
        "app_run",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("workflow_id", sa.String(length=40), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["workflow_id"], ["workflow.id"], name=op.f("fk_app_run_workflow_id")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_app_run")),
    )
    with op.batch_alter_table("app_run", schema=None) as batch_op:
        batch_op.create_index("ix_app_run_mine", ["workflow_id", "key_id", "run_id"], unique=False)


def downgrade() -> None:
    op.drop_table("app_run")
    op.drop_table("app_view")
