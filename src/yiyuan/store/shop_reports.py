"""What the operator's pages show of the whole shop.

Sums over all accounts go account by account along the index on (account_id,
admitted_at), so they read the asked span and not the whole history.
"""

from typing import Any, NamedTuple

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.store.database import Connection, Database
from yiyuan.store.rows import EntryRow

_LATENCIES_MAX = 5_000
_IS_ERROR = "(u.status IS NULL OR u.status >= 500)"
# The statuses are those by which an upstream judges the request and not itself, as in
# `gateway/attempt_failure.py`.
_HAS_FAILED = """
    (t.outcome NOT IN ('ok', 'cancelled') AND coalesce(t.status, 0) NOT IN (400, 413, 422)
     OR t.outcome = 'ok' AND u.outcome = 'interrupted' AND t.channel_id = u.channel_id)
"""


class Revenue(NamedTuple):
    """One UTC day of the shop; `cost` is what upstreams took, as far as it is known."""

    day: int
    charge: int
    cost: int | None
    requests: int


class ChannelHour(NamedTuple):
    """What a channel did since a time: the tries at it, and those that failed."""

    channel_id: str
    requests: int
    errors: int


class AccountLine(NamedTuple):
    """An account in the operator's list; amounts in micros, times in ms."""

    id: str
    name: str
    posted: int
    held: int
    suspended_at: int | None
    created_at: int
    spend_month: int
    last_used: int | None
    api_tokens: int


class ShopEntry(NamedTuple):
    """An entry with the name of its account."""

    entry: EntryRow
    account_name: str


class ModelMargin(NamedTuple):
    """What a model brought in and cost since a time; `cost` None when none is known."""

    model: str
    charge: int
    cost: int | None


async def liability(database: Database) -> tuple[int, int]:
    """What customers' balances come to, and how much of it is held."""
    sql = """SELECT CAST(coalesce(sum(posted), 0) AS BIGINT),
                    CAST(coalesce(sum(held), 0) AS BIGINT) FROM accounts"""
    row = (await database.read(sql))[0]
    return row[0], row[1]


async def revenue_by_day(database: Database, since_ms: int) -> list[Revenue]:
    """Charges and costs by day."""
    found = await _charges(database, since_ms, (f"u.admitted_at / {DAY_MS}", "u.day"))
    return [Revenue(*line) for line in found]


async def margins(database: Database, since_ms: int) -> list[ModelMargin]:
    """Charges and costs by model."""
    found = await _charges(database, since_ms, ("u.model", "u.model"))
    return [ModelMargin(*line[:3]) for line in found]


async def _charges(
    database: Database, since_ms: int, groups: tuple[str, str]
) -> list[tuple[Any, int, int | None, int]]:
    """Group, charge, cost and requests of all accounts, those that have expired included."""
    sums = "CAST(sum(u.charge) AS BIGINT), CAST(sum(u.upstream_cost) AS BIGINT)"
    queries = (
        (
            f"""SELECT {groups[0]}, {sums}, count(*) FROM accounts JOIN usage AS u
                ON u.account_id = accounts.id AND u.admitted_at >= ? GROUP BY 1""",  # noqa: S608
            since_ms,
        ),
        (
            f"""SELECT {groups[1]}, {sums}, CAST(sum(u.requests) AS BIGINT) FROM accounts
                JOIN usage_days AS u ON u.account_id = accounts.id AND u.day >= ?
                GROUP BY 1""",  # noqa: S608
            since_ms // DAY_MS,
        ),
    )

    def read(connection: Connection) -> list[tuple[Any, int, int | None, int]]:
        found: dict[Any, tuple[int, int | None, int]] = {}
        for sql, since in queries:
            for group, charge, cost, requests in map(tuple, connection.execute(sql, (since,))):
                before = found.get(group, (0, None, 0))
                known = [each for each in (before[1], cost) if each is not None]
                total = sum(known) if known else None
                found[group] = (before[0] + charge, total, before[2] + requests)
        return [(group, *found[group]) for group in sorted(found)]

    return await database.run_read(read)


async def requests_since(database: Database, since_ms: int) -> tuple[int, int]:
    """Requests of all accounts since a time, and how many of them failed."""
    sql = f"""SELECT count(*), CAST(coalesce(sum(CASE WHEN {_IS_ERROR} THEN 1 ELSE 0 END), 0)
                                    AS BIGINT)
              FROM accounts JOIN usage AS u
                ON u.account_id = accounts.id AND u.admitted_at >= ?"""  # noqa: S608 - a constant
    requests, errors = await database.run_read(lambda c: c.execute(sql, (since_ms,)).fetchone())
    return requests, errors


