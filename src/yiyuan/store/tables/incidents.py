"""Incidents that operators write for the status page, each with its updates."""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert

_ADD_UPDATE: Final = """
INSERT INTO incident_updates (incident_id, n, at, state, text, text_zh)
SELECT ?, 1 + coalesce((SELECT max(n) FROM incident_updates WHERE incident_id = ?), 0),
       ?, ?, ?, ?
WHERE EXISTS (SELECT 1 FROM incidents WHERE id = ?)
"""
_CHANGE: Final = """
UPDATE incidents SET title = ?, title_zh = ?, models = ?, resolved_at = ? WHERE id = ?
"""


class IncidentRow(NamedTuple):
    """One incident; `models` is a JSON list, times in wall-clock ms, None while it lasts."""

    id: str
    title: str
    title_zh: str | None
    models: str
    began_at: int
    resolved_at: int | None


class IncidentUpdateRow(NamedTuple):
    """What was told of it at one time (wall-clock ms), in order of `n`."""

    incident_id: str
    n: int
    at: int
    state: str
    text: str
    text_zh: str | None


def add_incident(row: IncidentRow) -> Statement:
    """Keep a new incident."""
    return insert("incidents", row)


def change_incident(row: IncidentRow) -> Statement:
    """Replace all but its beginning; no row changes where it is gone."""
    return (_CHANGE, (row.title, row.title_zh, row.models, row.resolved_at, row.id))


def add_update(row: IncidentUpdateRow) -> Statement:
    """Add an update behind those that are there, whatever its `n`; none to what is gone."""
    values = (row.at, row.state, row.text, row.text_zh)
    return (_ADD_UPDATE, (row.incident_id, row.incident_id, *values, row.incident_id))


def remove_incident(incident_id: str) -> list[Statement]:
    """Delete an incident and its updates; the last statement says whether it was there."""
    return [
        ("DELETE FROM incident_updates WHERE incident_id = ?", (incident_id,)),
        ("DELETE FROM incidents WHERE id = ?", (incident_id,)),
    ]


async def find_incident(database: Database, incident_id: str) -> IncidentRow | None:
    """One by its id."""
    sql = f"SELECT {columns(IncidentRow)} FROM incidents WHERE id = ?"  # noqa: S608 - field names
    rows = await database.read(sql, (incident_id,))
    return IncidentRow(*rows[0]) if rows else None


async def latest_incidents(
    database: Database, *, resolved_since_ms: int, limit: int
) -> list[IncidentRow]:
    """Those that last, and those that ended since a time; the latest first."""
    sql = f"""SELECT {columns(IncidentRow)} FROM incidents
              WHERE resolved_at IS NULL OR resolved_at >= ?
              ORDER BY began_at DESC, id DESC LIMIT ?"""  # noqa: S608 - field names
    rows = await database.read(sql, (resolved_since_ms, limit))
    return [IncidentRow(*row) for row in rows]


async def updates_of(database: Database, incident_ids: list[str]) -> list[IncidentUpdateRow]:
    """What was told of some incidents, the latest first."""
    if not incident_ids:
        return []
    places = ", ".join("?" * len(incident_ids))
    sql = f"""SELECT {columns(IncidentUpdateRow)} FROM incident_updates
              WHERE incident_id IN ({places}) ORDER BY incident_id, n DESC"""  # noqa: S608
    rows = await database.read(sql, tuple(incident_ids))
    return [IncidentUpdateRow(*row) for row in rows]


TABLES: Final = (
    Table("incidents", IncidentRow, "id"),
    Table("incident_updates", IncidentUpdateRow, "incident_id, n", after=("incidents",)),
)
