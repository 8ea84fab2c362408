"""Reasons in as many languages as the newsroom has."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_LANGUAGES = ("vi", "en")


def upgrade() -> None:
    op.add_column("reasons", sa.Column("words", sa.JSON(), nullable=False, server_default="{}"))
    _carry_over(op.get_bind())
    for language in _LANGUAGES:
        op.drop_column("reasons", language)


def _carry_over(connection: sa.Connection) -> None:
    reasons = sa.table(
        "reasons", sa.column("code"), sa.column("words", sa.JSON()), *map(sa.column, _LANGUAGES)
    )
    for row in connection.execute(sa.select(reasons)).mappings().all():
        said = {language: row[language] for language in _LANGUAGES if row[language]}
        statement = reasons.update().where(reasons.c.code == row["code"])
        connection.execute(statement.values(words=said))
