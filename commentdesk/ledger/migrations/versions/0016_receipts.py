"""Receipts: their codes, earlier wordings, the consent agreed to, reasons as readers are told."""

import sqlalchemy as sa
from alembic import op

from commentdesk.database import Moment

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submissions", sa.Column("consent_version", sa.Text(), nullable=True))
    op.add_column("submissions", sa.Column("receipt_hash", sa.LargeBinary(), nullable=True))
    op.create_index("submissions_by_receipt", "submissions", ["receipt_hash"], unique=True)
    op.add_column(
        "reasons", sa.Column("reader_words", sa.JSON(), nullable=False, server_default="{}")
    )
    op.create_table(
        "revisions",
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"]),
        sa.PrimaryKeyConstraint("submission", "version"),
    )
    op.create_index("revisions_by_time", "revisions", ["at"], unique=False)
