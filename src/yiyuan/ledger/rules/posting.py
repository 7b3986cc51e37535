"""Writes one entry and moves the balance with it: the only place that does.

Part of the core (see `apply.py`).
"""

from msgspec import Struct

from yiyuan.kernel.money import MICROS_MAX
from yiyuan.ledger.rules.state import Account, LedgerState
from yiyuan.store.tables.ledger import EntryRow

TEXT_CHARACTERS_MAX = 500


class Cause(Struct, frozen=True):
    """Why an entry is made, and by whom."""

    actor: str
    memo: str = ""
    request_id: str | None = None
    idem_key: str | None = None


def post_entry(
    state: LedgerState,
    account: Account,
    kind: str,
    amount: int,
    contra: str,
    cause: Cause,
    at: int,
) -> EntryRow:
    """Add `amount` (signed) to the balance; the caller has checked that it fits."""
    assert amount != 0
    balance = account.posted + amount
    assert 0 <= balance <= MICROS_MAX, (account, amount)
    account.posted = balance
    account.seq += 1
    # An account's entries are in order of time, even if the clock was set back.
    account.last_entry_at = max(account.last_entry_at, at)
    entry = EntryRow(
        entry_id(account.id, account.seq),
        account.id,
        account.seq,
        kind,
        amount,
        balance,
        contra,
        cause.request_id,
        cause.idem_key,
        cause.actor,
        cause.memo,
        account.last_entry_at,
    )
    state.entries.append(entry)
    state.changed_accounts[account.id] = account
    return entry


def entry_id(account_id: str, seq: int) -> str:
    """The id of an account's entry number `seq`."""
    return f"ent_{account_id.removeprefix('acct_')}_{seq}"


def clean_text(text: str | None) -> str | None:
    """A text from elsewhere, cut and made storable: it must not stop the ledger."""
    if text is None or (len(text) <= TEXT_CHARACTERS_MAX and text.isascii() and "\0" not in text):
        return text
    text = text[:TEXT_CHARACTERS_MAX].replace("\0", "")
    return text.encode("utf-8", "replace").decode("utf-8")


def is_storable(text: str) -> bool:
    """Whether a name or key is not empty, not too long, and can be stored as it is."""
    return 0 < len(text) <= TEXT_CHARACTERS_MAX and clean_text(text) == text
