"""SQL made of a row's own field names: what every table needs and nobody should repeat.

Field names are column names; values are always bound. Nothing here takes text that
came from outside.
"""

from typing import Any

from yiyuan.store.database import Statement


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


def upsert(table: str, row: tuple[Any, ...], key: tuple[str, ...]) -> Statement:
    """Add a row, or replace the one of this key."""
    sql, values = insert(table, row)
    changes = ", ".join(f"{c} = excluded.{c}" for c in fields(type(row)) if c not in key)
    return (f"{sql} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}", values)
