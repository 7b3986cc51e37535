"""Proves from the stored rows alone that the books are right.

| check | holds when |
|---|---|
| V1 | an account's balance is what its last entry says, its `seq` the number of entries |
| V2 | entries of an account are numbered 1, 2, 3, … and each continues the balance before |
| V3 | `held` of an account, and of a budget, is the sum of its open holds |
| V4 | 0 ≤ held ≤ posted |
| V5 | each charge has its usage row, each charged usage its one entry, each refund its charge |
| V6 | each charge follows from the price's document, the factor, the time and the tokens |
| V7 | open holds are of the running epoch, not overdue, and their requests have not ended |
| V8 | money that came in from outside has its origin: there are no orders or codes yet |
| V9 | all balances together are what came in less what was earned |

It runs on a read-only connection in a thread, row by row: memory does not grow with
the history. Without `full` it is the same today; the name is reserved for skipping
what an earlier audit has proved.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from yiyuan.kernel.money import MICROS_MAX
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.posting import entry_id
from yiyuan.pricing.price import Price, from_json
from yiyuan.store import audit_reads
from yiyuan.store.database import Connection
from yiyuan.store.rows import AccountRow, EntryRow, UsageRow

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows in all, now and then, in the audit's thread."""

PROBLEMS_MAX = 1_000
OVERDUE_GRACE_MS = 60_000
_ROWS_PER_PROGRESS = 20_000
_CONTRAS = {
    "topup": {"cash"},
    "redeem": {"cash", "promo"},
    "grant": {"promo"},
    "adjust": {"adjust", "cash", "promo"},
    "reversal": {"cash", "promo", "adjust"},
    "charge": {"revenue"},
    "recovered": {"revenue"},
    "refund": {"revenue"},
}


@dataclass(slots=True)
class _Audit:
    """What one run has seen and found."""

    connection: Connection
    now_ms: int
    progress: Progress
    total: int = 0
    done: int = 0
    accounts: int = 0
    entries: int = 0
    posted: int = 0
    by_contra: Counter[str] = field(default_factory=Counter)
    account_ids: set[str] = field(default_factory=set)
    found: int = 0
    problems: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        """Note what is wrong; the first thousand in words, the others as a number."""
        self.found += 1
        if self.found <= PROBLEMS_MAX:
            self.problems.append(text)

    def step(self) -> None:
        """One row is done."""
        self.done += 1
        if self.done % _ROWS_PER_PROGRESS == 0:
            self.progress(self.done, self.total)


def verify(
    connection: Connection,
    *,
    now_ms: int,
    full: bool = False,
    progress: Progress = lambda _done, _total: None,
) -> dict[str, Any]:
    """Check V1 to V9; `{"ok", "accounts", "entries", "problems"}`, problems in words."""
    del full  # see above
    audit = _Audit(connection, now_ms, progress)
    tables = ("entries", "usage")
    audit.total = sum(audit_reads.count_rows(connection, table) for table in tables)
    held = _check_holds(audit)
    _check_accounts(audit, held)
    _check_budgets(audit)
    _check_charges(audit)
    _check_usage(audit)
    _check_system(audit)
    progress(audit.total, audit.total)
    if audit.found > PROBLEMS_MAX:
        audit.problems.append(f"… and {audit.found - PROBLEMS_MAX} more")
    return {
        "ok": audit.found == 0,
        "accounts": audit.accounts,
        "entries": audit.entries,
        "problems": audit.problems,
    }


def _check_accounts(audit: _Audit, held: Counter[str]) -> None:
    """V1 to V4, walking along accounts and their entries side by side."""
    entries = audit_reads.entries(audit.connection)
    entry = next(entries, None)
    for account in audit_reads.accounts(audit.connection):
        audit.accounts += 1
        audit.posted += account.posted
        audit.account_ids.add(account.id)
        while entry is not None and entry.account_id < account.id:
            entry = _strayed(audit, entry, entries)
        last: EntryRow | None = None
        while entry is not None and entry.account_id == account.id:
            _check_entry(audit, last, entry)
            last, entry = entry, next(entries, None)
        _check_account(audit, account, last, held[account.id])
    while entry is not None:
        entry = _strayed(audit, entry, entries)
    for account_id in held.keys() - audit.account_ids:
        audit.problem(f"V3 account {account_id}: does not exist, but {held[account_id]} is held")


def _strayed(audit: _Audit, entry: EntryRow, entries: Iterator[EntryRow]) -> EntryRow | None:
    audit.problem(f"V1 entry {entry.id}: its account {entry.account_id} does not exist")
    _count(audit, entry)
    return next(entries, None)


def _count(audit: _Audit, entry: EntryRow) -> None:
    audit.entries += 1
    audit.by_contra[entry.contra] += entry.amount
    audit.step()


def _check_entry(audit: _Audit, last: EntryRow | None, entry: EntryRow) -> None:
    """V2: one entry against the one before it."""
    _count(audit, entry)
    name = f"V2 account {entry.account_id}: entry {entry.seq}"
    seq, balance, at = (last.seq, last.balance_after, last.at) if last else (0, 0, entry.at)
    if entry.seq != seq + 1:
        audit.problem(f"{name} follows entry {seq}")
    if entry.balance_after != balance + entry.amount:
        audit.problem(
            f"{name} leaves {entry.balance_after}, but {balance} and {entry.amount} make "
            f"{balance + entry.amount}"
        )
    if entry.at < at:
        audit.problem(f"{name} is dated before entry {seq}")
    if entry.id != entry_id(entry.account_id, entry.seq):
        audit.problem(f"{name} has the id {entry.id}")
    if entry.contra not in _CONTRAS.get(entry.kind, ()):
        audit.problem(f"{name} is a {entry.kind} against {entry.contra}")


