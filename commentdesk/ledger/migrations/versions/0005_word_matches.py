"""Words may count within words, too; hosts are listed beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("words", sa.Column("match", sa.Text(), nullable=False, server_default="word"))
