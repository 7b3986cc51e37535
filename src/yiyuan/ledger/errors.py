"""Why the ledger does not do what it was asked.

```
LedgerError
├─ UnknownAccount        no account of this id or name
├─ AccountExists         the id or the name is taken
├─ UnknownBudget         a hold names a budget that was never set
├─ AlreadyOpen           a second hold of the same request
├─ AlreadyEnded          the request has no open hold (any more)
├─ AlreadyStarted        the request has delivered something: no other model may answer it
├─ NotStarted            progress of a request that has delivered nothing
├─ InvalidUsage          token counts that cannot be: negative, parts above the whole
├─ InvalidAmount         an amount that is not a positive 64-bit number of micros
├─ InvalidText           a name or key that is empty, too long or not storable
├─ InsufficientFunds     a debit of more than balance − held
├─ NothingToRefund       the request was never charged
├─ AlreadyRefunded       a second refund of the same request
├─ IdempotencyMismatch   the same key, but not the same posting
└─ LedgerInconsistent         stored holds do not add up: `yiyuan ledger verify` tells where
LedgerUnavailable        (store/errors.py) the ledger has stopped; nothing is known to be stored
```

The core returns them as values, before it has changed anything; the book raises
them. A hold that is not granted is no error: it is a `Refused`.
"""

from yiyuan.store.errors import LedgerUnavailable

__all__ = [
    "AccountExists",
    "AlreadyEnded",
    "AlreadyOpen",
    "AlreadyRefunded",
    "AlreadyStarted",
    "IdempotencyMismatch",
    "InsufficientFunds",
    "InvalidAmount",
    "InvalidText",
    "InvalidUsage",
    "LedgerError",
    "LedgerInconsistent",
    "LedgerUnavailable",
    "NotStarted",
    "NothingToRefund",
    "UnknownAccount",
    "UnknownBudget",
]


class LedgerError(Exception):
    """An operation that was refused and changed nothing."""


class UnknownAccount(LedgerError):
    """No account of this id or name."""


class AccountExists(LedgerError):
    """The account's id or name is taken."""


class UnknownBudget(LedgerError):
    """A hold names a budget that was never set."""


class AlreadyOpen(LedgerError):
    """The request has an open hold already."""


class AlreadyEnded(LedgerError):
    """The request has no open hold: it was settled, voided or recovered, or never opened."""


class AlreadyStarted(LedgerError):
    """Output of the request may have been delivered: its model stays."""


class NotStarted(LedgerError):
    """Progress was reported for a request that has not started to deliver."""


class InvalidUsage(LedgerError):
    """Token counts that cannot be."""


class InvalidAmount(LedgerError):
    """An amount out of its range."""


class InvalidText(LedgerError):
    """A name or key that is empty, too long or not storable."""


class InsufficientFunds(LedgerError):
    """A debit of more than balance − held."""

    def __init__(self, account_id: str, available_micros: int) -> None:
        """`available_micros` is what could have been debited."""
        super().__init__(f"{account_id}: only {available_micros} available")
        self.available_micros = available_micros


class NothingToRefund(LedgerError):
    """The request was never charged."""


class AlreadyRefunded(LedgerError):
    """The request's charge was refunded before."""


class IdempotencyMismatch(LedgerError):
    """The idempotency key was used before, for another posting."""


class LedgerInconsistent(LedgerError):
    """The stored rows contradict each other; no ledger starts over them."""
