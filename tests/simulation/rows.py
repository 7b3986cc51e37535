"""What is durable: the ledger's rows as the batches say, with the schema's refusals.

A batch is written whole or not at all. What the schema would refuse is refused here,
before anything is changed.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from yiyuan.pricing.price import Price, to_json
from yiyuan.store.queries.ledger import StoredLedger
from yiyuan.store.tables.ledger import AccountRow, Batch, BudgetRow, EntryRow, HoldRow, UsageRow


class RowRefused(Exception):
    """The schema does not take a row."""


@dataclass(slots=True)
class Epoch:
    """One run of a ledger's writer."""

    state: str = "live"
    heartbeat_s: float = 0.0
    last_batch: int = 0


class Rows:
    """All tables."""

    def __init__(self, prices: Sequence[Price]) -> None:
        self.prices = {price.id: price for price in prices}
        self.documents = {price.id: (price.model, to_json(price)) for price in prices}
        self.accounts: dict[str, AccountRow] = {}
        self.ids_by_name: dict[str, str] = {}
        self.entries: dict[str, list[EntryRow]] = {}
        self.by_request: dict[str, EntryRow] = {}
        self.by_key: dict[str, EntryRow] = {}
        self.holds: dict[str, HoldRow] = {}
        self.held: Counter[Any] = Counter()
        """Sum of the open holds by account, and by budget and since when that counted."""
        self.budgets: dict[str, BudgetRow] = {}
        self.usage: dict[str, UsageRow] = {}
        self.attempts: set[tuple[str, int]] = set()
        self.epochs: dict[int, Epoch] = {}
        self.batches = 0
        self.watchers: list[Callable[[Batch], None]] = []

    def refusal(self, batch: Batch) -> str | None:
        """Why the schema refuses a batch, if it does."""
        for entry in batch.entries:
            if entry.request_id is not None and entry.request_id in self.by_request:
                return f"UNIQUE entries.request_id {entry.request_id}"
            if entry.idem_key is not None and entry.idem_key in self.by_key:
                return f"UNIQUE entries.idem_key {entry.idem_key}"
            if entry.seq <= len(self.entries.get(entry.account_id, ())):
                return f"UNIQUE entries.account_id, seq {entry.id}"
        for usage in batch.usage:
            if usage.request_id in self.usage:
                return f"UNIQUE usage.request_id {usage.request_id}"
            if not 0 <= usage.charge <= usage.hold_amount:
                return f"CHECK usage {usage.request_id}"
        for account in batch.accounts:
            if self.ids_by_name.get(account.name, account.id) != account.id:
                return f"UNIQUE accounts.name {account.name}"
            if not 0 <= account.held <= account.posted:
                return f"CHECK accounts {account.id}: {account.held} of {account.posted}"
        for request_id in batch.ended_holds:
            if request_id not in self.holds:
                return f"an ended hold had no row: {request_id}"
        for attempt in batch.attempts:
            if (attempt.request_id, attempt.n) in self.attempts:
                return f"UNIQUE attempts {attempt.request_id}"
        return None

    def write(self, batch: Batch) -> None:
        """Store a batch. Raises RowRefused."""
        reason = self.refusal(batch)
        if reason is not None:
            raise RowRefused(reason)
        for account in batch.accounts:
            self.accounts[account.id] = account
            self.ids_by_name[account.name] = account.id
        for entry in batch.entries:
            self.entries.setdefault(entry.account_id, []).append(entry)
            if entry.request_id is not None:
                self.by_request[entry.request_id] = entry
            if entry.idem_key is not None:
                self.by_key[entry.idem_key] = entry
        for budget in batch.budgets:
            self.budgets[budget.id] = budget
        for usage in batch.usage:
            self.usage[usage.request_id] = usage
        for attempt in batch.attempts:
            self.attempts.add((attempt.request_id, attempt.n))
        for hold in batch.holds:
            if hold.request_id not in self.holds:
                self._count(hold, hold.amount)
            self.holds[hold.request_id] = hold
        for request_id in batch.ended_holds:
            hold = self.holds.pop(request_id)
            self._count(hold, -hold.amount)
        for epoch in batch.epochs:
            state = "live" if epoch.ended_at is None else "retired"
            for other in self.epochs.values():
                other.state = "retired"  # one process at a time has the home's lock
            self.epochs[epoch.epoch] = Epoch(state)
        self.batches += 1
        for watch in self.watchers:
            watch(batch)

    def _count(self, hold: HoldRow, amount: int) -> None:
        self.held[hold.account_id] += amount
        for counted in counted_of(hold):
            self.held[counted] += amount

    def stored(self) -> StoredLedger:
        """What a ledger reads at its start."""
        holds = sorted(self.holds.values(), key=lambda hold: (hold.opened_at, hold.request_id))
        return StoredLedger(
            list(self.accounts.values()),
            list(self.budgets.values()),
            holds,
            {hold.price_id: self.documents[hold.price_id] for hold in holds},
            max(self.epochs, default=0),
        )

    def look_up(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """The few look-ups of single rows that a book makes."""
        _, _, rest = sql.partition(" FROM ")
        value, *more = values
        found: Any = None
        if rest.startswith("entries WHERE idem_key ="):
            found = self.by_key.get(value)
        elif rest.startswith("entries WHERE request_id ="):
            found = self.by_request.get(value)
        elif rest.startswith("accounts WHERE name ="):
            account_id = self.ids_by_name.get(value)
            found = None if account_id is None else (account_id,)
        elif rest.startswith("accounts WHERE id ="):
            found = self.accounts.get(value)
        elif rest.startswith("usage WHERE request_id ="):
            usage = self.usage.get(value)
            if usage is not None:
                found = (usage.api_token_id, usage.model, usage.admitted_at, usage.counted)
        elif rest.startswith("budgets WHERE api_token_id ="):
            return [
                (row.id,)
                for row in self.budgets.values()
                if row.api_token_id == value and row.model in (None, more[0])
            ]
        elif rest.startswith("budgets WHERE id ="):
            found = self.budgets.get(value)
        else:
            raise AssertionError(f"a look-up that the simulator does not know: {sql}")
        return [] if found is None else [found]


def counted_of(hold: HoldRow) -> list[tuple[str, int]]:
    """The budgets that a hold counts in, each with the period in which it does."""
    return [] if hold.budget_ids == "[]" else list(json.loads(hold.budget_ids).items())
