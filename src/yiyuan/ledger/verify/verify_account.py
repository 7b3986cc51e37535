"""The audit of one account: its entries from a checkpoint on, its head, its usage.

It pauses after each page of rows and may go on with another view of the database: the
entries behind it never change, and what must agree at one moment (the last page and the
account, or the sums of an account whose requests have expired) is read from one view.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import orjson

from yiyuan.kernel.clock import iso
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.rules.posting import entry_id
from yiyuan.ledger.rules.usage_rows import usage_of
from yiyuan.ledger.verify.report import PROBLEMS_MAX, VerificationReport
from yiyuan.pricing.price import Price
from yiyuan.store.database import Connection
from yiyuan.store.queries.verify import rows as verify
from yiyuan.store.queries.verify.rows import BookedEntry, Head
from yiyuan.store.tables.ledger import AccountRow, CheckpointRow, EntryRow, UsageRow

ROWS_AT_ONCE = 500
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
class View:
    """What is read from; another connection after each pause."""

    connection: Connection


class AccountVerification:
    """One account. `pieces` does the work, `checkpoint` says what was proved."""

    def __init__(
        self,
        findings: VerificationReport,
        head: Head,
        prices: Mapping[str, Price],
        *,
        is_full: bool,
    ) -> None:
        """With `is_full` it begins at the first entry, and compares the checkpoint."""
        self._findings = findings
        self._head = head
        self._id = head.account.id
        self._prices = prices
        self._is_full = is_full
        self._found_before = findings.found
        start = None if is_full else head.checkpoint
        self._start = start or CheckpointRow(self._id, 0, 0, 0, "", 0, 0)
        self._seq, self._balance = self._start.seq, self._start.balance
        self._entry_at = self._start.entry_at
        self._digest = bytes.fromhex(self._start.digest)
        self._usage_rows = 0
        self._missing: list[str] = []
        self._missing_count = 0
        findings.entries += self._seq
        findings.by_contra["proved"] += self._balance

    def is_new(self) -> bool:
        """Whether there is anything to read."""
        head, start = self._head, self._start
        return head.last_seq != start.seq or head.last_admitted_at >= max(start.usage_from, 1)

    def pieces(self, view: View) -> Iterator[None]:
        """Check V1 to V6 of this account, pausing after each page."""
        if self._head.last_seq < self._start.seq:
            self._findings.problem(
                f"V1 account {self._id}: entry {self._start.seq} was checked, but the last one "
                f"is {self._head.last_seq} now"
            )
        yield from self._check_entries(view)
        account = verify.account(view.connection, self._id)
        assert account is not None
        self.check_head(account, verify.held(view.connection, self._id))
        yield from self._check_usage(view)
        self._check_expired(view)

    def checkpoint(self, usage_from: int, now_ms: int) -> CheckpointRow | None:
        """What the next audit may begin with; None if that is nothing new, or nothing good."""
        is_news = self._is_full or self._seq != self._start.seq or self._usage_rows > 0
        if not is_news or self._findings.found != self._found_before:
            return None
        digest = self._digest.hex()
        return CheckpointRow(
            self._id, self._seq, self._balance, self._entry_at, digest, usage_from, now_ms
        )

    # ------------------------------------------------------------ entries

    def _check_entries(self, view: View) -> Iterator[None]:
        self._compare_checkpoint()
        while True:
            page = verify.entries(view.connection, self._id, self._seq, ROWS_AT_ONCE)
            for booked in page:
                self._check_entry(booked.entry)
                self._compare_checkpoint()
                if booked.entry.request_id is not None:
                    self._check_charge(booked)
                elif booked.entry.kind == "refund":
                    self._check_refund(view.connection, booked.entry)
            self._findings.work += len(page)
            if len(page) < ROWS_AT_ONCE:
                return
            yield

    def _check_entry(self, entry: EntryRow) -> None:
        """V2: one entry against the one before it."""
        findings = self._findings
        findings.entries += 1
        findings.read += 1
        findings.by_contra[entry.contra] += entry.amount
        name = f"V2 account {entry.account_id}: entry {entry.seq}"
        seq, balance = self._seq, self._balance
        if entry.seq != seq + 1:
            findings.problem(f"{name} follows entry {seq}")
        if entry.balance_after != balance + entry.amount:
            findings.problem(
                f"{name} leaves {entry.balance_after}, but {balance} and {entry.amount} make "
                f"{balance + entry.amount}"
            )
        if entry.at < self._entry_at:
            findings.problem(f"{name} is dated before entry {seq}")
        if entry.id != entry_id(entry.account_id, entry.seq):
            findings.problem(f"{name} has the id {entry.id}")
        if entry.contra not in _CONTRAS.get(entry.kind, ()):
            findings.problem(f"{name} is a {entry.kind} against {entry.contra}")
        self._seq, self._balance, self._entry_at = entry.seq, entry.balance_after, entry.at
        self._digest = sha256(self._digest + orjson.dumps(tuple(entry))).digest()

    def _compare_checkpoint(self) -> None:
        """V2: what was checked before must be what is there now."""
        before = self._head.checkpoint
        if not self._is_full or before is None or before.seq != self._seq:
            return
        if (before.balance, before.digest) != (self._balance, self._digest.hex()):
            self._findings.problem(
                f"V2 account {self._id}: entries 1 to {self._seq} are not what was checked "
                f"on {iso(before.checked_at)}"
            )

    def check_head(self, account: AccountRow, held: int) -> None:
        """V1, V3 and V4: the account against its last entry and its open holds."""
        findings, name = self._findings, f"account {account.id}"
        findings.accounts += 1
        findings.posted += account.posted
        if account.posted != self._balance:
            findings.problem(
                f"V1 {name}: its balance is {account.posted}, its entries make {self._balance}"
            )
        if account.seq != self._seq:
            findings.problem(
                f"V1 {name}: its seq is {account.seq}, its last entry's is {self._seq}"
            )
        if self._seq > 0 and account.last_entry_at != self._entry_at:
            findings.problem(
                f"V1 {name}: last_entry_at is {account.last_entry_at}, not {self._entry_at}"
            )
        if account.held != held:
            findings.problem(f"V3 {name}: {account.held} is held, its open holds are {held}")
        if not 0 <= account.held <= account.posted:
            findings.problem(f"V4 {name}: {account.held} of {account.posted} is held")

    # ------------------------------------------------------------ charges and usage

    def _check_charge(self, booked: BookedEntry) -> None:
        """V5: a charge against its usage."""
        entry = booked.entry
        name = (
            f"V5 account {entry.account_id}: entry {entry.id} of {entry.amount} for request "
            f"{entry.request_id}, which"
        )
        if booked.usage_account_id is None:
            self._missing_count += 1
            if len(self._missing) < PROBLEMS_MAX:
                self._missing.append(f"{name} has no usage")
        elif (booked.usage_account_id, booked.usage_charge) != (entry.account_id, -entry.amount):
            self._findings.problem(
                f"{name} has usage of {booked.usage_account_id} charged {booked.usage_charge}"
            )

    def _check_refund(self, connection: Connection, entry: EntryRow) -> None:
        """V5: a refund is the exact opposite of a charge of the same account."""
        key = entry.idem_key or ""
        request_id = key.removeprefix("refund:")
        self._findings.work += 1
        charge = verify.charge_of(connection, request_id) if request_id != key else None
        if charge != (entry.account_id, -entry.amount):
            self._findings.problem(
                f"V5 account {entry.account_id}: refund {entry.id} ({entry.idem_key}) is not the "
                "opposite of a charge"
            )

    def _check_usage(self, view: View) -> Iterator[None]:
        """V5 and V6 of what was admitted since the checkpoint."""
        after, count = (self._start.usage_from, ""), 0
        while True:
            page = verify.usage(view.connection, self._id, after, ROWS_AT_ONCE)
            for row, has_entry in page:
                count = count + 1 if row.request_id == after[1] else 1
                after = (row.admitted_at, row.request_id)
                if count > 1:
                    self._findings.problem(f"V5 request {row.request_id}: charged {count} times")
                    continue
                self._check_usage_row(row, has_entry=has_entry is not None)
            self._usage_rows += len(page)
            self._findings.work += len(page)
            if len(page) < ROWS_AT_ONCE:
                return
            yield

    def _check_usage_row(self, row: UsageRow, *, has_entry: bool) -> None:
        if row.charge > 0 and not has_entry:
            self._findings.problem(
                f"V5 account {row.account_id}: request {row.request_id} was charged "
                f"{row.charge} without entry"
            )
        fault = usage_fault(row, self._prices.get(row.price_id))
        if fault is not None:
            self._findings.problem(f"V6 account {row.account_id}: request {row.request_id} {fault}")

    def _check_expired(self, view: View) -> None:
        """V5: charges whose usage has expired must be what the sums by day account for."""
        has_days = self._head.has_days
        if not self._missing_count and not (self._is_full and has_days):
            return
        sums = verify.charged(view.connection, self._id)
        if sums.days == 0:
            for text in self._missing:
                self._findings.problem(text)
            self._findings.found += self._missing_count - len(self._missing)
        elif (sums.entries, sums.entries_micros) != (
            sums.usage + sums.days,
            sums.usage_micros + sums.days_micros,
        ):
            self._findings.problem(
                f"V5 account {self._id}: {sums.entries} charges of {sums.entries_micros} in all, "
                f"but usage tells of {sums.usage} of {sums.usage_micros}, and the days of expired "
                f"requests of {sums.days} of {sums.days_micros}"
            )


def usage_fault(row: UsageRow, price: Price | None) -> str | None:
    """What is wrong with one usage row's money, if anything."""
    usage = usage_of(row)
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
