"""What the console shows of usage: sums by one property, and single requests in pages.

Sums count requests that have expired, too, by whole days: of a day of which only the
sums are left, a span of time has all or nothing (`since_ms` falls to its beginning).

Reads one account's rows by the index on (account_id, admitted_at); a page of requests
is found by key (time and id), so page 1,000 costs what page 1 does. `by` and filters
choose among columns that are named here; values are always bound.
"""

from operator import add
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store.database import Connection, Database
from yiyuan.store.sql import columns
from yiyuan.store.tables.ledger import AttemptRow, EntryRow, UsageRow
from yiyuan.store.tables.usage_retention import IS_ERROR

_COUNT_SUMS = """
CAST(coalesce(sum(input_tokens), 0) AS BIGINT),
CAST(coalesce(sum(cached_input_tokens), 0) AS BIGINT),
CAST(coalesce(sum(cache_write_tokens + cache_write_1h_tokens), 0) AS BIGINT),
CAST(coalesce(sum(output_tokens), 0) AS BIGINT),
CAST(coalesce(sum(reasoning_tokens), 0) AS BIGINT),
CAST(coalesce(sum(charge), 0) AS BIGINT)
"""
_SUMS = f"""
count(*), CAST(coalesce(sum(CASE WHEN {IS_ERROR} THEN 1 ELSE 0 END), 0) AS BIGINT),
{_COUNT_SUMS}"""
# The same of requests that have expired.
_DAY_SUMS = f"""
CAST(coalesce(sum(requests), 0) AS BIGINT),
CAST(coalesce(sum(CASE WHEN is_error = 1 THEN requests ELSE 0 END), 0) AS BIGINT),
{_COUNT_SUMS}"""
GROUPS: Final = MappingProxyType(
    {
        "model": "model",
        "token": "api_token_id",
        "status": "outcome",
        "endpoint": "endpoint",
        "day": f"admitted_at / {DAY_MS}",
    }
)
"""What sums can be made by, and the expression that does."""
_DAY_GROUPS: Final = MappingProxyType({**GROUPS, "day": "day"})


class Sums(NamedTuple):
    """Counts of requests and of their tokens; `charge` in micros."""

    requests: int
    errors: int
    input_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    charge: int


_NOTHING: Final = Sums(*[0] * len(Sums._fields))


class Filters(NamedTuple):
    """Which requests; None is all. Times are wall-clock ms, `until_ms` is excluded."""

    account_id: str
    since_ms: int = 0
    until_ms: int = 2**62
    model: str | None = None
    api_token_id: str | None = None
    outcome: str | None = None
    endpoint: str | None = None
    errors_only: bool = False
    made_by: str | None = None
    """Only those by tokens of this person."""


class Place(NamedTuple):
    """Where a page begins: the time and id of a request."""

    admitted_at: int
    request_id: str


class RequestView(NamedTuple):
    """All that is kept of one request."""

    usage: UsageRow
    price_document: str | None
    entries: list[EntryRow]
    attempts: list[AttemptRow]


def _where(filters: Filters) -> tuple[str, list[Any]]:
    times = ["account_id = ?", "admitted_at >= ?", "admitted_at < ?"]
    values = [filters.account_id, filters.since_ms, filters.until_ms]
    return _and_more(filters, times, values, IS_ERROR)


