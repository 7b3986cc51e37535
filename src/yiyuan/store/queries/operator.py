"""What the operator's pages show of the whole shop.

Sums over all accounts go account by account along the index on (account_id,
admitted_at), so they read the asked span and not the whole history.
"""

from typing import Any, NamedTuple

from yiyuan.store.database import Connection, Database
from yiyuan.store.tables.ledger import EntryRow

_LATENCIES_MAX = 5_000
_HOUR_MS = 3_600_000
_IS_ERROR = "(u.status IS NULL OR u.status >= 500)"
# The statuses are those by which an upstream judges the request and not itself, as in
# `gateway/upstream/attempt_error.py`.
_HAS_FAILED = """
    (t.outcome NOT IN ('ok', 'cancelled') AND coalesce(t.status, 0) NOT IN (400, 413, 422)
     OR t.outcome = 'ok' AND u.outcome = 'interrupted' AND t.channel_id = u.channel_id)
"""


class ChannelHour(NamedTuple):
    """What a channel did since a time: the tries at it, and those that failed."""

    channel_id: str
    requests: int
    errors: int


class ChannelTries(NamedTuple):
    """The tries at a channel that began in one hour (counted since 1970).

    `p95_ms` is what 95 of 100 answered ones did not exceed, if any was answered.
    """

    channel_id: str
    hour: int
    requests: int
    errors: int
    p95_ms: int | None


class FailedTry(NamedTuple):
    """The last try of a channel that failed; `at` in ms."""

    channel_id: str
    at: int
    request_id: str
    model: str
    key_id: str | None
    outcome: str
    status: int | None


class FirstSteps(NamedTuple):
    """Whether there is a channel, a model, an account, a token, a request."""

    has_channel: bool
    has_model: bool
    has_account: bool
    has_token: bool
    has_request: bool


class AccountEntry(NamedTuple):
    """An entry with the name of its account."""

    entry: EntryRow
    account_name: str


async def liability(database: Database) -> tuple[int, int]:
    """What customers' balances come to, and how much of it is held."""
    sql = """SELECT CAST(coalesce(sum(posted), 0) AS BIGINT),
                    CAST(coalesce(sum(held), 0) AS BIGINT) FROM accounts"""
    row = (await database.read(sql))[0]
    return row[0], row[1]


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


async def channel_hours(database: Database, since_ms: int) -> list[ChannelTries]:
    """Tries by channel and hour since a time, in order."""
    sql = f"""WITH tries AS (
                SELECT t.channel_id, u.admitted_at / {_HOUR_MS} AS hour,
                       CASE WHEN {_HAS_FAILED} THEN 1 ELSE 0 END AS failed,
                       CASE WHEN t.outcome = 'ok' THEN t.ms END AS ms
                FROM accounts JOIN usage AS u
                  ON u.account_id = accounts.id AND u.admitted_at >= ?
                JOIN attempts AS t ON t.request_id = u.request_id
              ), ranked AS (
                SELECT tries.*, count(ms) OVER (PARTITION BY channel_id, hour) AS answered,
                       row_number() OVER (PARTITION BY channel_id, hour, ms IS NULL ORDER BY ms)
                       AS place
                FROM tries
              )
              SELECT channel_id, hour, count(*), CAST(sum(failed) AS BIGINT),
                     min(CASE WHEN place * 100 >= answered * 95 THEN ms END)
              FROM ranked GROUP BY channel_id, hour ORDER BY channel_id, hour
           """  # noqa: S608 - constants
    rows = await database.run_read(lambda c: c.execute(sql, (since_ms,)).fetchall())
    return [ChannelTries(*row) for row in rows]


async def last_failures(database: Database, since_ms: int) -> list[FailedTry]:
    """The latest failed try of each channel since a time."""
    sql = f"""SELECT channel_id, admitted_at, request_id, model, key_id, outcome, status FROM (
                SELECT t.channel_id, u.admitted_at, u.request_id, u.model, t.key_id, t.outcome,
                       t.status, row_number() OVER (
                         PARTITION BY t.channel_id ORDER BY u.admitted_at DESC, t.n DESC) AS place
                FROM accounts JOIN usage AS u
                  ON u.account_id = accounts.id AND u.admitted_at >= ?
                JOIN attempts AS t ON t.request_id = u.request_id
                WHERE {_HAS_FAILED}) AS failed
              WHERE place = 1 ORDER BY channel_id"""  # noqa: S608 - constants
    rows = await database.run_read(lambda c: c.execute(sql, (since_ms,)).fetchall())
    return [FailedTry(*row) for row in rows]


async def latencies(database: Database, since_ms: int) -> list[int]:
    """Durations in ms since a time, in order; at most some thousand of them."""
    sql = """SELECT u.total_ms FROM accounts JOIN usage AS u
               ON u.account_id = accounts.id AND u.admitted_at >= ?
             WHERE u.total_ms IS NOT NULL LIMIT ?"""
    rows = await database.run_read(lambda c: c.execute(sql, (since_ms, _LATENCIES_MAX)).fetchall())
    return sorted(row[0] for row in rows)


async def entries_page(
    database: Database,
    *,
    account_id: str | None,
    kind: str | None,
    request_id: str | None,
    key: str | None,
    limit: int,
) -> list[AccountEntry]:
    """Entries of a request or a key, which their indexes find."""
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
    names = ", ".join(f"e.{name}" for name in EntryRow._fields)
    sql = f"""SELECT {names}, accounts.name FROM entries AS e
              JOIN accounts ON accounts.id = e.account_id
              WHERE {" AND ".join(parts)}
              ORDER BY e.account_id DESC, e.seq DESC LIMIT ?"""  # noqa: S608 - constants
    rows = await database.run_read(lambda c: c.execute(sql, [*values, limit]).fetchall())
    return [AccountEntry(EntryRow(*tuple(row)[:-1]), row[-1]) for row in rows]


async def read_note(database: Database, name: str) -> str | None:
    """A note of the shop's own in `meta`."""
    rows = await database.read("SELECT value FROM meta WHERE key = ?", (name,))
    return str(rows[0][0]) if rows else None


def put_note(name: str, value: str) -> tuple[str, tuple[str, str]]:
    """Keep a note in `meta`."""
    sql = """INSERT INTO meta (key, value) VALUES (?, ?)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value"""
    return (sql, (name, value))


async def first_steps(database: Database) -> FirstSteps:
    """What an installation has of what it needs."""
    queries = {
        "has_channel": "SELECT 1 FROM channels WHERE enabled = 1 AND provider <> 'demo'",
        "has_model": "SELECT 1 FROM models WHERE enabled = 1",
        "has_account": "SELECT 1 FROM accounts",
        "has_token": "SELECT 1 FROM api_tokens WHERE is_internal = 0",
        "has_request": "SELECT 1 FROM usage UNION ALL SELECT 1 FROM usage_days",
    }

    def read(connection: Connection) -> FirstSteps:
        return FirstSteps(
            **{
                name: bool(connection.execute(f"SELECT EXISTS ({query})").fetchone()[0])
                for name, query in queries.items()
            }
        )

    return await database.run_read(read)
