"""Single requests of the whole shop, refused ones too, the latest first.

Requests with a hold are rows of `usage`, found account by account along the index on
(account_id, admitted_at) in windows that grow into the past until a page is full. What was
refused before is in `refusals`, which is bounded. Values are always bound.
"""

from typing import Any, Final, NamedTuple

from yiyuan.kernel.calendar import HOUR_MS
from yiyuan.store.database import Connection, Database

_WINDOWS_MS: Final = tuple(hours * HOUR_MS for hours in (1, 6, 24, 168, 720))
_MANY: Final = 100
"""So many accounts or tokens can a filter name; more would be no filter."""


class RequestFilters(NamedTuple):
    """Which requests; None is all. Times are wall-clock ms, `until_ms` is excluded."""

    since_ms: int = 0
    until_ms: int = 2**62
    account_ids: tuple[str, ...] | None = None
    api_token_ids: tuple[str, ...] | None = None
    model: str | None = None
    channel_id: str | None = None
    status: int | None = None
    status_class: int | None = None
    """4 for 400 to 499, 5 for 500 to 599."""
    code: str | None = None
    errors_only: bool = False


class RequestPlace(NamedTuple):
    """Where a page begins: behind a request of this time and id."""

    at: int
    request_id: str


class ShopRequest(NamedTuple):
    """One request as a list shows it; counts and charge are 0 where nothing was held."""

    request_id: str
    at: int
    account_id: str | None
    account: str | None
    api_token_id: str | None
    api_token: str | None
    model: str
    endpoint: str
    status: int | None
    outcome: str
    code: str | None
    channel_id: str | None
    streamed: int
    input_tokens: int
    output_tokens: int
    charge: int
    first_byte_ms: int | None
    total_ms: int | None


_USAGE: Final = """
SELECT u.request_id, u.admitted_at, u.account_id, a.name, u.api_token_id, t.name, u.model,
       u.endpoint, u.status, u.outcome, r.code, u.channel_id, u.streamed, u.input_tokens,
       u.output_tokens, u.charge, u.first_byte_ms, u.total_ms
FROM {source} LEFT JOIN refusals AS r ON r.request_id = u.request_id
LEFT JOIN api_tokens AS t ON t.id = u.api_token_id
WHERE {where} ORDER BY u.admitted_at DESC, u.request_id DESC LIMIT ?
"""
_SPAN: Final = """
accounts AS a JOIN usage AS u
  ON u.account_id = a.id AND u.admitted_at >= ? AND u.admitted_at < ?
"""
_ONE: Final = "usage AS u JOIN accounts AS a ON a.id = u.account_id"
_REFUSALS: Final = """
SELECT r.request_id, r.at, r.account_id, a.name, r.api_token_id, t.name, r.model, r.endpoint,
       r.status, CASE WHEN r.status < 500 THEN 'refused' ELSE 'failed' END, r.code,
       NULL, 0, 0, 0, 0, NULL, r.total_ms
FROM refusals AS r LEFT JOIN accounts AS a ON a.id = r.account_id
LEFT JOIN api_tokens AS t ON t.id = r.api_token_id
WHERE {where}
  AND NOT EXISTS (SELECT 1 FROM usage AS u WHERE u.request_id = r.request_id)
ORDER BY r.at DESC, r.request_id DESC LIMIT ?
"""

Parts = tuple[list[str], list[Any]]


async def requests_page(
    database: Database, filters: RequestFilters, *, older_than: RequestPlace | None, limit: int
) -> list[ShopRequest]:
    """Requests, the latest first; `older_than` goes on behind the last of a page."""
    if () in (filters.account_ids, filters.api_token_ids):
        return []

    def read(connection: Connection) -> list[ShopRequest]:
        found = _refused(connection, filters, older_than, limit)
        found += _metered(connection, filters, older_than, limit)
        return sorted(found, key=lambda one: (one.at, one.request_id), reverse=True)[:limit]

    return await database.run_read(read)


async def find_request(database: Database, request_id: str) -> ShopRequest | None:
    """One request by its id."""
    queries = (
        _USAGE.format(source=_ONE, where="u.request_id = ?"),
        _REFUSALS.format(where="r.request_id = ?"),
    )

    def read(connection: Connection) -> ShopRequest | None:
        for sql in queries:
            row = connection.execute(sql, (request_id, 1)).fetchone()
            if row is not None:
                return ShopRequest(*row)
        return None

    return await database.run_read(read)


def _metered(
    connection: Connection, filters: RequestFilters, place: RequestPlace | None, limit: int
) -> list[ShopRequest]:
    parts, values = _conditions(filters, "u")
    if filters.errors_only:
        parts.append("(u.status IS NULL OR u.status >= 400 OR u.outcome = 'interrupted')")
    if filters.channel_id is not None:
        parts.append("""EXISTS (SELECT 1 FROM attempts AS t
                        WHERE t.request_id = u.request_id AND t.channel_id = ?)""")
        values.append(filters.channel_id)
    until = filters.until_ms
    if place is not None:
        parts.append("(u.admitted_at < ? OR u.request_id < ?)")
        values += [place.at, place.request_id]
        until = min(until, place.at + 1)
    sql = _USAGE.format(source=_SPAN, where=" AND ".join(parts))
    found: list[ShopRequest] = []
    for since, end in _windows(connection, filters.since_ms, until):
        asked = [since, end, *values, limit - len(found)]
        found += [ShopRequest(*row) for row in connection.execute(sql, asked)]
        if len(found) >= limit:
            break
    return found


def _windows(connection: Connection, since: int, until: int) -> list[tuple[int, int]]:
    """Spans from the latest request into the past, each longer than the one before."""
    sql = """SELECT max(latest) FROM (SELECT (SELECT max(u.admitted_at) FROM usage AS u
             WHERE u.account_id = a.id) AS latest FROM accounts AS a) AS each_account"""
    latest = connection.execute(sql).fetchone()[0]
    end = min(until, (latest or 0) + 1)
    begins = [max(since, end - width) for width in _WINDOWS_MS] + [since]
    found = []
    for begin in begins:
        if begin < end:
            found.append((begin, end))
            end = begin
    return found


def _refused(
    connection: Connection, filters: RequestFilters, place: RequestPlace | None, limit: int
) -> list[ShopRequest]:
    if filters.channel_id is not None:
        return []
    parts, values = _conditions(filters, "r")
    parts += ["r.at >= ?", "r.at < ?"]
    values += [filters.since_ms, filters.until_ms]
    if place is not None:
        parts.append("(r.at < ? OR (r.at = ? AND r.request_id < ?))")
        values += [place.at, *place]
    sql = _REFUSALS.format(where=" AND ".join(parts))
    return [ShopRequest(*row) for row in connection.execute(sql, [*values, limit])]


def _conditions(filters: RequestFilters, table: str) -> Parts:
    """What both tables have: `u` is usage, `r` refusals."""
    parts, values = ["1 = 1"], list[Any]()
    for column, value in (
        (f"{table}.model", filters.model),
        (f"{table}.status", filters.status),
        ("r.code", filters.code),
    ):
        if value is not None:
            parts.append(f"{column} = ?")
            values.append(value)
    if filters.status_class is not None:
        parts.append(f"{table}.status >= ? AND {table}.status < ?")
        values += [filters.status_class * 100, filters.status_class * 100 + 100]
    for column, many in (
        (f"{table}.account_id", filters.account_ids),
        (f"{table}.api_token_id", filters.api_token_ids),
    ):
        if many is not None:
            parts.append(f"{column} IN ({', '.join('?' * len(many[:_MANY]))})")
            values += many[:_MANY]
    return parts, values
