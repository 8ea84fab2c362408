"""Fingerprints of texts, bans, and what a network and a browser are known by."""

import sqlalchemy as sa
from alembic import op

from commentdesk.database import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BY = ("least1", "least2", "least3", "least4", "campaign")


def upgrade() -> None:
    op.add_column("submissions", sa.Column("network_hash", sa.LargeBinary(), nullable=True))
    op.add_column("submissions", sa.Column("browser_hash", sa.LargeBinary(), nullable=True))
    op.create_index("submissions_by_browser", "submissions", ["browser_hash"], unique=False)
    op.create_table(
        "fingerprints",
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("phone_hash", sa.LargeBinary(), nullable=True),
        sa.Column("network_hash", sa.LargeBinary(), nullable=True),
        sa.Column("name_hash", sa.LargeBinary(), nullable=True),
        sa.Column("exact_hash", sa.LargeBinary(), nullable=True),
        sa.Column("simhash", sa.BigInteger(), nullable=True),
        *(sa.Column(f"least{number}", sa.BigInteger(), nullable=True) for number in range(1, 5)),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("submission"),
    )
    op.create_index("fingerprints_by_time", "fingerprints", ["at"], unique=False)
    for name, column in (("article", "article"), ("phone", "phone_hash")):
        op.create_index(f"fingerprints_by_{name}", "fingerprints", [column, "at"], unique=False)
    op.create_index("fingerprints_by_network", "fingerprints", ["network_hash", "at"], unique=False)
    for column in _BY:
        op.create_index(f"fingerprints_by_{column}", "fingerprints", [column], unique=False)
    op.create_table(
        "bans",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value_hash", sa.LargeBinary(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "value_hash"),
    )
