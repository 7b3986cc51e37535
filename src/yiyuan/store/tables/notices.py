"""Notices: what happened, who wants to be told, and how far telling them has come.

A notice is one row, so whatever causes it writes it in its own transaction. Spreading it
over the sinks, and each step of a delivery, are conditional updates: any number of nodes
may work on them at once.
"""

import json
from collections.abc import Sequence
from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, insert, insert_at_most


class NoticeRow(NamedTuple):
    """Something that happened; of an account, or without one of the whole house."""

    id: str
    event: str
    account_id: str | None
    user_id: str | None
    """The person whom it concerns alone, such as a new sign-in."""
    key: str | None
    data: str
    """JSON; never a secret."""
    at: int
    spread_at: int | None


class SinkRow(NamedTuple):
    """Where somebody wants to be told; `account_id` None is the operators'."""

    id: str
    account_id: str | None
    kind: str
    name: str
    settings: str
    """JSON of the fields that are no secrets."""
    sealed: bytes | None
    """JSON of those that are, encrypted for this id."""
    events: str
    """JSON list."""
    language: str
    created_by: str
    created_at: int
    disabled_at: int | None
    confirmed_at: int | None
    """When a mailbox proved that it wants to be told; of other kinds, when they were made."""


class DeliveryRow(NamedTuple):
    """One notice at one sink."""

    id: str
    notice_id: str
    sink_id: str
    state: str
    tries: int
    next_at: int
    reason: str
    created_at: int
    ended_at: int | None


class LevelRow(NamedTuple):
    """On which side of a threshold a subject is known to be."""

    subject: str
    level: str
    at: int


class Due(NamedTuple):
    """A delivery that is to be tried, with all that is needed for it."""

    delivery: DeliveryRow
    notice: NoticeRow
    sink: SinkRow


def add_notice(row: NoticeRow) -> Statement:
    """Note what happened; once per `key`."""
    sql, values = insert("notices", row)
    return (f"{sql} ON CONFLICT (key) DO NOTHING", values)


async def unspread(database: Database, most: int) -> list[NoticeRow]:
    """Notices that nobody has been chosen for yet, oldest first."""
    sql = f"""SELECT {columns(NoticeRow)} FROM notices
              WHERE spread_at IS NULL ORDER BY at LIMIT ?"""  # noqa: S608 - field names
    return [NoticeRow(*row) for row in await database.read(sql, (most,))]


def spread(notice_id: str, deliveries: Sequence[DeliveryRow], now_ms: int) -> list[Statement]:
    """Choose who is told; what another node has chosen already stays."""
    chosen = "UPDATE notices SET spread_at = ? WHERE id = ? AND spread_at IS NULL"
    rows = []
    for row in deliveries:
        sql, values = insert("deliveries", row)
        rows.append((f"{sql} ON CONFLICT (notice_id, sink_id) DO NOTHING", values))
    return [(chosen, (now_ms, notice_id)), *rows]


async def sinks_of(database: Database, account_id: str | None) -> list[SinkRow]:
    """An account's sinks, or the operators'; the oldest first."""
    where = "account_id IS NULL" if account_id is None else "account_id = ?"
    sql = f"""SELECT {columns(SinkRow)} FROM notice_sinks
              WHERE {where} ORDER BY created_at, id"""  # noqa: S608 - field names
    values = () if account_id is None else (account_id,)
    return [SinkRow(*row) for row in await database.read(sql, values)]


async def sinks_by(database: Database, user_id: str) -> list[SinkRow]:
    """The sinks that a person set up for accounts of theirs."""
    sql = f"""SELECT {columns(SinkRow)} FROM notice_sinks
              WHERE created_by = ? AND account_id IS NOT NULL
              ORDER BY created_at, id"""  # noqa: S608 - field names
    return [SinkRow(*row) for row in await database.read(sql, (user_id,))]


async def find_sink(database: Database, sink_id: str) -> SinkRow | None:
    """A sink by its id."""
    sql = f"SELECT {columns(SinkRow)} FROM notice_sinks WHERE id = ?"  # noqa: S608
    rows = await database.read(sql, (sink_id,))
    return SinkRow(*rows[0]) if rows else None


def lock_sinks(account_id: str | None) -> Statement:
    """Let nobody else add to an account's sinks, once it has any, in this transaction's time."""
    where = "account_id IS NULL" if account_id is None else "account_id = ?"
    values = () if account_id is None else (account_id,)
    return (f"UPDATE notice_sinks SET name = name WHERE {where}", values)  # noqa: S608 - constants


def add_sink(row: SinkRow, most: int) -> Statement:
    """Keep a new sink; no row changes where there are `most`."""
    return insert_at_most("notice_sinks", row, "account_id", most)


def change_sink(row: SinkRow) -> Statement:
    """Replace what may change of one."""
    sql = """UPDATE notice_sinks SET name = ?, settings = ?, sealed = ?, events = ?,
             language = ?, disabled_at = ?, confirmed_at = ? WHERE id = ?"""
    changed = (row.name, row.settings, row.sealed, row.events, row.language)
    return (sql, (*changed, row.disabled_at, row.confirmed_at, row.id))


def confirm_sink(sink_id: str, settings: str, at: int) -> Statement:
    """It proved its mailbox, unless that has changed meanwhile."""
    sql = "UPDATE notice_sinks SET confirmed_at = ? WHERE id = ? AND settings = ?"
    return (sql, (at, sink_id, settings))


def remove_sink(sink_id: str) -> list[Statement]:
    """Delete a sink and what it was told."""
    return [
        ("DELETE FROM deliveries WHERE sink_id = ?", (sink_id,)),
        ("DELETE FROM notice_sinks WHERE id = ?", (sink_id,)),
    ]