def _check_account(audit: _Audit, account: AccountRow, last: EntryRow | None, held: int) -> None:
    """V1, V3 and V4 of one account."""
    name = f"account {account.id}"
    seq, balance = (last.seq, last.balance_after) if last else (0, 0)
    if account.posted != balance:
        audit.problem(f"V1 {name}: its balance is {account.posted}, its entries make {balance}")
    if account.seq != seq:
        audit.problem(f"V1 {name}: its seq is {account.seq}, its last entry's is {seq}")
    if last is not None and account.last_entry_at != last.at:
        audit.problem(f"V1 {name}: last_entry_at is {account.last_entry_at}, not {last.at}")
    if account.held != held:
        audit.problem(f"V3 {name}: {account.held} is held, its open holds are {held}")
    if not 0 <= account.held <= account.posted:
        audit.problem(f"V4 {name}: {account.held} of {account.posted} is held")


def _check_holds(audit: _Audit) -> Counter[str]:
    """V7; returns what the open holds of each account make."""
    held: Counter[str] = Counter()
    live = audit_reads.live_epochs(audit.connection)
    for hold in audit_reads.holds(audit.connection):
        held[hold.account_id] += hold.amount
        name = f"V7 account {hold.account_id}: the hold of request {hold.request_id}"
        if hold.epoch not in live:
            audit.problem(f"{name} is of epoch {hold.epoch}, which does not run")
        if hold.deadline + OVERDUE_GRACE_MS < audit.now_ms:
            overdue_seconds = (audit.now_ms - hold.deadline) // 1000
            audit.problem(f"{name} is overdue by {overdue_seconds} s")
    for account_id, request_id in audit_reads.requests_open_and_ended(audit.connection):
        audit.problem(f"V7 account {account_id}: request {request_id} has ended and is still held")
    return held


def _check_budgets(audit: _Audit) -> None:
    """V3 of budgets."""
    held: Counter[str] = Counter()
    for hold in audit_reads.holds(audit.connection):
        try:
            budget_ids = json.loads(hold.budget_ids)
        except ValueError:
            audit.problem(f"V3 request {hold.request_id}: its budgets are {hold.budget_ids!r}")
            continue
        for budget_id in budget_ids:
            held[budget_id] += hold.amount
    for budget in audit_reads.budgets(audit.connection):
        name = f"V3 budget {budget.id}"
        if budget.held != held.pop(budget.id, 0):
            audit.problem(f"{name}: {budget.held} is held, which its open holds do not make")
        if budget.spent < 0:
            audit.problem(f"{name}: {budget.spent} is spent")
    for budget_id in held:
        audit.problem(f"V3 budget {budget_id}: does not exist, but holds name it")


def _check_charges(audit: _Audit) -> None:
    """V5."""
    connection = audit.connection
    for entry, account, request, amount, other, charge in audit_reads.charges_without_usage(
        connection
    ):
        found = "has no usage" if other is None else f"has usage of {other} charged {charge}"
        audit.problem(
            f"V5 account {account}: entry {entry} of {amount} for request {request}, which {found}"
        )
    for account, request, charge in audit_reads.usage_without_charge(connection):
        audit.problem(f"V5 account {account}: request {request} was charged {charge} without entry")
    for request, count in audit_reads.requests_charged_twice(connection):
        audit.problem(f"V5 request {request}: charged {count} times")
    for entry, account, key in audit_reads.wrong_refunds(connection):
        audit.problem(
            f"V5 account {account}: refund {entry} ({key}) is not the opposite of a charge"
        )


def _check_usage(audit: _Audit) -> None:
    """V6."""
    prices: dict[str, Price] = {}
    for price_id, model, document in audit_reads.prices(audit.connection):
        try:
            prices[price_id] = from_json(document, price_id=price_id, model=model)
        except ValueError as error:
            audit.problem(f"V6 price {price_id}: {error}")
    for row in audit_reads.usage(audit.connection):
        audit.step()
        fault = _usage_fault(row, prices.get(row.price_id))
        if fault is not None:
            audit.problem(f"V6 account {row.account_id}: request {row.request_id} {fault}")


def _usage_fault(row: UsageRow, price: Price | None) -> str | None:
    """What is wrong with one usage row's money, if anything."""
    usage = Usage(
        row.input_tokens,
        row.output_tokens,
        row.cached_input_tokens,
        row.cache_write_tokens,
        row.cache_write_1h_tokens,
        row.reasoning_tokens,
    )
    if row.source == "none":
        is_free = row.charge == 0 and row.shortfall == 0 and usage == Usage()
        return None if is_free else f"has no usage, but {row.charge} is charged"
    if price is None:
        return f"names the price {row.price_id}, which cannot be read"
    try:
        cost = price.charge_micros(
            usage, factor_ppm=row.price_factor_ppm, admitted_ms=row.admitted_at
        )
    except ValueError:
        return f"has impossible usage: {usage}"
    cost = min(cost, MICROS_MAX)
    if row.charge != min(cost, row.hold_amount):
        return f"cost {cost} and held {row.hold_amount}, but {row.charge} is charged"
    if row.shortfall != cost - row.charge:
        return f"cost {cost} and paid {row.charge}, but its shortfall is {row.shortfall}"
    return None


def _check_system(audit: _Audit) -> None:
    """V9: balances against the sums of all entries, by where they went."""
    came_in = sum(audit.by_contra[contra] for contra in ("cash", "promo", "adjust"))
    earned = -audit.by_contra["revenue"]
    if audit.posted != came_in - earned:
        audit.problem(
            f"V9 all balances are {audit.posted}, but {came_in} came in and {earned} was earned"
        )