def _days_where(filters: Filters) -> tuple[str, list[Any]]:
    times = ["account_id = ?", "day >= ?", "day < ?"]
    until = -(-filters.until_ms // DAY_MS)
    values = [filters.account_id, filters.since_ms // DAY_MS, until]
    return _and_more(filters, times, values, "is_error = 1")


def _and_more(
    filters: Filters, parts: list[str], values: list[Any], is_error: str
) -> tuple[str, list[Any]]:
    for column, value in (
        ("model", filters.model),
        ("api_token_id", filters.api_token_id),
        ("outcome", filters.outcome),
        ("endpoint", filters.endpoint),
    ):
        if value is not None:
            parts.append(f"{column} = ?")
            values.append(value)
    if filters.made_by is not None:
        parts.append(
            "api_token_id IN (SELECT id FROM api_tokens WHERE account_id = ? AND user_id = ?)"
        )
        values += [filters.account_id, filters.made_by]
    if filters.errors_only:
        parts.append(is_error)
    return " AND ".join(parts), values


# The SQL below is made of this module's own constants and field names alone.


async def totals(database: Database, filters: Filters) -> Sums:
    """The sums of all requests that match."""
    return (await _sums(database, filters, ()))[()]


async def sums_by(database: Database, filters: Filters, by: str) -> list[tuple[Any, Sums]]:
    """The sums by one of `GROUPS`, the dearest first."""
    found = [(key[0], sums) for key, sums in (await _sums(database, filters, (by,))).items()]
    return sorted(found, key=lambda line: (-line[1].charge, -line[1].requests))


async def sums_by_day(database: Database, filters: Filters, by: str) -> list[tuple[int, Any, Sums]]:
    """Day (since 1970), group and its sums, for charts."""
    found = await _sums(database, filters, ("day", by))
    return [(key[0], key[1], sums) for key, sums in sorted(found.items())]


async def _sums(
    database: Database, filters: Filters, groups: tuple[str, ...]
) -> dict[tuple[Any, ...], Sums]:
    """The sums of requests that are there and of those that have expired, by these groups."""
    found: dict[tuple[Any, ...], Sums] = {}
    width = len(groups)
    by = f" GROUP BY {', '.join(str(n + 1) for n in range(width))}" if groups else ""

    def read(connection: Connection) -> dict[tuple[Any, ...], Sums]:
        for table, sums, names, (where, values) in (
            ("usage", _SUMS, GROUPS, _where(filters)),
            ("usage_days", _DAY_SUMS, _DAY_GROUPS, _days_where(filters)),
        ):
            selected = ", ".join([*(names[group] for group in groups), sums])
            sql = f"SELECT {selected} FROM {table} WHERE {where}{by}"  # noqa: S608
            for row in map(tuple, connection.execute(sql, values)):
                before = found.get(row[:width], _NOTHING)
                found[row[:width]] = Sums(*map(add, before, row[width:]))
        return found

    return await database.run_read(read)


async def requests_page(
    database: Database,
    filters: Filters,
    *,
    older_than: Place | None = None,
    newer_than: Place | None = None,
    limit: int,
) -> list[UsageRow]:
    """Requests, the latest first; with `newer_than` those after it, oldest first."""
    where, values = _where(filters)
    order = "DESC"
    for place, sign, direction in ((older_than, "<", "DESC"), (newer_than, ">", "ASC")):
        if place is not None:
            where += (
                f" AND (admitted_at {sign} ? OR (admitted_at = ? AND request_id {sign} ?))"
                f" AND admitted_at {sign}= ?"
            )
            values += [place.admitted_at, *place, place.admitted_at]
            order = direction
    sql = f"""SELECT {columns(UsageRow)} FROM usage WHERE {where}
              ORDER BY admitted_at {order}, request_id {order} LIMIT ?"""  # noqa: S608
    rows = await database.run_read(lambda c: c.execute(sql, [*values, limit]).fetchall())
    return [UsageRow(*row) for row in rows]


async def find_request(database: Database, account_id: str, request_id: str) -> RequestView | None:
    """One request of an account, with its price, entries and attempts."""

    def read(connection: Connection) -> RequestView | None:
        sql = f"SELECT {columns(UsageRow)} FROM usage WHERE request_id = ? AND account_id = ?"  # noqa: S608
        row = connection.execute(sql, (request_id, account_id)).fetchone()
        if row is None:
            return None
        usage = UsageRow(*row)
        price = connection.execute("SELECT document FROM prices WHERE id = ?", (usage.price_id,))
        document = price.fetchone()
        entries = connection.execute(
            f"""SELECT {columns(EntryRow)} FROM entries
                WHERE account_id = ? AND (request_id = ? OR idem_key = ?) ORDER BY seq""",  # noqa: S608
            (account_id, request_id, f"refund:{request_id}"),
        )
        found = [EntryRow(*entry) for entry in entries]
        attempts = connection.execute(
            f"SELECT {columns(AttemptRow)} FROM attempts WHERE request_id = ? ORDER BY n",  # noqa: S608
            (request_id,),
        )
        rows = [AttemptRow(*attempt) for attempt in attempts]
        return RequestView(usage, None if document is None else document[0], found, rows)

    return await database.run_read(read)


async def last_use(
    database: Database, account_id: str, since_ms: int
) -> dict[str, tuple[int, int]]:
    """By token: what it spent since then, and when it was last used."""
    queries = (
        (
            """SELECT api_token_id, CAST(sum(charge) AS BIGINT), max(admitted_at) FROM usage
               WHERE account_id = ? AND admitted_at >= ? GROUP BY api_token_id""",
            (account_id, since_ms),
        ),
        (
            """SELECT api_token_id, CAST(sum(charge) AS BIGINT), max(day) * ? FROM usage_days
               WHERE account_id = ? AND day >= ? GROUP BY api_token_id""",
            (DAY_MS, account_id, since_ms // DAY_MS),
        ),
    )
    found: dict[str, tuple[int, int]] = {}
    for sql, values in queries:
        for row in await database.read(sql, values):
            spent, used = found.get(row[0], (0, 0))
            found[row[0]] = (spent + row[1], max(used, row[2]))
    return found


async def median_ms(database: Database, account_id: str, since_ms: int) -> int | None:
    """The middle of the latest thousand durations; None without any."""
    sql = """SELECT total_ms FROM usage WHERE account_id = ? AND admitted_at >= ?
             AND total_ms IS NOT NULL ORDER BY admitted_at DESC LIMIT 1000"""
    rows = await database.run_read(lambda c: c.execute(sql, (account_id, since_ms)).fetchall())
    found = sorted(row[0] for row in rows)
    return found[len(found) // 2] if found else None


async def has_request(database: Database, account_id: str) -> bool:
    """Whether the account has ever sent anything that was metered."""
    sql = """SELECT EXISTS (SELECT 1 FROM usage WHERE account_id = ?)
                 OR EXISTS (SELECT 1 FROM usage_days WHERE account_id = ?)"""
    return bool((await database.read(sql, (account_id, account_id)))[0][0])
