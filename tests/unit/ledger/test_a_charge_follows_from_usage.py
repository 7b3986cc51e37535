"""The core computes the charge itself, from the price that the hold was made with."""

import pytest

from tests.support.ledger.sqlite import HOUR_MS, RICH_PRICE, T0, details, hold, settle, state_with
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.kernel.usage import REQUEST_TOKENS_MAX, Usage
from yiyuan.ledger.errors import InvalidUsage
from yiyuan.ledger.operations import Attempt, Settled
from yiyuan.ledger.rules.apply import apply
from yiyuan.pricing.price import parse_price


def test_the_charge_is_never_more_than_the_hold_and_the_rest_is_a_shortfall():
    state = state_with(balance=1_000)
    apply(state, hold(amount=100))
    assert apply(state, settle(input_tokens=150, output_tokens=50)) == Settled(100, 150, 900)
    row = state.take_batch().usage[0]
    assert (row.charge, row.shortfall, row.hold_amount) == (100, 150, 100)


def test_a_settlement_never_fails_for_want_of_money():
    state = state_with(balance=100)
    apply(state, hold("ex_1", amount=60))
    apply(state, hold("ex_2", amount=40))
    assert apply(state, settle("ex_1", 10_000, 0)) == Settled(60, 9_940, 40)
    assert apply(state, settle("ex_2", 10_000, 0)) == Settled(40, 9_960, 0)


def test_price_factor_and_hours_are_those_of_the_admission():
    state = state_with(balance=10_000)
    usage = Usage(40, 10, cached_input_tokens=20)
    evening = T0 - T0 % 86_400_000 + 17 * HOUR_MS
    apply(
        state,
        hold(amount=5_000, price=RICH_PRICE, price_factor_ppm=500_000, opened_at=evening),
    )
    # 20 × 1.5 + 20 × 0.3 + 10 × 7.5 + 7 per request, halved, rounded up once.
    assert apply(state, settle(usage=usage)).charge_micros == 59


@pytest.mark.parametrize(
    "usage",
    [
        Usage(-1, 0),
        Usage(0, -1),
        Usage(10, 0, cached_input_tokens=11),
        Usage(10, 0, cached_input_tokens=6, cache_write_tokens=5),
        Usage(10, 5, reasoning_tokens=-1),
        Usage(REQUEST_TOKENS_MAX + 1, 0),
        Usage(1.5, 0),
        Usage(True, 0),
    ],
    ids=str,
)
def test_usage_that_cannot_be_is_refused_and_leaves_the_hold_open(usage):
    state = state_with(balance=1_000)
    apply(state, hold(amount=100))
    assert isinstance(apply(state, settle(usage=usage)), InvalidUsage)
    assert not state.has_changes
    assert apply(state, settle()) == Settled(20, 0, 980)


def test_without_usage_nothing_is_charged_not_even_the_price_per_request():
    state = state_with()
    apply(state, hold(amount=100, price=RICH_PRICE))
    assert isinstance(apply(state, settle(source="none")), InvalidUsage)
    answer = apply(state, settle(usage=Usage(), source="none", outcome="empty"))
    assert answer == Settled(0, 0, 1_000)


def test_absurd_costs_still_fit_a_row():
    dear = parse_price({"input": "999999999", "output": "1"}, price_id="p", model="m")
    state = state_with()
    apply(state, hold(amount=100, price=dear))
    extras = details(
        upstream_cost_micros=10**30,
        attempts=[Attempt("ch", None, "ok", upstream_cost_micros=10**30)],
    )
    answer = apply(state, settle(usage=Usage(REQUEST_TOKENS_MAX, 0), details=extras))
    batch = state.take_batch()
    assert answer.charge_micros == 100
    assert answer.charge_micros + answer.shortfall_micros == MICROS_MAX
    assert batch.usage[0].upstream_cost == batch.attempts[0].upstream_cost == MICROS_MAX


def test_texts_from_elsewhere_are_made_storable():
    state = state_with()
    apply(state, hold())
    extras = details(client_request_id="\ud800a\0b" + "x" * 600, upstream_request_id="好" * 600)
    apply(state, settle(details=extras))
    row = state.take_batch().usage[0]
    row.client_request_id.encode()
    assert row.client_request_id.startswith("?ab")
    assert len(row.upstream_request_id) == 500


def test_everything_known_about_a_request_is_written_down():
    state = state_with()
    apply(state, hold(api_token_id="tok_9", opened_at=T0 + 1))
    tries = [
        Attempt("ch_1", "key_1", "timeout", ms=900),
        Attempt("ch_2", None, "completed", 200, "req_up", 12, 300),
    ]
    extras = details(
        channel_id="ch_2",
        upstream_model="gpt-4.1",
        streamed=True,
        first_byte_ms=950,
        total_ms=1_200,
        client_request_id="mine",
        upstream_request_id="req_up",
        upstream_cost_micros=12,
        attempts=tries,
        ended_at=T0 + 1_201,
    )
    apply(state, settle(usage=Usage(10, 5, 1, 2, 3, 4), details=extras))
    batch = state.take_batch()
    row = batch.usage[0]
    assert (row.request_id, row.account_id, row.api_token_id) == ("ex_1", "acct_a", "tok_9")
    assert (row.model, row.endpoint, row.channel_id) == ("m", "chat", "ch_2")
    assert (row.upstream_model, row.price_id, row.price_factor_ppm) == (
        "gpt-4.1",
        "price_a",
        1_000_000,
    )
    assert row[9:15] == (10, 1, 2, 3, 5, 4)
    assert (row.source, row.outcome, row.status) == ("upstream", "completed", 200)
    assert (row.upstream_cost, row.streamed, row.first_byte_ms, row.total_ms) == (12, 1, 950, 1_200)
    assert (row.attempts, row.client_request_id, row.upstream_request_id) == (2, "mine", "req_up")
    assert (row.admitted_at, row.ended_at) == (T0 + 1, T0 + 1_201)
    assert batch.attempts == [
        ("ex_1", 1, "ch_1", "key_1", "timeout", None, None, None, 900),
        ("ex_1", 2, "ch_2", None, "completed", 200, "req_up", 12, 300),
    ]
    entry = batch.entries[0]
    assert (entry.kind, entry.amount, entry.balance_after) == ("charge", -20, 980)
    assert (entry.request_id, entry.contra, entry.seq, entry.id) == (
        "ex_1",
        "revenue",
        2,
        "ent_a_2",
    )
