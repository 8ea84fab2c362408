"""Policies of the site and of articles; verdicts know which checks could not answer."""

import sqlalchemy as sa
from alembic import op

from commentdesk.database import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policies",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("hold_one_in", sa.Integer(), nullable=True),
        sa.Column("reject_one_in", sa.Integer(), nullable=True),
        sa.Column("publish_clean", sa.Boolean(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
    op.add_column("verdicts", sa.Column("unknown", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "verdicts", sa.Column("rechecks", sa.Integer(), nullable=False, server_default="0")
    )
    op.create_index(
        "verdicts_unknown",
        "verdicts",
        ["at"],
        unique=False,
        sqlite_where=sa.text("unknown != ''"),
        postgresql_where=sa.text("unknown != ''"),
    )
