"""Random operations, crashes and replays against a simple model of what should happen.

The model is a dictionary of plain numbers. The rows that the core hands over go into
a real database, whose schema refuses what may not be, and the audit (V1 to V9) runs
over it after every batch. A crash throws the core's memory away: the next core
starts from the rows, and the model from what it knew at the last batch.
"""

import copy
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from tests.support.ledger.sqlite import PRICES, T0, credit, details, hold, void
from tests.support.ledger.switching import Switching
from yiyuan.kernel.clock import parse_time
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.errors import (
    AlreadyEnded,
    InsufficientFunds,
    InvalidUsage,
    LedgerError,
    NotStarted,
)
from yiyuan.ledger.operations import (
    Held,
    Keep,
    OpenAccount,
    Progress,
    Recover,
    Refused,
    Resume,
    Reverse,
    SetBudget,
    Settle,
    Settled,
    Start,
    Suspend,
)
from yiyuan.ledger.recovery import restore_state
from yiyuan.ledger.rules.apply import apply
from yiyuan.ledger.verify.verify import verify
from yiyuan.pricing.price import to_json
from yiyuan.store.queries.ledger import load_ledger
from yiyuan.store.sqlite.batch import write_batch
from yiyuan.store.sqlite.migrate import migrate
from yiyuan.store.tables.ledger import EntryRow

ACCOUNTS = ("acct_a", "acct_b")
# Token, period, and the only model that counts.
BUDGETS = {
    "tok_a": ("tok_a", "total", None),
    "tok_a/day": ("tok_a", "day", None),
    "tok_a/month/m": ("tok_a", "month", "m"),
    "tok_b": ("tok_b", "total", None),
    "tok_b/day/n": ("tok_b", "day", "n"),
}
START = parse_time("2026-09-30T22:00:00")
LATE_MS = 20 * 60_000

# Either an amount, or how far above or below what is available at that moment.
amounts = st.one_of(st.integers(0, 400), st.tuples(st.sampled_from([-1, 0, 0, 1])))
counts = st.integers(0, 120)


class StoppedClock:
    """Recovery asks for the time."""

    def wall_ms(self):
        return START + 99

    def monotonic(self):
        return 0.0


def period_of(name, at):
    """Day or month in UTC, in a form that grows; the same for all times in total."""
    moment, period = datetime.fromtimestamp(at / 1000, UTC), BUDGETS[name][1]
    return {"total": (), "month": (moment.year, moment.month), "day": moment.date()}[period]


def first_moment(name, at):
    """When its period began that `at` is in."""
    moment = datetime.fromtimestamp(at / 1000, UTC)
    moment = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    if BUDGETS[name][1] == "month":
        moment = moment.replace(day=1)
    return round(moment.timestamp() * 1000)


@cache
def empty_store() -> bytes:
    """A database of today's schema with the prices: made once, as migrating takes its time."""
    store = sqlite3.connect(":memory:", isolation_level=None)
    migrate(store)
    for price in PRICES.values():
        row = (price.id, price.model, to_json(price), T0)
        store.execute("INSERT INTO prices VALUES (?, ?, ?, ?)", row)
    with closing(store):
        return store.serialize()


def open_store() -> sqlite3.Connection:
    store = sqlite3.connect(":memory:", isolation_level=None)
    store.deserialize(empty_store())
    store.execute("PRAGMA foreign_keys = ON")
    return store


