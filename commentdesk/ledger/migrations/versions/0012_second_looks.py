"""Decisions that come back blind to another moderator, and what that one says."""

import sqlalchemy as sa
from alembic import op

from commentdesk.database import Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_looks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("decided", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("picked_at", Moment(), nullable=False),
        sa.Column("looker", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("answered_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("submission", "version"),
    )
    op.create_index("second_looks_answered", "second_looks", ["answered_at"], unique=False)
    op.create_table(
        "second_look_skips",
        sa.Column("look", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["look"], ["second_looks.id"]),
        sa.PrimaryKeyConstraint("look", "actor"),
    )
