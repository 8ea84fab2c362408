"""What moderators want done with the next ones of a campaign."""

import sqlalchemy as sa
from alembic import op

from commentdesk.database import Moment

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_orders",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("campaign"),
    )
