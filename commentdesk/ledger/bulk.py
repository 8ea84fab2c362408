"""Many rows in few statements, each compiled once, past SQLAlchemy's handling of parameters.

SQLAlchemy looks at each column of each row anew, and an executemany runs SQLite's statement once a
row: each time the interpreter is given up, and waited for again behind a busy event loop.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import postgresql, sqlite

# Rows go by powers of two, so that few statements are compiled; columns times this stays far
# below what both databases take as parameters (32,766).
_MOST_IN_ONE_STATEMENT = 32
_Bind = Callable[[Any], Any]


def insert_rows(  # noqa: PLR0913
    connection: sql.Connection,
    table: sql.Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    once: str | None = None,
    renewed: tuple[str, ...] = (),
    newest: str | None = None,
) -> int:
    """Insert rows that all give the same columns; how many went in or were renewed.

    Of rows that are equal in the column `once`, to each other or to what is there, the first
    stays; or, if columns are `renewed`, it stays with these of the last (no two rows equal then),
    unless it has more in the column `newest`.
    """
    inserted = start = 0
    names = tuple(column.name for column in table.c if rows and column.name in rows[0])
    while left := len(rows) - start:
        count = min(_MOST_IN_ONE_STATEMENT, 1 << (left.bit_length() - 1))
        statement, binds = _compiled(connection.dialect, table, names, count, once, renewed, newest)
        values = tuple(
            bind(row[name]) if bind else row[name]
            for row in rows[start : start + count]
            for name, bind in binds
        )
        result = connection.exec_driver_sql(
            statement, values, execution_options={"preserve_rowcount": True}
        )
        inserted += result.rowcount
        start += count
    return inserted


@lru_cache(maxsize=128)
def _compiled(  # noqa: PLR0913
    dialect: sql.Dialect,
    table: sql.Table,
    names: tuple[str, ...],
    count: int,
    once: str | None,
    renewed: tuple[str, ...],
    newest: str | None,
) -> tuple[str, list[tuple[str, _Bind | None]]]:
    """The statement, and through what a value of each column passes on its way to the driver."""
    columns = [table.c[name] for name in names]
    values = [
        {
            column.name: sql.bindparam(f"{column.name}_{row}", type_=column.type)
            for column in columns
        }
        for row in range(count)
    ]
    # The two differ in class alone: each knows ON CONFLICT.
    kind = sqlite if dialect.name == "sqlite" else postgresql
    insert: Any = kind.insert(table).values(values)
    if renewed:
        newer = {name: insert.excluded[name] for name in renewed}
        later = insert.excluded[newest] >= table.c[newest] if newest else None
        insert = insert.on_conflict_do_update(index_elements=[once], set_=newer, where=later)
    elif once:
        insert = insert.on_conflict_do_nothing(index_elements=[once])
    compiled = insert.compile(dialect=dialect)
    assert compiled.positiontup == [name for row in values for name in _bound_names(row)]
    impls = [column.type.dialect_impl(dialect) for column in columns]
    binds = [impl.bind_processor(dialect) for impl in impls]
    return str(compiled), list(zip(names, binds, strict=True))


def _bound_names(row: Mapping[str, sql.BindParameter[Any]]) -> list[str]:
    return [parameter.key for parameter in row.values()]
