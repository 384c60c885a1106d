"""Pictures that people brought, and all pictures in the order they came."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("org_id", sa.String(length=40), nullable=False),
        sa.Column("asset_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search", sa.String(length=400), nullable=False),
        sa.Column("caller_id", sa.String(length=40), nullable=False),
        sa.Column("uploaded_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("org_id", "asset_id", name=op.f("pk_upload")),
    )
    newest = [sa.text("org_id"), sa.text("created_at DESC"), sa.text("asset_id DESC")]
    op.create_index("ix_upload_created_at", "upload", newest, unique=False)
    newest = [sa.text("org_id"), sa.text("created_at DESC"), sa.text("id DESC")]
    op.create_index("ix_asset_created_at", "asset", newest, unique=False)


def downgrade() -> None:
    op.drop_index("ix_asset_created_at", table_name="asset")
    op.drop_table("upload")
