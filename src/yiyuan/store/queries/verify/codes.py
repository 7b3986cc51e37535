"""What an audit reads of redemption codes and their entries, in order and in pages."""

from typing import NamedTuple

from yiyuan.store.database import Connection


class ClaimedCode(NamedTuple):
    """A code that somebody claimed, and its entry if there is one; amounts in micros."""

    hash: str
    batch_id: str
    account_id: str
    claimed_at: int
    """Wall-clock ms."""
    value: int
    entry_account_id: str | None
    entry_amount: int | None


class Redeemed(NamedTuple):
    """An entry that redeems a code; `is_claimed` says whether its account claimed one."""

    key: str
    entry_id: str
    account_id: str
    is_claimed: int


def claimed_codes(connection: Connection, after: str, most: int) -> list[ClaimedCode]:
    """Claimed codes by their hash."""
    sql = """SELECT c.hash, c.batch_id, c.claimed_by, c.claimed_at, b.value,
                    e.account_id, e.amount
             FROM redeem_codes AS c JOIN code_batches AS b ON b.id = c.batch_id
             LEFT JOIN entries AS e ON e.idem_key = 'redeem:' || c.hash
             WHERE c.hash > ? AND c.claimed_by IS NOT NULL ORDER BY c.hash LIMIT ?"""
    return [ClaimedCode(*row) for row in connection.execute(sql, (after, most)).fetchall()]


def redemptions(connection: Connection, after: str, most: int) -> list[Redeemed]:
    """Entries that redeem codes, by key."""
    sql = """SELECT e.idem_key, e.id, e.account_id,
                    CASE WHEN EXISTS (SELECT 1 FROM redeem_codes AS c
                                      WHERE c.hash = substr(e.idem_key, 8)
                                        AND c.claimed_by = e.account_id) THEN 1 ELSE 0 END
             FROM entries AS e
             WHERE e.idem_key > ? AND e.idem_key >= 'redeem:' AND e.idem_key < 'redeem;'
             ORDER BY e.idem_key LIMIT ?"""
    return [Redeemed(*row) for row in connection.execute(sql, (after, most)).fetchall()]