async def due(database: Database, now_ms: int, most: int) -> list[Due]:
    """Deliveries whose time has come, the earliest first."""
    parts = (("d", DeliveryRow._fields), ("n", NoticeRow._fields), ("s", SinkRow._fields))
    names = ", ".join(f"{short}.{name}" for short, fields in parts for name in fields)
    sql = f"""SELECT {names} FROM deliveries d JOIN notices n ON n.id = d.notice_id
              JOIN notice_sinks s ON s.id = d.sink_id
              WHERE d.state = 'waiting' AND d.next_at <= ?
              ORDER BY d.next_at LIMIT ?"""  # noqa: S608 - field names
    one, two = len(DeliveryRow._fields), len(DeliveryRow._fields) + len(NoticeRow._fields)
    rows = [list(row) for row in await database.read(sql, (now_ms, most))]
    return [
        Due(DeliveryRow(*row[:one]), NoticeRow(*row[one:two]), SinkRow(*row[two:])) for row in rows
    ]


def claim(delivery: DeliveryRow, until_ms: int) -> Statement:
    """Begin a try; no row changes where another node has begun it."""
    sql = """UPDATE deliveries SET tries = tries + 1, next_at = ?
             WHERE id = ? AND state = 'waiting' AND tries = ? AND next_at = ?"""
    return (sql, (until_ms, delivery.id, delivery.tries, delivery.next_at))


def end_delivery(delivery_id: str, state: str, reason: str, now_ms: int) -> Statement:
    """It is delivered, or given up."""
    sql = "UPDATE deliveries SET state = ?, reason = ?, ended_at = ? WHERE id = ?"
    return (sql, (state, reason, now_ms, delivery_id))


def try_again(delivery_id: str, reason: str, next_at: int) -> Statement:
    """It did not work; when to try again."""
    sql = "UPDATE deliveries SET reason = ?, next_at = ? WHERE id = ? AND state = 'waiting'"
    return (sql, (reason, next_at, delivery_id))


def revive(sink_id: str, now_ms: int) -> Statement:
    """Try once more what was given up at this sink, since somebody changed it."""
    sql = """UPDATE deliveries SET state = 'waiting', tries = 0, next_at = ?, ended_at = NULL
             WHERE sink_id = ? AND state = 'dead'"""
    return (sql, (now_ms, sink_id))


async def recent_deliveries(
    database: Database, sink_ids: Sequence[str], most: int
) -> list[tuple[DeliveryRow, str]]:
    """What was told at these sinks, the latest first, each with its event."""
    if not sink_ids:
        return []
    names = ", ".join(f"d.{name}" for name in DeliveryRow._fields)
    places = ", ".join("?" * len(sink_ids))
    sql = f"""SELECT {names}, n.event FROM deliveries d JOIN notices n ON n.id = d.notice_id
              WHERE d.sink_id IN ({places})
              ORDER BY d.created_at DESC, d.id LIMIT ?"""  # noqa: S608 - field names
    rows = await database.read(sql, (*sink_ids, most))
    return [(DeliveryRow(*list(row)[:-1]), str(row[len(DeliveryRow._fields)])) for row in rows]


async def levels(database: Database, prefix: str) -> dict[str, LevelRow]:
    """What is known of all subjects whose name begins so."""
    sql = f"""SELECT {columns(LevelRow)} FROM notice_levels
              WHERE substr(subject, 1, ?) = ?"""  # noqa: S608 - field names
    rows = await database.read(sql, (len(prefix), prefix))
    return {row.subject: row for row in (LevelRow(*each) for each in rows)}


def cross(row: LevelRow, was: LevelRow | None, notice: NoticeRow | None) -> list[Statement]:
    """Note on which side a subject is now, and tell of it, both or neither.

    Where another node was quicker, `notice`'s key (which names the crossing) keeps it
    from being told twice.
    """
    sql = """INSERT INTO notice_levels (subject, level, at) VALUES (?, ?, ?)
             ON CONFLICT (subject) DO UPDATE SET level = excluded.level, at = excluded.at
             WHERE notice_levels.level = ? AND notice_levels.at = ?"""
    known = ("", 0) if was is None else (was.level, was.at)
    mark: Statement = (sql, (row.subject, row.level, row.at, *known))
    return [mark] if notice is None else [mark, add_notice(notice)]


def forget_told(before_ms: int) -> list[Statement]:
    """Delete notices of long ago with their deliveries, but for those that still wait."""
    old = """SELECT id FROM notices WHERE at < ? AND spread_at IS NOT NULL AND NOT EXISTS (
             SELECT 1 FROM deliveries w WHERE w.notice_id = notices.id AND w.state = 'waiting')"""
    return [
        (f"DELETE FROM deliveries WHERE notice_id IN ({old})", (before_ms,)),  # noqa: S608
        (
            """DELETE FROM notices WHERE at < ? AND spread_at IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM deliveries d WHERE d.notice_id = notices.id)""",
            (before_ms,),
        ),
    ]


def notice(
    notice_id: str,
    event: str,
    at: int,
    data: dict[str, object],
    *,
    account_id: str | None = None,
    user_id: str | None = None,
    key: str | None = None,
) -> NoticeRow:
    """A new notice."""
    text = json.dumps(data, ensure_ascii=False)
    return NoticeRow(notice_id, event, account_id, user_id, key, text, at, None)


TABLES: Final = (
    Table("notices", NoticeRow, "id"),
    Table("notice_sinks", SinkRow, "id", after=("accounts",)),
    Table("deliveries", DeliveryRow, "id", after=("notice_sinks", "notices")),
    Table("notice_levels", LevelRow, "subject"),
)
