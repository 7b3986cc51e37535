"""V1 to V9 over the simulated rows: after each batch what it touched, now and then everything."""

import json
from collections import Counter
from typing import Any

from tests.simulation.rows import Rows, counted_of
from tests.simulation.world import World
from yiyuan.kernel.usage import Usage
from yiyuan.store.tables.ledger import AccountRow, Batch, BudgetRow, EntryRow, UsageRow

FULL_EVERY_BATCHES = 64


class Checks:
    """Watches the rows of one run."""

    def __init__(self, world: World, rows: Rows, *, is_shared: bool) -> None:
        """`is_shared`: many processes write, so more than one epoch may be open."""
        self._world, self._rows, self._is_shared = world, rows, is_shared
        self._came_in = self._earned = self._posted = 0
        self._balances: Counter[str] = Counter()
        rows.watchers.append(self.after)

    def _fail(self, text: str) -> None:
        self._world.fail(text)

    def after(self, batch: Batch) -> None:
        """What one batch has touched."""
        for entry in batch.entries:
            self._entry(entry)
        for account in batch.accounts:
            self._posted += account.posted - self._balances[account.id]
            self._balances[account.id] = account.posted
            self._account(account)
        for usage in batch.usage:
            self._usage(usage)
        for budget in batch.budgets:
            held = self._rows.held[budget.id, budget.counted_since]
            if budget.held != held or budget.spent < 0:
                self._fail(f"V3 budget {budget.id}: {budget}, holds {held}")
        if self._posted != self._came_in - self._earned:
            self._fail(f"V9 {self._posted} ≠ {self._came_in} − {self._earned}")
        if self._rows.batches % FULL_EVERY_BATCHES == 0:
            self.full()

    def _entry(self, entry: EntryRow) -> None:
        """V2, V5, and V9's sums."""
        chain = self._rows.entries[entry.account_id]
        before = chain[entry.seq - 2].balance_after if entry.seq > 1 else 0
        if len(chain) < entry.seq or chain[entry.seq - 1] is not entry:
            self._fail(f"V2 {entry} is not number {entry.seq} of {len(chain)}")
        if entry.balance_after != before + entry.amount or entry.balance_after < 0:
            self._fail(f"V2 {entry} does not continue {before}")
        if entry.seq > 1 and entry.at < chain[entry.seq - 2].at:
            self._fail(f"V2 {entry} is dated before the one it follows")
        if entry.contra == "revenue":
            self._earned -= entry.amount
        else:
            self._came_in += entry.amount
        if entry.request_id is not None:
            usage = self._rows.usage.get(entry.request_id)
            if usage is None or (usage.account_id, usage.charge) != (
                entry.account_id,
                -entry.amount,
            ):
                self._fail(f"V5 {entry} has the usage {usage}")
        if entry.kind == "refund":
            charge = self._rows.by_request.get((entry.idem_key or "").removeprefix("refund:"))
            if charge is None or charge.amount != -entry.amount:
                self._fail(f"V5 {entry} gives back {charge}")

    def _account(self, account: AccountRow) -> None:
        """V1, V3, V4."""
        chain = self._rows.entries.get(account.id, [])
        balance = chain[-1].balance_after if chain else 0
        if (account.posted, account.seq) != (balance, len(chain)):
            self._fail(f"V1 {account}: its {len(chain)} entries make {balance}")
        if account.held != self._rows.held[account.id]:
            self._fail(f"V3 {account}: its holds are {self._rows.held[account.id]}")
        if not 0 <= account.held <= account.posted:
            self._fail(f"V4 {account}")

    def _usage(self, row: UsageRow) -> None:
        """V5, V6, and that an ended request holds nothing."""
        if row.request_id in self._rows.holds:
            self._fail(f"V7 {row.request_id} has ended and is still held")
        if row.charge and row.request_id not in self._rows.by_request:
            self._fail(f"V5 {row.request_id} was charged {row.charge} without an entry")
        cost = 0
        if row.source != "none":
            usage = Usage(row.input_tokens, row.output_tokens, row.cached_input_tokens)
            price = self._rows.prices[row.price_id]
            cost = price.charge_micros(
                usage, factor_ppm=row.price_factor_ppm, admitted_ms=row.admitted_at
            )
        if row.charge != min(cost, row.hold_amount) or row.shortfall != cost - row.charge:
            self._fail(f"V6 {row} cost {cost}")

    def full(self) -> None:
        """Everything, from the rows alone."""
        rows = self._rows
        held: Counter[Any] = Counter()
        for hold in rows.holds.values():
            for holder in (hold.account_id, *counted_of(hold)):
                held[holder] += hold.amount
            epoch = rows.epochs.get(hold.epoch)
            if epoch is None or (not self._is_shared and epoch.state != "live"):
                self._fail(f"V7 {hold.request_id} is of epoch {hold.epoch}, {epoch}")
            if hold.request_id in rows.usage:
                self._fail(f"V7 {hold.request_id} has ended and is still held")
        if any(rows.held[holder] != held[holder] for holder in rows.held):
            self._fail(f"V3 {rows.held} ≠ {held}")
        charges: Counter[str] = Counter()
        for account in rows.accounts.values():
            self._account(account)
            balance = 0
            for seq, entry in enumerate(rows.entries.get(account.id, ()), start=1):
                balance += entry.amount
                if (entry.seq, entry.balance_after) != (seq, balance):
                    self._fail(f"V2 {entry} is number {seq} and leaves {balance}")
                if entry.request_id is not None:
                    charges[entry.request_id] += 1
        if any(count > 1 for count in charges.values()):
            self._fail(f"V5 charged twice: {charges.most_common(1)}")
        for usage in rows.usage.values():
            self._usage(usage)
        for budget in rows.budgets.values():
            if budget.held != held[budget.id, budget.counted_since]:
                self._fail(f"V3 budget {budget.id}: {budget.held}, its holds are {held}")
            self._spent(budget)

    def _spent(self, budget: BudgetRow) -> None:
        """V3 of what is spent: exactly the charges that note this period of this budget."""
        rows, spent = self._rows, 0
        for usage in rows.usage.values():
            noted = json.loads(usage.counted or "{}")
            if noted.get(budget.id) == budget.counted_since:
                is_refunded = f"refund:{usage.request_id}" in rows.by_key
                spent += 0 if is_refunded else usage.charge
        if budget.spent != spent:
            self._fail(f"V3 {budget}: its charges make {spent}")
