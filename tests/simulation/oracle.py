"""What those outside have seen, held against the rows: V10, and that nothing is lost.

Tokens are counted where the client gets them. The rules (guarantees.md says them to
people):

- Nothing is delivered before the start of its request is durable.
- What was delivered is at most 64 tokens ahead of what a durable row proves.
- The end of an answer is delivered after its charge is durable, and that charge is
  what the upstream told.
- A request that a crash has cut is charged at most what was delivered, and at most 64
  output tokens less; one that delivered nothing, its input at most.
- A request that its client or its upstream has cut is charged its input and exactly
  what was delivered.
- What an operator was told is done stays done; a keyed credit is made once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.rows import Rows
from tests.simulation.world import World
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.budgets import period_start
from yiyuan.store.tables.ledger import Batch, EntryRow, UsageRow

WINDOW_TOKENS = 64


@dataclass(slots=True)
class Seen:
    """One request, from outside."""

    request_id: str
    account_id: str
    delivered: int = 0
    is_complete: bool = False
    bill: Usage | None = None
    """What the gateway wanted to charge, once it wanted to."""
    outcome: str = ""
    was_sent: bool = False
    input_tokens: int = 0


@dataclass(slots=True)
class Order:
    """A keyed credit that somebody has paid for."""

    key: str
    account_id: str
    amount_micros: int
    entry: EntryRow | None = None


@dataclass(slots=True)
class Oracle:
    """Everything that was seen from outside."""

    world: World
    rows: Rows
    is_shared: bool = False
    """Whether many processes write."""
    requests: dict[str, Seen] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    entries: list[EntryRow] = field(default_factory=list)
    """What the operator was told is booked."""
    suspended: set[str] = field(default_factory=set)
    """Accounts whose suspension was acknowledged and not yet lifted."""
    refunds: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        """For the test that the runs reach what they are meant to reach."""
        self.counts[what] = self.counts.get(what, 0) + 1

    def deliver(self, seen: Seen, output_tokens: int) -> None:
        """The client gets output. Gates 1 and 2."""
        seen.delivered += output_tokens
        hold = self.rows.holds.get(seen.request_id)
        if hold is not None:
            if not hold.started:
                self.world.fail(f"gate 1: {seen} before its start was durable")
            proven = hold.progress_output
        else:
            usage = self.rows.usage.get(seen.request_id)
            if usage is None:
                self.world.fail(f"gate 1: {seen} without a durable row")
                return
            proven = usage.output_tokens
        if seen.delivered - proven > WINDOW_TOKENS:
            self.world.fail(f"gate 2: {seen}, of which only {proven} are proven")

    def finish(self, seen: Seen) -> None:
        """The client sees the regular end. Gate 3."""
        seen.is_complete = True
        usage = self.rows.usage.get(seen.request_id)
        if usage is None or usage.outcome == "recovered":
            self.world.fail(f"gate 3: {seen} has ended with the usage {usage}")

    def entry(self, entry: EntryRow) -> None:
        """The operator is told of an entry."""
        if entry not in self.rows.entries.get(entry.account_id, ()):
            self.world.fail(f"acknowledged, but not durable: {entry}")
        self.entries.append(entry)

    def after(self, batch: Batch) -> None:
        """A request's end has become durable."""
        for usage in batch.usage:
            seen = self.requests.get(usage.request_id)
            if seen is None:
                self.world.fail(f"usage of a request that nobody sent: {usage}")
            else:
                self._check(seen, usage)

    def _check(self, seen: Seen, usage: UsageRow) -> None:
        """V10 of one request that has ended."""
        note: Callable[[str], str] = lambda text: f"V10 {text}: {seen} {usage}"  # noqa: E731
        charged = usage.output_tokens
        if usage.outcome == "recovered":
            self.count("recovered")
            if not seen.delivered - WINDOW_TOKENS <= charged <= seen.delivered:
                self.world.fail(note("charged after a crash"))
            if usage.source == "none" and seen.delivered:
                self.world.fail(note("voided, though something was delivered"))
            if usage.input_tokens > seen.input_tokens:
                self.world.fail(note("more input than was sent"))
            return
        if usage.source == "none":
            if seen.delivered or (seen.bill is not None and usage.outcome == "completed"):
                self.world.fail(note("free, though something was delivered"))
            return
        bill = seen.bill
        if bill is None or (bill.input_tokens, bill.output_tokens) != (usage.input_tokens, charged):
            self.world.fail(note("not what the gateway charged"))
        elif usage.outcome == "completed":
            if seen.delivered > charged:
                self.world.fail(note("delivered more than was charged"))
        elif seen.delivered != charged:
            self.world.fail(note("a cut request is charged what was delivered"))

    def at_the_end(self) -> None:
        """Everything has ended: all requests, all orders, all that was acknowledged."""
        rows, fail = self.rows, self.world.fail
        if rows.holds:
            fail(f"still held at the end: {sorted(rows.holds)}")
        for seen in self.requests.values():
            usage = rows.usage.get(seen.request_id)
            if usage is not None:
                self._check(seen, usage)
            elif seen.delivered or seen.is_complete:
                fail(f"V10 never charged: {seen}")
        for entry in self.entries:
            if rows.entries[entry.account_id][entry.seq - 1] != entry:
                fail(f"acknowledged, and gone: {entry}")
        for order in self.orders.values():
            self._check_order(order)
        for budget in rows.budgets.values():
            if budget.counted_since == period_start(budget.period, budget.counted_since):
                self.count("a budget has begun anew")
                if budget.spent:
                    self.count("and was spent from")

    def _check_order(self, order: Order) -> None:
        """V8: paid once, booked once."""
        entry = self.rows.by_key.get(order.key)
        booked = sum(
            entry.idem_key == order.key for entry in self.rows.entries.get(order.account_id, ())
        )
        if booked > 1 or (order.entry is not None and order.entry != entry):
            self.world.fail(f"V8 {order} was booked {booked} times: {entry}")
        if entry is not None and entry.amount != order.amount_micros:
            self.world.fail(f"V8 {order} was booked as {entry}")
