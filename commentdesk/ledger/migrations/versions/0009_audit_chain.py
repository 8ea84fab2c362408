"""The audit as a chain, with what it is searched by; the indices of statistics."""

import sqlalchemy as sa
from alembic import op

from commentdesk.ledger.chain import ChainKey, rechain
from commentdesk.ledger.tables import audit
from commentdesk.settings import read_settings

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("audit") as batch:
        batch.add_column(sa.Column("number", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("mac", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("note_digest", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("note_salt", sa.LargeBinary(), nullable=True))
        batch.add_column(sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("mac", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    # The rows there are, in the order of their ids and so of their times.
    key = ChainKey(read_settings().secret.get_secret_value())
    rechain(op.get_bind(), key, audit.c.id)
    with op.batch_alter_table("audit") as batch:
        batch.alter_column("number", existing_type=sa.BigInteger(), nullable=False)
        batch.alter_column("mac", existing_type=sa.LargeBinary(), nullable=False)
        batch.alter_column(
            "folded", existing_type=sa.Text(), existing_nullable=False, server_default=None
        )
    op.create_index("audit_by_number", "audit", ["number"], unique=True)
    op.create_index("audit_by_actor", "audit", ["actor", "number"], unique=False)
    op.create_index("audit_by_action", "audit", ["action", "number"], unique=False)
    op.create_index("audit_by_time", "audit", ["at"], unique=False)
    op.drop_index("events_by_submission", "events")
    op.create_index("events_by_submission", "events", ["submission", "state"], unique=False)
    op.create_index("events_by_state", "events", ["state", "at", "article"], unique=False)
    op.create_index("decisions_by_time", "decisions", ["at"], unique=False)
    op.create_index("decisions_by_actor", "decisions", ["actor", "at"], unique=False)
    op.create_index("verdicts_by_time", "verdicts", ["at", "action"], unique=False)
