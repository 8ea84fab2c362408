"""Second factors, links that set a password, identities at a provider; what a session came from."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    _extend_sessions()
    op.create_table(
        "tickets",
        sa.Column("token_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("tickets_by_account", "tickets", ["account"])
    op.create_table(
        "second_factors",
        sa.Column("account", sa.Text(), sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False, server_default="0"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account", sa.Text(), sa.ForeignKey("accounts.id"), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(), primary_key=True),
    )
    op.create_table(
        "identities",
        sa.Column("issuer", sa.Text(), primary_key=True),
        sa.Column("subject", sa.Text(), primary_key=True),
        sa.Column("account", sa.Text(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("account", "issuer", name="identities_one_an_issuer"),
    )


def _extend_sessions() -> None:
    op.add_column(
        "sessions", sa.Column("seen_at", sa.BigInteger(), nullable=False, server_default="0")
    )
    for name in ("browser", "address"):
        op.add_column("sessions", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_index("sessions_by_account", "sessions", ["account"])
    # Nobody is logged out for having been idle before anybody looked.
    sessions = sa.table("sessions", sa.column("seen_at", sa.BigInteger))
    at = (datetime.now(UTC) - _EPOCH) // timedelta(microseconds=1)
    op.execute(sessions.update().values(seen_at=at))
