"""What texts advertise, by which rewritten ones are told to be one campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fingerprints", sa.Column("tie", sa.Text(), nullable=True))
    op.add_column("campaign_orders", sa.Column("alone", sa.Text(), nullable=True))
    op.create_table(
        "ways_out",
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("tie", sa.Text(), nullable=False),
        sa.Column("shown_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("submission", "mark"),
    )
    op.create_index("ways_out_by_mark", "ways_out", ["mark", "submission"], unique=False)
