"""Random operations, crashes and replays against a simple model of what should happen.

The model is a dictionary of plain numbers. The rows that the core hands over go into
a real database, whose schema refuses what may not be, and the audit (V1 to V9) runs
over it after every batch. A crash throws the core's memory away: the next core
starts from the rows, and the model from what it knew at the last batch.
"""

import copy
import sqlite3

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

from tests.ledger.support import PRICES, T0, credit, details, hold, void
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.audit import verify
from yiyuan.ledger.core import apply
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
from yiyuan.ledger.refusals import (
    AlreadyEnded,
    InsufficientFunds,
    InvalidUsage,
    LedgerError,
    NotStarted,
)
from yiyuan.pricing.price import to_json
from yiyuan.store.batch import write_batch
from yiyuan.store.ledger_reads import load_ledger
from yiyuan.store.migrate import migrate
from yiyuan.store.rows import EntryRow

ACCOUNTS = ("acct_a", "acct_b")
BUDGETS = ("tok_a", "tok_b")

# Either an amount, or how far above or below what is available at that moment.
amounts = st.one_of(st.integers(0, 400), st.tuples(st.sampled_from([-1, 0, 0, 1])))
counts = st.integers(0, 120)


class StoppedClock:
    """Recovery asks for the time."""

    def wall_ms(self):
        return T0 + 99

    def monotonic(self):
        return 0.0


def open_store() -> sqlite3.Connection:
    store = sqlite3.connect(":memory:", isolation_level=None)
    migrate(store)
    for price in PRICES.values():
        row = (price.id, price.model, to_json(price), T0)
        store.execute("INSERT INTO prices VALUES (?, ?, ?, ?)", row)
    return store


class Books(RuleBasedStateMachine):
    """The core, its rows, and the model."""

    requests = Bundle("requests")
    ended = Bundle("ended")

    @initialize(
        balances=st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)),
        limit=st.one_of(st.none(), st.integers(0, 500)),
    )
    def begin(self, balances, limit):
        self.store = open_store()
        self.state, _ = restore_state(load_ledger(self.store), StoppedClock())
        self.model = {
            "posted": {},
            "held": {},
            "suspended": set(),
            "budgets": {name: [None, 0, 0] for name in BUDGETS},  # limit, spent, held
            "holds": {},
            "came_in": 0,
        }
        self.number = 0
        for account, balance in zip(ACCOUNTS, balances, strict=True):
            apply(self.state, OpenAccount(account, account, T0, grant_micros=balance))
            self.model["posted"][account] = balance
            self.model["held"][account] = 0
            self.model["came_in"] += balance
        for name in BUDGETS:
            apply(self.state, SetBudget(name, name, limit))
            self.model["budgets"][name][0] = limit
        self.store_batch()

    # ------------------------------------------------------------ requests

    @rule(
        target=requests,
        account=st.sampled_from(ACCOUNTS),
        amount=amounts,
        budget_ids=st.lists(st.sampled_from(BUDGETS), unique=True).map(tuple),
        price=st.sampled_from(sorted(PRICES)),
        factor=st.sampled_from([1_000_000, 0, 333_333, 1_500_000]),
        hour=st.integers(0, 23),
        concurrency=st.sampled_from([None, None, 1, 3]),
    )
    def hold(self, account, amount, budget_ids, price, factor, hour, concurrency):
        self.number += 1
        name = f"ex_{self.number}"
        if isinstance(amount, tuple):
            amount = max(0, self.available(account, budget_ids) + amount[0])
        operation = hold(
            name,
            account,
            amount,
            budget_ids=budget_ids,
            price=PRICES[price],
            price_factor_ppm=factor,
            opened_at=T0 + hour * 3_600_000,
            deadline=T0 + 10**9,
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
        for budget_id in budget_ids:
            self.model["budgets"][budget_id][2] += amount
        self.model["holds"][name] = {"op": operation, "started": None, "progress": 0, "kept": False}
        return name

    def available(self, account, budget_ids):
        budgets = [self.model["budgets"][budget_id] for budget_id in budget_ids]
        return min(
            self.model["posted"][account] - self.model["held"][account],
            *(most - spent - held for most, spent, held in budgets if most is not None),
            10**9,
        )

    def expected_refusal(self, operation):
        model, account = self.model, operation.account_id
        if account in model["suspended"]:
            return "suspended"
        limit = operation.account_concurrency
        is_open = [h for h in model["holds"].values() if h["op"].account_id == account]
        if limit is not None and len(is_open) >= limit:
            return "concurrency"
        for budget_id in operation.budget_ids:
            most, spent, held = model["budgets"][budget_id]
            if most is not None and spent + held + operation.amount_micros > most:
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
        elif not usage.is_consistent():
            assert isinstance(answer, InvalidUsage)
            assert isinstance(apply(self.state, void(name)), Settled)
            self.end(name, 0)
        else:
            charge, cost = self.end(name, self.cost(name, usage))
            assert answer[:2] == (charge, cost - charge)
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
        operation = self.model["holds"].pop(name)["op"]
        charge = min(cost, operation.amount_micros)
        self.model["held"][operation.account_id] -= operation.amount_micros
        self.model["posted"][operation.account_id] -= charge
        self.model["came_in"] -= charge
        for budget_id in operation.budget_ids:
            self.model["budgets"][budget_id][1] += charge
            self.model["budgets"][budget_id][2] -= operation.amount_micros
        return charge, cost

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

    @rule(name=st.sampled_from(BUDGETS), limit=st.one_of(st.none(), st.integers(0, 600)))
    def set_budget(self, name, limit):
        apply(self.state, SetBudget(name, name, limit))
        self.model["budgets"][name][0] = limit

    @rule(data=st.data())
    def refund(self, data):
        query = f"""SELECT {", ".join(EntryRow._fields)} FROM entries
            WHERE kind IN ('charge', 'recovered') AND 'refund:' || request_id
            NOT IN (SELECT idem_key FROM entries WHERE idem_key IS NOT NULL)"""
        charges = [EntryRow(*row) for row in self.store.execute(query)]
        if charges:
            charge = data.draw(st.sampled_from(charges))
            apply(self.state, Reverse(charge, "operator", "", T0))
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
        result = verify(self.store, now_ms=T0)
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
        for name, (limit, spent, held) in self.model["budgets"].items():
            budget = self.state.budgets[name]
            assert (budget.limit, budget.spent, budget.held) == (limit, spent, held)
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
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAnySequenceKeepsTheBooks = Books.TestCase
