"""The ledger as the rooms above see it, whichever database is behind it.

`ledger.Book` keeps all of it in one process's memory over SQLite; `postgres_book.
PostgresLedger` decides in the database, for many processes. The rules are the same
(`rules/apply.py`); so are the answers and the rows.
"""

from typing import Protocol, TypeVar

from yiyuan.ledger.operations import (
    Done,
    Held,
    Hold,
    Operation,
    Refused,
    Settle,
    Settled,
    Switch,
    Void,
)
from yiyuan.ledger.rules.views import AccountView, BudgetView, LedgerStats

Answer = TypeVar("Answer")


class NothingAtOnce:
    """A ledger that has to wait for its database, whatever it is asked."""

    def account_at_once(self, _account_id: str) -> None:
        """See `Ledger.account_at_once`."""

    def hold_at_once(self, _operation: Hold) -> None:
        """See `Ledger.hold_at_once`."""


class Ledger(Protocol):
    """Accounts, budgets, and the money of requests."""

    @property
    def is_failed(self) -> bool:
        """Whether the ledger has stopped and refuses everything."""
        ...

    def account_at_once(self, account_id: str) -> AccountView | None:
        """The account where that takes no waiting; None: ask `account`."""
        ...

    async def account(self, account_id: str) -> AccountView | None:
        """The account; with many processes, as of a moment ago."""
        ...

    async def find_account(self, name_or_id: str) -> AccountView | None:
        """The account of this id, or else of this name."""
        ...

    async def budget(self, budget_id: str) -> BudgetView | None:
        """The budget; with many processes, as of a moment ago."""
        ...

    def hold_at_once(self, operation: Hold) -> Held | Refused | None:
        """The same as `hold`, where that takes no waiting; None: nothing is decided, ask that."""
        ...

    async def hold(self, operation: Hold) -> Held | Refused:
        """Reserve a request's upper bound, or say why not."""
        ...

    async def switch(self, operation: Switch) -> Done | Refused:
        """Let another model answer a request that has not started, or say why not.

        What is stored agrees with it before `start` returns. Raises AlreadyEnded,
        AlreadyStarted.
        """
        ...

    async def released(self, account_id: str, timeout_seconds: float) -> bool:
        """Wait until a hold of the account ends (True), at most `timeout_seconds`."""
        ...

    async def start(self, request_id: str, input_count: int) -> None:
        """Output may be delivered once this returns. Raises AlreadyEnded."""
        ...

    async def progress(self, request_id: str, output_tokens: int) -> None:
        """Return when up to `output_tokens` may have been delivered. Raises AlreadyEnded."""
        ...

    def mark(self, request_id: str, output_tokens: int) -> None:
        """Ask for progress to be made durable, and do not wait. Raises AlreadyEnded."""
        ...

    def durable_progress(self, request_id: str) -> int:
        """Output tokens that the stored hold proves; 0 when the request has ended."""
        ...

    async def settle(self, operation: Settle) -> Settled:
        """Charge a request and end it; durable on return."""
        ...

    async def void(self, operation: Void) -> None:
        """End a request without charge; durable soon. Raises AlreadyEnded."""
        ...

    async def post(self, operation: Operation[Answer]) -> Answer:
        """Anything that is no part of a request; durable on return. Raises LedgerError."""
        ...

    def stats(self) -> LedgerStats:
        """Figures for metrics."""
        ...

    async def close(self) -> None:
        """Write what is left and end the epoch."""
        ...
