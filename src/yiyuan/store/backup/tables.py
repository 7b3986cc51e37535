"""What a backup holds: every table that a file of `store/tables` names in its `TABLES`.

A table that others refer to comes before them. A migration that adds a table or a column
adds it to the table's own file; a test compares all of them with the schema.
"""

import pkgutil
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import Final, NamedTuple

from yiyuan.store import tables
from yiyuan.store.sql import Table, fields

SCHEMA_VERSION_KEY: Final = "schema_version"
"""The row of `meta` that migrations write, and therefore a restore does not."""


class MetaRow(NamedTuple):
    """A fact about the database itself, such as the fingerprint of its secret key."""

    key: str
    value: str


class BackupTable(NamedTuple):
    """One table: its name, all its columns, and what orders its rows."""

    name: str
    columns: tuple[str, ...]
    order: str


def discover(package: ModuleType) -> list[Table]:
    """Every table that the files of a package name."""
    found = [Table("meta", MetaRow, "key")]
    for entry in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        found += getattr(import_module(entry.name), "TABLES", ())
    return found


def in_order(found: Iterable[Table]) -> tuple[BackupTable, ...]:
    """Those of a backup, each after the tables that its rows refer to.

    Raises RuntimeError when a table refers to one that is not there, or to itself by others.
    """
    waiting = {each.name: each for each in found if each.is_backed_up}
    ordered: dict[str, BackupTable] = {}
    while waiting:
        ready = [each for each in waiting.values() if all(name in ordered for name in each.after)]
        if not ready:
            raise RuntimeError(f"these tables wait for others: {', '.join(waiting)}")
        for each in ready:
            ordered[each.name] = BackupTable(each.name, fields(each.row), each.order)
            del waiting[each.name]
    return tuple(ordered.values())


KNOWN: Final = tuple(discover(tables))
TABLES: Final = in_order(KNOWN)
