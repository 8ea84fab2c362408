"""The section of an article, and the sections a moderator is there for."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("section", sa.Text(), nullable=False, server_default=""))
    op.add_column("accounts", sa.Column("sections", sa.JSON(), nullable=False, server_default="[]"))
