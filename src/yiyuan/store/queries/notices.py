"""What has crossed a threshold, or arrived, since it was last looked at.

Only accounts that want to be told are looked at, so the cost grows with them and not
with the requests.
"""

from typing import NamedTuple

from yiyuan.store.database import Database

_WATCHED = """(SELECT account_id FROM notice_sinks
               WHERE account_id IS NOT NULL AND disabled_at IS NULL
               AND confirmed_at IS NOT NULL)"""


class WatchedAccount(NamedTuple):
    """An account that wants to be told; micros."""

    id: str
    name: str
    balance: int
    seq: int
    own_threshold: int | None
    last_topup: int | None


class WatchedBudget(NamedTuple):
    """A budget that is nearly used up."""

    id: str
    account_id: str
    owner_id: str
    """The token's, or the member's."""
    owner_name: str
    period: str
    model: str | None
    limit: int
    spent: int
    counted_since: int


class Arrival(NamedTuple):
    """Money that came in."""

    id: str
    account_id: str
    seq: int
    kind: str
    amount: int
    balance_after: int
    at: int


class Shortfall(NamedTuple):
    """Requests that cost more than their holds."""

    model: str
    requests: int
    shortfall: int


class Unmetered(NamedTuple):
    """Answers that told no usage, of all that a channel gave."""

    channel: str
    counted: int
    answers: int


async def watched_accounts(database: Database) -> list[WatchedAccount]:
    """Every account with a place to notify."""
    sql = f"""SELECT a.id, a.name, a.posted, a.seq, p.low_balance,
              (SELECT e.amount FROM entries e WHERE e.account_id = a.id
               AND e.kind IN ('topup', 'redeem') ORDER BY e.seq DESC LIMIT 1)
              FROM accounts a LEFT JOIN account_profiles p ON p.account_id = a.id
              WHERE a.id IN {_WATCHED}"""  # noqa: S608 - a constant
    return [WatchedAccount(*row) for row in await database.read(sql)]


async def low_budgets(database: Database, percent: int) -> list[WatchedBudget]:
    """Budgets of these accounts' tokens of which so many percent are spent."""
    sql = f"""SELECT b.id, t.account_id, t.id, t.name, b.period, b.model, b.limit_micros, b.spent,
              b.counted_since FROM budgets b JOIN api_tokens t ON t.id = b.api_token_id
              WHERE t.account_id IN {_WATCHED} AND t.revoked_at IS NULL AND t.is_internal = 0
              AND b.limit_micros > 0 AND b.spent >= b.limit_micros / 100 * ?"""  # noqa: S608
    return [WatchedBudget(*row) for row in await database.read(sql, (percent,))]


async def low_member_budgets(database: Database, percent: int) -> list[WatchedBudget]:
    """Budgets of these accounts' members of which so many percent are spent."""
    sql = f"""SELECT b.id, m.account_id, m.user_id, u.email, b.period, b.model, b.limit_micros,
              b.spent, b.counted_since FROM members m JOIN users u ON u.id = m.user_id
              JOIN budgets b ON b.api_token_id = 'member:' || m.account_id || ':' || m.user_id
              WHERE m.account_id IN {_WATCHED}
              AND b.limit_micros > 0 AND b.spent >= b.limit_micros / 100 * ?"""  # noqa: S608
    return [WatchedBudget(*row) for row in await database.read(sql, (percent,))]


async def arrivals(database: Database, account_id: str, after_seq: int) -> list[Arrival]:
    """Top-ups and codes of an account behind an entry."""
    sql = """SELECT id, account_id, seq, kind, amount, balance_after, at FROM entries
             WHERE account_id = ? AND seq > ? AND kind IN ('topup', 'redeem')
             ORDER BY seq LIMIT 100"""
    return [Arrival(*row) for row in await database.read(sql, (account_id, after_seq))]


async def shortfalls(database: Database, since_ms: int, until_ms: int) -> list[Shortfall]:
    """By model, of requests that ended in this time."""
    sql = """SELECT model, count(*), sum(shortfall) FROM usage
             WHERE shortfall > 0 AND ended_at >= ? AND ended_at < ? GROUP BY model"""
    rows = await database.read(sql, (since_ms, until_ms))
    return [Shortfall(str(row[0]), int(row[1]), int(row[2])) for row in rows]


async def unmetered(database: Database, since_ms: int, until_ms: int) -> list[Unmetered]:
    """By channel, of answers that came whole in this time."""
    sql = """SELECT c.name, sum(CASE WHEN u.source = 'counted' THEN 1 ELSE 0 END), count(*)
             FROM usage u JOIN channels c ON c.id = u.channel_id
             WHERE u.outcome = 'completed' AND u.ended_at >= ? AND u.ended_at < ? GROUP BY c.name"""
    rows = await database.read(sql, (since_ms, until_ms))
    return [Unmetered(str(row[0]), int(row[1]), int(row[2])) for row in rows]


async def refused_keys(database: Database, since_ms: int, until_ms: int) -> list[tuple[str, int]]:
    """By channel: calls that its key was refused for in this time, arrears and bans included."""
    sql = """SELECT c.name, count(*) FROM usage u JOIN attempts t ON t.request_id = u.request_id
             JOIN channels c ON c.id = t.channel_id
             WHERE (t.status IN (401, 402, 403) OR t.outcome = 'account')
             AND u.ended_at >= ? AND u.ended_at < ? GROUP BY c.name"""
    rows = await database.read(sql, (since_ms, until_ms))
    return [(str(row[0]), int(row[1])) for row in rows]
