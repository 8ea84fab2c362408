"""Whether a phone's reader typed the code that was sent to it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "submissions",
        sa.Column("phone_proven", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
