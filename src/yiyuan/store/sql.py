"""SQL made of a row's own field names: what every table needs and nobody should repeat.

Field names are column names; values are always bound. Nothing here takes text that
came from outside.
"""

from typing import Any, NamedTuple

from yiyuan.store.database import Statement


class Table(NamedTuple):
    """One table, as its module says it in `TABLES`: a backup takes it from there."""

    name: str
    row: type[tuple[Any, ...]]
    order: str
    """What orders its rows, so that two backups of the same rows are the same."""
    after: tuple[str, ...] = ()
    """The tables that its rows refer to; a restore fills those first."""
    is_backed_up: bool = True
    """False where a restored database fills it anew by itself, or can do without."""


def columns(row: type[tuple[Any, ...]]) -> str:
    """The columns of a row's class, as a list for SELECT or INSERT."""
    return ", ".join(fields(row))


def fields(row: type[tuple[Any, ...]]) -> tuple[str, ...]:
    """The same as a tuple."""
    names: tuple[str, ...] = row._fields  # type: ignore[attr-defined]  # every row is a NamedTuple
    return names


def insert(table: str, row: tuple[Any, ...]) -> Statement:
    """Add a row; refused where a key is taken."""
    places = ", ".join("?" * len(row))
    return (f"INSERT INTO {table} ({columns(type(row))}) VALUES ({places})", row)  # noqa: S608


def insert_at_most(table: str, row: tuple[Any, ...], of: str, most: int) -> Statement:
    """Add a row where fewer than `most` have its value of `of`, NULL included: else none changes.

    Behind a statement that locks whoever the rows belong to, any number at once stay within it.
    """
    value = row[fields(type(row)).index(of)]
    where = f"{of} IS NULL" if value is None else f"{of} = ?"
    places = ", ".join("?" * len(row))
    sql = f"""INSERT INTO {table} ({columns(type(row))}) SELECT {places}
              WHERE (SELECT COUNT(*) FROM {table} WHERE {where}) < ?"""  # noqa: S608 - field names
    return (sql, (*row, *(() if value is None else (value,)), most))


def upsert(table: str, row: tuple[Any, ...], key: tuple[str, ...]) -> Statement:
    """Add a row, or replace the one of this key."""
    sql, values = insert(table, row)
    changes = ", ".join(f"{c} = excluded.{c}" for c in fields(type(row)) if c not in key)
    return (f"{sql} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}", values)
