"""Databases that real old gateways made, with what they said of themselves.

They stand beside the checkout, not in it. Where they are absent, whatever needs them is
skipped and says so. What a database is to contain is read from the answers of the
program's own API, never from the database.
"""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest

from yiyuan.integrations.importers.contract import Shop, Source
from yiyuan.integrations.importers.discovery import discover, recognise
from yiyuan.integrations.importers.shared.numbers import read_json
from yiyuan.store.foreign.door import read_foreign

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "old-gateways"
SQLITE = ("new-api-2025", "new-api-2026", "one-api", "one-hub")
READ_AT = 1_795_998_600
"""Shortly after the databases were made: what expires, does so in the right order."""

_ANSWERS = {
    "option": "option",
    "pricing": "pricing",
    "prices": "prices",
    "groups": "user_group",
}


@dataclass(slots=True, frozen=True)
class OldGateway:
    """One of them, by its label."""

    label: str

    @property
    def kind(self) -> str:
        """What `yiyuan import` calls the program."""
        return self.label if self.label.startswith("one-") else "new-api"

    @property
    def dump(self) -> Path:
        """The SQL dump, for those that lived on a server."""
        return FOLDER / f"{self.label}.sql"

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return FOLDER / f"{self.label}.db"

    @property
    def answers(self) -> dict[str, Path]:
        """Saved answers of the running program, by the name of the option that takes them."""
        found = {name: FOLDER / f"{self.label}.{file}.json" for name, file in _ANSWERS.items()}
        return {name: path for name, path in found.items() if path.exists()}

    @property
    def expected(self) -> dict:
        """What the program's API said."""
        return json.loads((FOLDER / f"{self.label}.expected.json").read_text())


def old_gateway(label: str) -> OldGateway:
    """One of them; skips the test where they are absent."""
    if not (FOLDER / f"{label}.expected.json").exists():
        pytest.skip("the databases of old gateways are not beside this checkout")
    return OldGateway(label)


def load_postgres(url: str, dump: Path) -> None:
    """Fill an empty database with what a plain `pg_dump` says."""

    async def load() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(dump.read_text())
        finally:
            await connection.close()

    asyncio.run(load())


async def read_shop(place: str, answers: dict[str, Path] | None = None, **options) -> Shop:
    """What the importer makes of a database; the answers are files."""
    importers = discover()
    found = []

    def choose(schema):
        found.append(importers[recognise(schema)])
        return [table for table in found[0].tables if table in schema]

    reading = await read_foreign(place, choose)
    parsed = {name: read_json(path.read_text(), name) for name, path in (answers or {}).items()}
    return found[0].read(
        Source(
            schema=reading.schema,
            tables=reading.tables,
            answers=parsed,
            now=READ_AT,
            options=options,
        )
    )
