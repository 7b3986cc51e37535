"""The names that others rely on stay what they are, wherever their code stands.

Scripts, dashboards, stored rows and clients of the console's API know them. A new one is
added to `public_names.json` by hand; one that is gone or changed is a change of the
product, never a side effect of moving a file.
"""

import json
import sqlite3
from pathlib import Path

import pytest

from yiyuan.api.console.registry import ROUTES
from yiyuan.kernel import errors, settings
from yiyuan.services.commands import COMMANDS
from yiyuan.store.sqlite.migrate import migrate
from yiyuan.telemetry import metrics

PINNED = json.loads(Path(__file__).with_name("public_names.json").read_text())


def kinds(of: type) -> list[type]:
    """A class and all below it."""
    return [of, *(kind for each in of.__subclasses__() for kind in kinds(each))]


def columns() -> list[str]:
    """`table.column` of a new database."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    tables = [name for (name,) in connection.execute(query)]
    return [
        f"{table}.{row[1]}"
        for table in tables
        for row in connection.execute(f"PRAGMA table_info({table})")
    ]


def today() -> dict[str, list[str]]:
    """Every name, by kind."""
    families = {**metrics.COUNTERS, **metrics.HISTOGRAMS, **metrics.GAUGES}
    return {
        "settings": [doc.variable for doc in settings.describe()],
        "error codes": [kind.default_code for kind in kinds(errors.ApiError)],
        "commands": [*COMMANDS],
        "columns": columns(),
        "metrics": list(families),
        "operations": [f"{route.method} {route.path} {route.name}" for route in ROUTES],
    }


@pytest.mark.parametrize("kind", PINNED)
def test_a_public_name_stays(kind: str) -> None:
    gone = set(PINNED[kind]) - set(today()[kind])
    assert not gone, "others rely on these"


def test_every_kind_is_pinned() -> None:
    assert {kind: len(names) > 9 for kind, names in PINNED.items()} == dict.fromkeys(today(), True)
