"""What the desk lists by and undoes with: doubts, risk, batches, notes, a moment of grace."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from commentdesk.database import Moment
from commentdesk.domain.text import fold
from commentdesk.ledger.doubts import doubts_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_ROWS_AT_ONCE = 500
_HELD = "state = 'held'"
_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("folded_name", sa.Text(), nullable=False, server_default=""),
    sa.Column("risk", sa.Float(), nullable=False, server_default="0"),
    sa.Column("doubts", sa.Text(), nullable=False, server_default=""),
    sa.Column("decided_by", sa.Text(), nullable=True),
    sa.Column("decided_reason", sa.Text(), nullable=True),
    sa.Column("held_for", sa.Text(), nullable=True),
    sa.Column("not_before", Moment(), nullable=True),
    sa.Column("may_stand", sa.Boolean(), nullable=False, server_default=sa.false()),
)
_submissions = sa.table(
    "submissions",
    *(sa.column(name) for name in ("id", "name", "state", "work", *(c.name for c in _COLUMNS))),
)
_verdicts = sa.table(
    "verdicts", sa.column("submission"), sa.column("score"), sa.column("findings", sa.JSON())
)


def upgrade() -> None:
    for column in _COLUMNS:
        op.add_column("submissions", column)
    for name in ("batch", "came_from", "was_held_for"):
        op.add_column("decisions", sa.Column(name, sa.Text(), nullable=True))
    op.create_table(
        "notes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("submission", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(["submission"], ["submissions.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    _fill()
    _index()


def _fill() -> None:
    """What earlier versions knew, where lists look for it now."""
    _update_each(
        sa.select(_submissions.c.id, _submissions.c.name),
        lambda row: {"folded_name": fold(row.name)},
    )
    _update_each(
        sa.select(_verdicts.c.submission.label("id"), _verdicts.c.score, _verdicts.c.findings),
        lambda row: {"risk": row.score, "doubts": doubts_of(row.findings or [])},
    )
    for name, source in (("decided_by", "actor"), ("decided_reason", "reason")):
        op.execute(
            f"UPDATE submissions SET {name} = (SELECT {source} FROM decisions "  # noqa: S608
            "WHERE decisions.submission = submissions.id ORDER BY version DESC LIMIT 1)"
        )
    stands = _submissions.c.state.in_(["approved", "published"])
    op.execute(
        _submissions.update()
        .where(sa.or_(stands, _submissions.c.work == "retract"))
        .values(may_stand=sa.true())
    )


def _update_each(query: sa.Select[Any], values: Callable[[Any], dict[str, Any]]) -> None:
    """Some rows at a time, in the order of their ids."""
    connection = op.get_bind()
    key = query.selected_columns[0]
    page = query.order_by(key).limit(_ROWS_AT_ONCE)
    rows = connection.execute(page).all()
    while rows:
        updated = [{"of": row.id, **values(row)} for row in rows]
        names = updated[0].keys() - {"of"}
        connection.execute(
            _submissions.update()
            .where(_submissions.c.id == sa.bindparam("of"))
            .values({name: sa.bindparam(name) for name in names}),
            updated,
        )
        rows = connection.execute(page.where(key > rows[-1].id)).all()


def _index() -> None:
    op.drop_index("submissions_by_state", "submissions")
    op.drop_index("submissions_by_address", "submissions")
    op.drop_index("submissions_by_article", "submissions")
    op.drop_index("fingerprints_by_campaign", "fingerprints")
    op.create_index("submissions_by_state", "submissions", ["state", "id", "received_at"])
    op.create_index("submissions_by_article", "submissions", ["article", "state", "id"])
    op.create_index("submissions_by_network", "submissions", ["network_hash"])
    op.create_index("fingerprints_by_campaign", "fingerprints", ["campaign", "submission"])
    op.create_index("notes_by_submission", "notes", ["submission"])
    by_risk = ["state", sa.text("risk DESC"), "id"]
    _partial("submissions_by_risk", "submissions", by_risk, f"{_HELD} AND risk >= 0")
    suspect = ["state", "id", "article"]
    _partial("submissions_suspect", "submissions", suspect, f"{_HELD} AND doubts != ''")
    _partial("submissions_stuck", "submissions", ["id"], "stuck_at IS NOT NULL")
    for name, column in (("held_for", "held_for"), ("decided", "decided_by")):
        of = [column, "id"]
        _partial(f"submissions_{name}", "submissions", of, f"{column} IS NOT NULL")
    _partial("decisions_by_batch", "decisions", ["batch"], "batch IS NOT NULL")


def _partial(name: str, table: str, columns: list[Any], where: str) -> None:
    op.create_index(
        name,
        table,
        columns,
        unique=False,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )
