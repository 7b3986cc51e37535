"""What the console shows of usage: sums by one property, and single requests in pages.

Reads one account's rows by the index on (account_id, admitted_at); a page of requests
is found by key (time and id), so page 1,000 costs what page 1 does. `by` and filters
choose among columns that are named here; values are always bound.
"""

from types import MappingProxyType
from typing import Any, Final, NamedTuple

from yiyuan.store.database import Connection, Database
from yiyuan.store.rows import AttemptRow, EntryRow, UsageRow
from yiyuan.store.statements import columns

DAY_MS = 86_400_000
_IS_ERROR = "(status IS NULL OR status >= 400 OR outcome = 'interrupted')"
_SUMS = f"""
count(*), CAST(coalesce(sum(CASE WHEN {_IS_ERROR} THEN 1 ELSE 0 END), 0) AS BIGINT),
CAST(coalesce(sum(input_tokens), 0) AS BIGINT),
CAST(coalesce(sum(cached_input_tokens), 0) AS BIGINT),
CAST(coalesce(sum(cache_write_tokens + cache_write_1h_tokens), 0) AS BIGINT),
CAST(coalesce(sum(output_tokens), 0) AS BIGINT),
CAST(coalesce(sum(reasoning_tokens), 0) AS BIGINT),
CAST(coalesce(sum(charge), 0) AS BIGINT)
"""
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
    parts = ["account_id = ?", "admitted_at >= ?", "admitted_at < ?"]
    values: list[Any] = [filters.account_id, filters.since_ms, filters.until_ms]
    for column, value in (
        ("model", filters.model),
        ("api_token_id", filters.api_token_id),
        ("outcome", filters.outcome),
        ("endpoint", filters.endpoint),
    ):
        if value is not None:
            parts.append(f"{column} = ?")
            values.append(value)
    if filters.errors_only:
        parts.append(_IS_ERROR)
    return " AND ".join(parts), values


# The SQL below is made of this module's own constants and field names alone.


async def totals(database: Database, filters: Filters) -> Sums:
    """The sums of all requests that match."""
    where, values = _where(filters)
    sql = f"SELECT {_SUMS} FROM usage WHERE {where}"  # noqa: S608
    row = await database.run_read(lambda c: c.execute(sql, values).fetchone())
    return Sums(*row)


async def sums_by(database: Database, filters: Filters, by: str) -> list[tuple[Any, Sums]]:
    """The sums by one of `GROUPS`, the dearest first."""
    where, values = _where(filters)
    sql = f"""SELECT {GROUPS[by]}, {_SUMS} FROM usage WHERE {where}
              GROUP BY 1 ORDER BY 9 DESC, 2 DESC"""  # noqa: S608
    rows = await database.run_read(lambda c: c.execute(sql, values).fetchall())
    return [(row[0], Sums(*tuple(row)[1:])) for row in rows]


async def charges_by_day(
    database: Database, filters: Filters, by: str
) -> list[tuple[int, Any, int, int]]:
    """Day (since 1970), group, charge and requests, for charts."""
    where, values = _where(filters)
    sql = f"""SELECT admitted_at / {DAY_MS}, {GROUPS[by]},
                     CAST(sum(charge) AS BIGINT), count(*)
              FROM usage WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608
    rows = await database.run_read(lambda c: c.execute(sql, values).fetchall())
    return [(row[0], row[1], row[2], row[3]) for row in rows]


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
    sql = """SELECT api_token_id, CAST(sum(charge) AS BIGINT), max(admitted_at) FROM usage
             WHERE account_id = ? AND admitted_at >= ? GROUP BY api_token_id"""
    rows = await database.run_read(lambda c: c.execute(sql, (account_id, since_ms)).fetchall())
    return {row[0]: (row[1], row[2]) for row in rows}


async def median_ms(database: Database, account_id: str, since_ms: int) -> int | None:
    """The middle of the latest thousand durations; None without any."""
    sql = """SELECT total_ms FROM usage WHERE account_id = ? AND admitted_at >= ?
             AND total_ms IS NOT NULL ORDER BY admitted_at DESC LIMIT 1000"""
    rows = await database.run_read(lambda c: c.execute(sql, (account_id, since_ms)).fetchall())
    found = sorted(row[0] for row in rows)
    return found[len(found) // 2] if found else None


async def has_request(database: Database, account_id: str) -> bool:
    """Whether the account has ever sent anything that was metered."""
    sql = "SELECT EXISTS (SELECT 1 FROM usage WHERE account_id = ?)"
    return bool((await database.read(sql, (account_id,)))[0][0])