class Books(Switching, RuleBasedStateMachine):
    """The core, its rows, and the model."""

    first_moment = staticmethod(first_moment)
    requests = Bundle("requests")
    ended = Bundle("ended")

    @initialize(
        balances=st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)),
        limit=st.integers(0, 900),
    )
    def begin(self, balances, limit):
        self.store = open_store()
        self.state, _ = restore_state(load_ledger(self.store), StoppedClock())
        self.model = {
            "posted": {},
            "held": {},
            "suspended": set(),
            "budgets": {
                name: {"limit": limit, "spent": 0, "held": 0, "since": START} for name in BUDGETS
            },
            "holds": {},
            "came_in": 0,
        }
        self.number, self.now = 0, START
        for account, balance in zip(ACCOUNTS, balances, strict=True):
            apply(self.state, OpenAccount(account, account, T0, grant_micros=balance))
            self.model["posted"][account] = balance
            self.model["held"][account] = 0
            self.model["came_in"] += balance
        for name, (owner, period, model) in BUDGETS.items():
            apply(self.state, SetBudget(name, owner, limit, START, period, model))
        self.store_batch()

    @rule(
        by=st.sampled_from([1, 1_000, 50 * 60_000, 7 * 3_600_000, 20 * 86_400_000]),
        is_to_midnight=st.booleans(),
    )
    def time_passes(self, by, is_to_midnight):
        self.now += by
        if is_to_midnight:
            self.now += 86_400_000 - self.now % 86_400_000 - 1

    # ------------------------------------------------------------ requests

    @rule(
        target=requests,
        account=st.sampled_from(ACCOUNTS),
        amount=amounts,
        owner=st.sampled_from(["tok_a", "tok_a", "tok_b", "tok_none"]),
        model=st.sampled_from(["m", "n"]),
        price=st.sampled_from(sorted(PRICES)),
        factor=st.sampled_from([1_000_000, 0, 333_333, 1_500_000]),
        late=st.sampled_from([0, 0, 1, LATE_MS]),
        concurrency=st.sampled_from([None, None, 1, 3]),
    )
    def hold(self, account, amount, owner, model, price, factor, late, concurrency):
        self.number += 1
        name, at = f"ex_{self.number}", self.now - late  # of a node whose clock is behind
        budget_ids = tuple(
            name
            for name in self.budgets_counting(owner, model)
            if self.model["budgets"][name]["limit"] is not None
        )
        if isinstance(amount, tuple):
            amount = max(0, self.available(account, budget_ids, at) + amount[0])
        operation = hold(
            name,
            account,
            amount,
            api_token_id=owner,
            budget_ids=budget_ids,
            model=model,
            price=PRICES[price],
            price_factor_ppm=factor,
            opened_at=at,
            deadline=at + 10**12,
            account_concurrency=concurrency,
        )
        answer = apply(self.state, operation)
        expected = self.expected_refusal(operation)
        if expected is not None:
            assert isinstance(answer, Refused)
            assert answer.which == expected
            return multiple()
        assert isinstance(answer, Held)
        self.model["held"][account] += amount
        counted = {}
        for budget_id in budget_ids:
            budget = self.model["budgets"][budget_id]
            if self.is_over(budget_id, at):
                budget.update(spent=0, held=0, since=first_moment(budget_id, at))
            budget["held"] += amount
            counted[budget_id] = budget["since"]
        self.model["holds"][name] = {
            "op": operation,
            "started": None,
            "progress": 0,
            "kept": False,
            "counted": counted,
        }
        return name

    def budgets_counting(self, owner, model):
        return [
            name
            for name, (of_token, _, only) in BUDGETS.items()
            if of_token == owner and only in (None, model)
        ]

    def is_over(self, budget_id, at):
        since = self.model["budgets"][budget_id]["since"]
        return period_of(budget_id, at) > period_of(budget_id, since)

    def left(self, budget_id, at):
        budget = self.model["budgets"][budget_id]
        if self.is_over(budget_id, at):
            return budget["limit"]
        return budget["limit"] - budget["spent"] - budget["held"]

    def available(self, account, budget_ids, at):
        return min(
            self.model["posted"][account] - self.model["held"][account],
            *(self.left(budget_id, at) for budget_id in budget_ids),
            10**9,
        )

    def expected_refusal(self, operation):
        model, account = self.model, operation.account_id
        if account in model["suspended"]:
            return "suspended"
        limit = operation.account_concurrency
        is_open = [
            h
            for h in model["holds"].values()
            if (h["op"].account_id, h["op"].model) == (account, operation.model)
        ]
        if limit is not None and len(is_open) >= limit:
            return "concurrency"
        lefts = [self.left(budget_id, operation.opened_at) for budget_id in operation.budget_ids]
        if operation.amount_micros > min(lefts, default=10**9):
            return "budget"
        if model["posted"][account] - model["held"][account] < operation.amount_micros:
            return "balance"
        return None

    @rule(name=requests, input_tokens=st.integers(0, 2_000))
    def start(self, name, input_tokens):
        answer = apply(self.state, Start(name, input_tokens))
        if opened := self.model["holds"].get(name):
            opened["started"] = min(input_tokens, opened["op"].input_bound)
            opened["kept"] = True
        else:
            assert isinstance(answer, AlreadyEnded)

    @rule(name=requests, output_tokens=counts)
    def progress(self, name, output_tokens):
        answer = apply(self.state, Progress(name, output_tokens))
        opened = self.model["holds"].get(name)
        if opened is None:
            assert isinstance(answer, AlreadyEnded)
        elif opened["started"] is None:
            assert isinstance(answer, NotStarted)
        else:
            opened["progress"] = max(opened["progress"], output_tokens)

    @rule(name=requests)
    def keep(self, name):
        apply(self.state, Keep(name))
        if opened := self.model["holds"].get(name):
            opened["kept"] = True

    @rule(
        target=ended,
        name=consumes(requests),
        usage=st.builds(Usage, counts, counts, st.integers(0, 20), st.integers(0, 20)),
    )
    def settle(self, name, usage):
        operation = Settle(name, usage, "upstream", "completed", details())
        answer = apply(self.state, operation)
        if name not in self.model["holds"]:
            assert isinstance(answer, AlreadyEnded)
        elif not usage.is_possible():
            assert isinstance(answer, InvalidUsage)
            assert isinstance(apply(self.state, void(name)), Settled)
            self.end(name, 0)
        else:
            charge, cost = self.end(name, self.cost(name, usage))
            assert (answer.charge_micros, answer.shortfall_micros) == (charge, cost - charge)
        return name

    @rule(target=ended, name=consumes(requests))
    def void(self, name):
        answer = apply(self.state, void(name))
        if name in self.model["holds"]:
            assert answer.charge_micros == 0
            self.end(name, 0)
        else:
            assert isinstance(answer, AlreadyEnded)
        return name

    @rule(name=ended, again=st.sampled_from(["settle", "void", "recover", "start"]))
    def replay(self, name, again):
        operation = {
            "settle": Settle(name, Usage(5, 5), "upstream", "completed", details()),
            "void": void(name),
            "recover": Recover(name, T0),
            "start": Start(name, 5),
        }[again]
        assert isinstance(apply(self.state, operation), AlreadyEnded)

    def cost(self, name, usage):
        operation = self.model["holds"][name]["op"]
        return operation.price.charge_micros(
            usage, factor_ppm=operation.price_factor_ppm, admitted_ms=operation.opened_at
        )

    def end(self, name, cost):
        ended = self.model["holds"].pop(name)
        operation = ended["op"]
        charge = min(cost, operation.amount_micros)
        self.model["held"][operation.account_id] -= operation.amount_micros
        self.model["posted"][operation.account_id] -= charge
        self.model["came_in"] -= charge
        for budget_id, since in ended["counted"].items():
            budget = self.model["budgets"][budget_id]
            if budget["since"] == since:
                budget["spent"] += charge
                budget["held"] -= operation.amount_micros
        return charge, cost

    @rule(
        account=st.sampled_from(ACCOUNTS),
        owner=st.sampled_from(["tok_a", "tok_b"]),
        amounts=st.tuples(st.integers(1, 120), st.integers(1, 120)),
        ends=st.tuples(st.booleans(), st.booleans(), st.booleans()),
        model=st.sampled_from(["m", "n"]),
    )
    def a_period_ends(self, account, owner, amounts, ends, model):
        """One request is held before it and one after it; then they end, or are refunded."""
        fields = {"price": "price_a", "factor": 1_000_000, "late": 0, "concurrency": None}
        self.time_passes(by=0, is_to_midnight=True)
        names = [self.hold(account, amounts[0], owner, model, **fields)]
        if ends[0] and isinstance(names[0], str):
            self.keep(names[0])
        self.now += 1
        names.append(self.hold(account, amounts[1], owner, model, **fields))
        for name in names:
            if isinstance(name, str):
                self.settle(name, Usage(9, 9))
        if ends[1]:
            self.store_batch()
            for charge in self.charges():
                if charge.request_id == names[ends[2]]:
                    self.give_back(charge)

    # ------------------------------------------------------------ postings

    @rule(account=st.sampled_from(ACCOUNTS), amount=st.integers(-500, 500).filter(bool))
    def credit(self, account, amount):
        available = self.model["posted"][account] - self.model["held"][account]
        answer = apply(self.state, credit(amount, account))
        if amount < -available:
            assert isinstance(answer, InsufficientFunds)
            assert answer.available_micros == available
        else:
            self.model["posted"][account] += amount
            self.model["came_in"] += amount
            assert answer.balance_after == self.model["posted"][account]

    @rule(account=st.sampled_from(ACCOUNTS), is_suspended=st.booleans())
    def suspend(self, account, is_suspended):
        apply(self.state, Suspend(account, T0) if is_suspended else Resume(account))
        change = self.model["suspended"].add if is_suspended else self.model["suspended"].discard
        change(account)

    @rule(name=st.sampled_from(sorted(BUDGETS)), limit=st.one_of(st.none(), st.integers(0, 900)))
    def set_budget(self, name, limit):
        owner, period, model = BUDGETS[name]
        apply(self.state, SetBudget(name, owner, limit, self.now, period, model))
        budget = self.model["budgets"][name]
        if budget["limit"] is None and limit is not None:
            budget.update(spent=0, held=0, since=max(self.now, budget["since"] + 1))
        budget["limit"] = limit

    @rule(data=st.data())
    def refund(self, data):
        if charges := self.charges():
            self.give_back(data.draw(st.sampled_from(charges)))

    def charges(self):
        """What is stored and not given back."""
        query = f"""SELECT {", ".join(EntryRow._fields)} FROM entries
            WHERE kind IN ('charge', 'recovered') AND 'refund:' || request_id
            NOT IN (SELECT idem_key FROM entries WHERE idem_key IS NOT NULL)"""
        return [EntryRow(*row) for row in self.store.execute(query)]

    def give_back(self, charge):
        query = "SELECT counted FROM usage WHERE request_id = ?"
        (noted,) = self.store.execute(query, (charge.request_id,)).fetchone()
        counted = tuple(json.loads(noted or "{}").items())
        apply(self.state, Reverse(charge, "operator", "", self.now, counted))
        for name, since in counted:
            budget = self.model["budgets"][name]
            if since == budget["since"]:
                budget["spent"] = max(0, budget["spent"] + charge.amount)
        self.model["posted"][charge.account_id] -= charge.amount
        self.model["came_in"] -= charge.amount
        self.store_batch()  # so that the next look does not find it again

    # ------------------------------------------------------------ the store

    @rule()
    def store_batch(self):
        self.store.execute("BEGIN")
        write_batch(self.store, self.state.take_batch())
        self.store.execute("COMMIT")
        self.known = copy.deepcopy(self.model)
        result = verify(self.store, now_ms=self.now, full=True)
        assert result["ok"], result["problems"]

    @rule()
    def crash(self):
        """Memory is gone; what is stored decides."""
        self.state, recovered = restore_state(load_ledger(self.store), StoppedClock())
        self.model = copy.deepcopy(self.known)
        charged = 0
        for name, opened in list(self.model["holds"].items()):
            if not opened["kept"]:
                # Never stored: as if it had never been.
                self.end(name, 0)
            elif opened["started"] is None:
                self.end(name, 0)
            else:
                usage = Usage(opened["started"], opened["progress"])
                charged += self.end(name, self.cost(name, usage))[0]
        assert recovered.charge_micros == charged
        self.store_batch()

    # ------------------------------------------------------------ always

    @invariant()
    def the_core_agrees_with_the_model(self):
        if not hasattr(self, "model"):
            return
        for account_id, posted in self.model["posted"].items():
            account = self.state.accounts[account_id]
            assert account.posted == posted
            assert account.held == self.model["held"][account_id]
            assert account.is_sound()
        for name, expected in self.model["budgets"].items():
            budget = self.state.budgets[name]
            found = {"limit": budget.limit, "spent": budget.spent, "held": budget.held}
            assert {**found, "since": budget.counted_since} == expected
        assert self.state.holds.keys() == self.model["holds"].keys()
        assert sum(self.model["posted"].values()) == self.model["came_in"]

    def teardown(self):
        if hasattr(self, "store"):
            for name in list(self.model["holds"]):
                answer = apply(self.state, void(name))
                assert not isinstance(answer, LedgerError)
            self.store_batch()
            self.store.close()


Books.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
)
TestAnySequenceKeepsTheBooks = Books.TestCase
