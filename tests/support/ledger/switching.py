"""Rules of a state machine: another model takes an open request over, or may not."""

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, rule
from msgspec.structs import replace

from tests.support.ledger.sqlite import PRICES
from yiyuan.ledger.errors import AlreadyEnded, AlreadyStarted
from yiyuan.ledger.operations import DONE, Refused, Switch
from yiyuan.ledger.rules.apply import apply


class Switching:
    """What the machine's own model of the books says of it."""

    @rule(
        name=Bundle("requests"),
        owner=st.sampled_from(["tok_a", "tok_b", "tok_none"]),
        model=st.sampled_from(["m", "n"]),
        price=st.sampled_from(sorted(PRICES)),
        concurrency=st.sampled_from([None, None, 1, 3]),
    )
    def switch(self, name, owner, model, price, concurrency):
        budget_ids = tuple(
            each
            for each in self.budgets_counting(owner, model)
            if self.model["budgets"][each]["limit"] is not None
        )
        asked = Switch(name, model, PRICES[price], 750_000, 600, 900, budget_ids, concurrency)
        answer = apply(self.state, asked)
        opened = self.model["holds"].get(name)
        if opened is None:
            assert isinstance(answer, AlreadyEnded)
        elif opened["started"] is not None:
            assert isinstance(answer, AlreadyStarted)
        elif (expected := self.refused_switch(opened, asked)) is not None:
            assert isinstance(answer, Refused)
            assert answer.which == expected
        else:
            assert answer == DONE
            self.take_over(opened, asked)

    def refused_switch(self, opened, asked):
        before = opened["op"]
        is_open = [
            h
            for h in self.model["holds"].values()
            if (h["op"].account_id, h["op"].model) == (before.account_id, asked.model)
        ]
        limit = asked.account_concurrency
        if limit is not None and asked.model != before.model and len(is_open) >= limit:
            return "concurrency"
        joined = [each for each in asked.budget_ids if each not in opened["counted"]]
        lefts = [self.left(each, before.opened_at) for each in joined]
        return "budget" if before.amount_micros > min(lefts, default=10**9) else None

    def take_over(self, opened, asked):
        before, counted = opened["op"], {}
        for each, since in opened["counted"].items():
            budget = self.model["budgets"][each]
            if each not in asked.budget_ids and budget["since"] == since:
                budget["held"] -= before.amount_micros
        for each in asked.budget_ids:
            budget = self.model["budgets"][each]
            if each in opened["counted"]:
                counted[each] = opened["counted"][each]
                continue
            if self.is_over(each, before.opened_at):
                since = self.first_moment(each, before.opened_at)
                budget.update(spent=0, held=0, since=since)
            budget["held"] += before.amount_micros
            counted[each] = budget["since"]
        opened["counted"] = counted
        opened["op"] = replace(
            before,
            model=asked.model,
            price=asked.price,
            price_factor_ppm=asked.price_factor_ppm,
            input_bound=asked.input_bound,
            output_bound=asked.output_bound,
            budget_ids=asked.budget_ids,
        )
