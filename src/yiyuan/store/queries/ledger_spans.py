"""Spans of time of the whole ledger: sums by account and kind, and the entries themselves.

Entries that are no charges have an index by time; a span of all of them is read from the
table, which PostgreSQL narrows by an index of ranges.
"""

from typing import Any, Final, NamedTuple

from yiyuan.store.database import Connection
from yiyuan.store.tables.ledger import EntryRow


class KindSum(NamedTuple):
    """What an account's entries of one kind come to in a span; `amount` is signed."""

    account_id: str
    kind: str
    amount: int
    entries: int


class AccountEnds(NamedTuple):
    """An account's balance before the first and after the last entry of a span."""

    account_id: str
    name: str
    opening: int
    closing: int


class ModelSum(NamedTuple):
    """Charges of one model in a span, refunds apart; amounts are positive micros."""

    model: str | None
    """None where the request's details have expired."""
    requests: int
    input_tokens: int
    output_tokens: int
    charged: int
    refunded: int


class NamedEntry(NamedTuple):
    """An entry with the name of its account."""

    entry: EntryRow
    account_name: str


class SpanPlace(NamedTuple):
    """Where a page begins: behind this entry, in the order of time."""

    at: int
    account_id: str
    seq: int


class SpanFilters(NamedTuple):
    """Which entries; None is all. `kinds` empty is every kind."""

    since_ms: int
    until_ms: int
    account_id: str | None = None
    kinds: tuple[str, ...] = ()
    without_charges: bool = False


_ENDS: Final = """
SELECT a.id, a.name,
       coalesce((SELECT e.balance_after FROM entries AS e
                 WHERE e.account_id = a.id AND e.seq = coalesce(
                     (SELECT min(f.seq) - 1 FROM entries AS f
                      WHERE f.account_id = a.id AND f.at >= ? AND f.at < ?),
                     (SELECT max(f.seq) FROM entries AS f
                      WHERE f.account_id = a.id AND f.at < ?))), 0),
       coalesce((SELECT e.balance_after FROM entries AS e
                 WHERE e.account_id = a.id AND e.seq =
                     (SELECT max(f.seq) FROM entries AS f
                      WHERE f.account_id = a.id AND f.at < ?)), 0)
FROM accounts AS a WHERE ? IN ('', a.id) ORDER BY a.name
"""
_KINDS: Final = """
SELECT account_id, kind, CAST(sum(amount) AS BIGINT), count(*) FROM entries
WHERE at >= ? AND at < ? AND ? IN ('', account_id)
GROUP BY account_id, kind ORDER BY account_id, kind
"""

_MODELS: Final = """
SELECT u.model, CAST(sum(CASE WHEN e.kind = 'refund' THEN 0 ELSE 1 END) AS BIGINT),
       CAST(sum(CASE WHEN e.kind = 'refund' THEN 0 ELSE coalesce(u.input_tokens, 0) END) AS BIGINT),
       CAST(sum(CASE WHEN e.kind = 'refund' THEN 0 ELSE coalesce(u.output_tokens, 0) END)
            AS BIGINT),
       CAST(-sum(CASE WHEN e.kind = 'refund' THEN 0 ELSE e.amount END) AS BIGINT) AS charged,
       CAST(sum(CASE WHEN e.kind = 'refund' THEN e.amount ELSE 0 END) AS BIGINT)
FROM entries AS e LEFT JOIN usage AS u
  ON u.request_id = coalesce(e.request_id, substr(e.idem_key, 8))
WHERE e.account_id = ? AND e.at >= ? AND e.at < ? AND e.kind IN ('charge', 'recovered', 'refund')
GROUP BY u.model ORDER BY charged DESC, u.model
"""


def ends_of(
    connection: Connection, since_ms: int, until_ms: int, account_id: str = ""
) -> list[AccountEnds]:
    """Every account, or this one, with its balances at both ends of the span, by name."""
    values = (since_ms, until_ms, since_ms, until_ms, account_id)
    return [AccountEnds(*row) for row in connection.execute(_ENDS, values)]


def sums_by_kind(
    connection: Connection, since_ms: int, until_ms: int, account_id: str = ""
) -> list[KindSum]:
    """What the entries of the span come to, of all accounts or of this one."""
    values = (since_ms, until_ms, account_id)
    return [KindSum(*row) for row in connection.execute(_KINDS, values)]


def sums_by_model(
    connection: Connection, account_id: str, since_ms: int, until_ms: int
) -> list[ModelSum]:
    """What an account's charges and refunds of the span are of, the dearest first."""
    values = (account_id, since_ms, until_ms)
    return [ModelSum(*row) for row in connection.execute(_MODELS, values)]


def page(
    connection: Connection, filters: SpanFilters, before: SpanPlace | None, limit: int
) -> list[NamedEntry]:
    """Entries of the span, the latest first."""
    parts, values = _where(filters)
    if before is not None:
        parts.append(
            "(e.at < ? OR (e.at = ? AND (e.account_id < ? OR (e.account_id = ? AND e.seq < ?))))"
        )
        values += [before.at, before.at, before.account_id, before.account_id, before.seq]
    sql = f"""{_select(parts)} ORDER BY e.at DESC, e.account_id DESC, e.seq DESC LIMIT ?"""
    return [_named(row) for row in connection.execute(sql, [*values, limit])]


def _select(parts: list[str]) -> str:
    names = ", ".join(f"e.{name}" for name in EntryRow._fields)
    return f"""SELECT {names}, accounts.name FROM entries AS e
               JOIN accounts ON accounts.id = e.account_id WHERE {" AND ".join(parts)}"""  # noqa: S608


def _where(filters: SpanFilters) -> tuple[list[str], list[Any]]:
    parts, values = ["e.at >= ?", "e.at < ?"], list[Any]([filters.since_ms, filters.until_ms])
    if filters.account_id is not None:
        parts.append("e.account_id = ?")
        values.append(filters.account_id)
    if filters.without_charges:
        parts.append("e.kind <> 'charge'")
    if filters.kinds:
        parts.append(f"e.kind IN ({', '.join('?' * len(filters.kinds))})")
        values += filters.kinds
    return parts, values


def _named(row: Any) -> NamedEntry:
    values = tuple(row)
    return NamedEntry(EntryRow(*values[:-1]), values[-1])
