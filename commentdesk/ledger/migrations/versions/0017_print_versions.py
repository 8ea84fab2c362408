"""Of which version of a submission a fingerprint was taken."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "fingerprints", sa.Column("version", sa.Integer(), nullable=False, server_default="0")
    )