async def channels_since(database: Database, since_ms: int) -> list[ChannelHour]:
    """Tries at each channel and its failures, streams that broke off included.

    A client that left, and a request that the upstream found wrong, are no failures.
    """
    sql = f"""SELECT t.channel_id, count(*),
                     CAST(sum(CASE WHEN {_HAS_FAILED} THEN 1 ELSE 0 END) AS BIGINT)
              FROM accounts JOIN usage AS u
                ON u.account_id = accounts.id AND u.admitted_at >= ?
              JOIN attempts AS t ON t.request_id = u.request_id
              GROUP BY 1 ORDER BY 1"""  # noqa: S608 - a constant
    rows = await database.run_read(lambda c: c.execute(sql, (since_ms,)).fetchall())
    return [ChannelHour(*row) for row in rows]


async def latencies(database: Database, since_ms: int) -> list[int]:
    """Durations in ms since a time, in order; at most some thousand of them."""
    sql = """SELECT u.total_ms FROM accounts JOIN usage AS u
               ON u.account_id = accounts.id AND u.admitted_at >= ?
             WHERE u.total_ms IS NOT NULL LIMIT ?"""
    rows = await database.run_read(lambda c: c.execute(sql, (since_ms, _LATENCIES_MAX)).fetchall())
    return sorted(row[0] for row in rows)


async def accounts_page(
    database: Database, *, search: str, after: str, since_ms: int, limit: int
) -> list[AccountLine]:
    """Accounts by name, those that begin with `search`; `since_ms` begins the month."""
    sql = """SELECT a.id, a.name, a.posted, a.held, a.suspended_at, a.created_at,
                    CAST(coalesce((SELECT sum(charge) FROM usage
                     WHERE account_id = a.id AND admitted_at >= ?), 0)
                     + coalesce((SELECT sum(charge) FROM usage_days
                     WHERE account_id = a.id AND day >= ?), 0) AS BIGINT),
                    coalesce((SELECT max(admitted_at) FROM usage WHERE account_id = a.id),
                     (SELECT max(day) * CAST(? AS BIGINT) FROM usage_days
                      WHERE account_id = a.id)),
                    (SELECT count(*) FROM api_tokens WHERE account_id = a.id
                     AND revoked_at IS NULL AND is_internal = 0)
             FROM accounts AS a
             WHERE a.name > ? AND (? = '' OR substr(a.name, 1, ?) = ? OR a.id = ?)
             ORDER BY a.name LIMIT ?"""
    since_day = since_ms // DAY_MS
    values = (since_ms, since_day, DAY_MS, after, search, len(search), search, search, limit)
    rows = await database.run_read(lambda c: c.execute(sql, values).fetchall())
    return [AccountLine(*row) for row in rows]


async def entries_page(
    database: Database,
    *,
    account_id: str | None,
    kind: str | None,
    request_id: str | None,
    key: str | None,
    before: tuple[str, int] | None,
    limit: int,
) -> list[ShopEntry]:
    """Entries of one account (the latest first) or of all, by account and number.

    By request or key they are found by their indexes; `before` is the account and number
    that the last page ended with.
    """
    parts, values = ["1 = 1"], list[Any]()
    for column, value in (
        ("e.account_id", account_id),
        ("e.kind", kind),
        ("e.request_id", request_id),
        ("e.idem_key", key),
    ):
        if value is not None:
            parts.append(f"{column} = ?")
            values.append(value)
    if before is not None:
        parts.append("(e.account_id < ? OR (e.account_id = ? AND e.seq < ?))")
        values += [before[0], *before]
    names = ", ".join(f"e.{name}" for name in EntryRow._fields)
    sql = f"""SELECT {names}, accounts.name FROM entries AS e
              JOIN accounts ON accounts.id = e.account_id
              WHERE {" AND ".join(parts)}
              ORDER BY e.account_id DESC, e.seq DESC LIMIT ?"""  # noqa: S608 - constants
    rows = await database.run_read(lambda c: c.execute(sql, [*values, limit]).fetchall())
    return [ShopEntry(EntryRow(*tuple(row)[:-1]), row[-1]) for row in rows]


async def read_note(database: Database, name: str) -> str | None:
    """A note of the shop's own in `meta`."""
    rows = await database.read("SELECT value FROM meta WHERE key = ?", (name,))
    return str(rows[0][0]) if rows else None


def put_note(name: str, value: str) -> tuple[str, tuple[str, str]]:
    """Keep a note in `meta`."""
    sql = """INSERT INTO meta (key, value) VALUES (?, ?)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value"""
    return (sql, (name, value))


async def first_steps(database: Database) -> tuple[bool, ...]:
    """Whether there is a channel, a model, an account, a token, a request."""
    queries = (
        "SELECT 1 FROM channels WHERE enabled = 1 AND provider <> 'demo'",
        "SELECT 1 FROM models WHERE enabled = 1",
        "SELECT 1 FROM accounts",
        "SELECT 1 FROM api_tokens WHERE is_internal = 0",
        "SELECT 1 FROM usage UNION ALL SELECT 1 FROM usage_days",
    )

    def read(connection: Connection) -> tuple[bool, ...]:
        return tuple(
            bool(connection.execute(f"SELECT EXISTS ({query})").fetchone()[0]) for query in queries
        )

    return await database.run_read(read)
