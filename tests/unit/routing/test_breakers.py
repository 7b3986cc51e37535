"""A failing upstream is left alone, and found again by exactly one probe.

The clock is handed in. "Account" is a customer's; what one of them causes closes nothing
for another.
"""

import pytest

from yiyuan.routing.breaker import ACCOUNTS_KEPT_MAX, Breakers
from yiyuan.routing.evidence import Fault

KEY = ("ch_1", "key_1", "gpt-4")
OTHER = ("ch_1", "key_2", "gpt-4")
ANN, BOB, EVE = "acc_ann", "acc_bob", "acc_eve"


def fail(breakers, count, now=0.0, *, account=ANN, probe=0, **how):
    return [breakers.failure(KEY, probe, now, account, **how) for _ in range(count)]


def opened(now=0.0):
    """Open for everybody, with nothing held against any account."""
    breakers = Breakers()
    breakers.failure(KEY, 0, now, fault=Fault.KEY)
    return breakers


def closed_to(breakers, *, now=0.5):
    accounts = (ANN, BOB, EVE)
    return {account for account in accounts if breakers.retry_seconds(KEY, now, account) > 0}


EVERYBODY = {ANN, BOB, EVE}
TRANSIENT = {"fault": Fault.UPSTREAM}
FORBIDDEN = {"fault": Fault.FORBIDDEN}
OWN = {"fault": Fault.ACCOUNT}
BUSY = {"fault": Fault.ACCOUNT, "retry_after_seconds": 20}
DOWN = {"fault": Fault.UPSTREAM, "retry_after_seconds": 20}
REFUSED = {"fault": Fault.KEY}
OK = None

CASES = {
    # name: (what happens, in order; whom the key is closed to)
    "401, 402, arrears: at once": ([(ANN, REFUSED)], EVERYBODY),
    "four failures of one": ([(ANN, TRANSIENT)] * 4, set()),
    "five failures of one": ([(ANN, TRANSIENT)] * 5, {ANN}),
    "a hundred failures of one": ([(ANN, TRANSIENT)] * 100, {ANN}),
    "five failures of three": (
        [(ANN, TRANSIENT), (BOB, TRANSIENT), (EVE, TRANSIENT), (ANN, TRANSIENT), (BOB, TRANSIENT)],
        EVERYBODY,
    ),
    "many of one and one of another": ([(ANN, TRANSIENT)] * 4 + [(BOB, TRANSIENT)], set()),
    "many of one and two of another": ([(ANN, TRANSIENT)] * 4 + [(BOB, TRANSIENT)] * 2, EVERYBODY),
    "half of ten, of two": (
        [(ANN, TRANSIENT), (BOB, TRANSIENT)]
        + [(EVE, OK)] * 5
        + [(ANN, TRANSIENT), (BOB, TRANSIENT), (ANN, TRANSIENT)],
        EVERYBODY,
    ),
    "under half of them": (
        [(EVE, OK), (EVE, OK), (EVE, OK), (ANN, TRANSIENT), (BOB, TRANSIENT)] * 2,
        set(),
    ),
    "one spoils and succeeds in turn": (
        ([(ANN, TRANSIENT)] * 4 + [(ANN, OK)]) * 5 + [(BOB, TRANSIENT)],
        set(),
    ),
    "403 of one": ([(ANN, FORBIDDEN)], {ANN}),
    "403 of two": ([(ANN, FORBIDDEN), (BOB, FORBIDDEN)], EVERYBODY),
    "403 of two, the key worked between": (
        [(ANN, FORBIDDEN), (EVE, OK), (BOB, FORBIDDEN)],
        {ANN, BOB},
    ),
    "403 of one, again and again": ([(ANN, FORBIDDEN)] * 50, {ANN}),
    "four 4xx of one": ([(ANN, OWN)] * 4, set()),
    "five 4xx of one": ([(ANN, OWN)] * 5, {ANN}),
    "4xx of two": ([(ANN, OWN), (BOB, OWN)] * 3, EVERYBODY),
    "Retry-After of one": ([(ANN, BUSY)], {ANN}),
    "Retry-After of two": ([(ANN, BUSY), (BOB, BUSY)], EVERYBODY),
    "Retry-After with a 5xx of one": ([(ANN, DOWN)], {ANN}),
    "Retry-After with a 5xx of two": ([(ANN, DOWN), (BOB, DOWN)], EVERYBODY),
    "Retry-After of one, a bare 429 of another": ([(ANN, BUSY), (BOB, OWN)], {ANN}),
}


@pytest.mark.parametrize(("steps", "closed"), CASES.values(), ids=CASES)
def test_whom_a_failure_closes_a_key_to(steps, closed):
    breakers = Breakers()
    for account, how in steps:
        if how is OK:
            breakers.success(KEY, 0, 0.0, account)
        else:
            breakers.failure(KEY, 0, 0.0, account, **how)
    assert closed_to(breakers) == closed
    assert breakers.retry_seconds(OTHER, 0.5, ANN) == 0


def test_what_was_long_ago_is_not_held_against_a_key():
    breakers = Breakers()
    for at, account in enumerate((ANN, BOB, EVE, ANN)):
        breakers.failure(KEY, 0, float(at), account)
    breakers.failure(KEY, 0, 40.0, BOB)
    assert closed_to(breakers, now=40.5) == set()


def test_five_in_a_row_of_one_account_want_a_probe_of_ours_and_only_it_closes_the_key():
    breakers = Breakers()
    assert fail(breakers, 5) == [False] * 4 + [True]
    assert closed_to(breakers) == {ANN}
    breakers.confirm(KEY, 0.2, None)
    assert closed_to(breakers) == EVERYBODY
    assert breakers.retry_seconds(KEY, 0.2, BOB) == 1
    breakers.confirm(KEY, 0.3, 30)  # it is open: a second probe changes nothing
    assert breakers.retry_seconds(KEY, 0.2, BOB) == 1


def test_a_retry_after_that_our_probe_met_is_obeyed():
    breakers = Breakers()
    fail(breakers, 5, fault=Fault.ACCOUNT)
    breakers.confirm(KEY, 0.0, 500)
    assert breakers.retry_seconds(KEY, 0.0, BOB) == 60


def test_an_account_that_keeps_provoking_backs_off_alone():
    breakers, now, waits = Breakers(), 0.0, []
    fail(breakers, 5)
    for _ in range(8):
        wait = breakers.retry_seconds(KEY, now, ANN)
        waits.append(wait)
        assert breakers.admit(KEY, now, BOB) == 0
        breakers.success(KEY, 0, now, BOB)
        now += wait
        probe = breakers.admit(KEY, now, ANN)
        assert probe
        breakers.failure(KEY, probe, now, ANN)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    now += 60
    breakers.success(KEY, breakers.admit(KEY, now, ANN), now, ANN)
    assert breakers.admit(KEY, now, ANN) == 0
    assert breakers.alone() == {}


def test_the_wait_is_what_two_accounts_were_asked_for():
    breakers = Breakers()
    breakers.failure(KEY, 0, 0.0, ANN, fault=Fault.ACCOUNT, retry_after_seconds=60)
    breakers.failure(KEY, 0, 0.0, BOB, fault=Fault.ACCOUNT, retry_after_seconds=7)
    waits = [breakers.retry_seconds(KEY, 0.0, account) for account in (ANN, BOB, EVE)]
    assert waits == [60, 7, 7]


def test_the_account_whose_probe_failed_lets_the_others_try_first():
    breakers = opened()
    probe = breakers.admit(KEY, 1.0, ANN)
    breakers.failure(KEY, probe, 1.0, ANN, fault=Fault.FORBIDDEN)
    assert breakers.retry_seconds(KEY, 1.0, BOB) == 2
    assert breakers.retry_seconds(KEY, 1.0, ANN) == 4
    probe = breakers.admit(KEY, 3.0, BOB)
    breakers.success(KEY, probe, 3.0, BOB)
    assert closed_to(breakers, now=3.0) == {ANN}


def test_half_open_admits_exactly_one_probe():
    breakers = opened()
    assert breakers.admit(KEY, 0.99, ANN) is None
    probe = breakers.admit(KEY, 1.0, ANN)
    assert probe
    assert [breakers.admit(KEY, t, BOB) for t in (1.0, 5.0, 59.0)] == [None] * 3
    breakers.success(KEY, probe, 5.0, ANN)
    assert breakers.admit(KEY, 5.0, BOB) == 0
    assert breakers.snapshot(5.0) == []


def test_failed_probes_double_the_time_up_to_a_minute():
    breakers, now, waits = opened(), 0.0, []
    for turn in range(9):
        account = f"acc_{turn}"
        wait = breakers.retry_seconds(KEY, now, account)
        waits.append(wait)
        assert breakers.admit(KEY, now + wait - 0.01, account) is None
        now += wait
        breakers.failure(KEY, breakers.admit(KEY, now, account), now, account)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_stragglers_are_not_heard_while_it_is_open():
    breakers = opened()
    for _ in range(100):
        breakers.failure(KEY, 0, 0.5)
    breakers.success(KEY, 0, 0.5)
    assert breakers.retry_seconds(KEY, 0.5) == 0.5
    probe = breakers.admit(KEY, 1.0)
    breakers.failure(KEY, 0, 1.0)
    breakers.success(KEY, 0, 1.0)
    breakers.success(KEY, probe + 1, 1.0)
    assert breakers.admit(KEY, 1.0) is None
    breakers.success(KEY, probe, 1.0)
    assert breakers.admit(KEY, 1.0) == 0


@pytest.mark.parametrize("is_reported", [True, False])
@pytest.mark.parametrize("account", [ANN, ""])
def test_a_probe_without_a_verdict_gives_its_place_back(is_reported, account):
    breakers = opened()
    probe = breakers.admit(KEY, 1.0, account)
    if is_reported:
        breakers.abandon(KEY, probe, account)
        assert breakers.retry_seconds(KEY, 1.0, account) == 0
    else:
        assert breakers.retry_seconds(KEY, 1.0, account) == 60
    later = breakers.admit(KEY, 1.0 if is_reported else 61.0, account)
    assert later
    assert later != probe
    breakers.success(KEY, probe, 61.0, account)  # too late
    assert breakers.admit(KEY, 1.0, account) is None


def test_snapshot_and_pruning():
    breakers = opened()
    breakers.failure(OTHER, 0, 0.0, ANN, fault=Fault.FORBIDDEN)
    views = {view.key_id: view for view in breakers.snapshot(0.25)}
    assert (views["key_1"].state, views["key_1"].retry_seconds) == ("open", 0.75)
    assert (views["key_2"].state, views["key_2"].failures) == ("closed", 1)
    assert {view.state for view in breakers.snapshot(2.0)} == {"half_open", "closed"}
    assert breakers.alone() == {"ch_1": 1}
    breakers.retain({OTHER}.__contains__)
    assert [view.key_id for view in breakers.snapshot(0.0)] == ["key_2"]
    breakers.retain(lambda key: False)
    assert (breakers.snapshot(0.0), breakers.alone()) == ([], {})


def test_what_is_kept_of_accounts_is_bounded():
    breakers = Breakers()
    for number in range(ACCOUNTS_KEPT_MAX + 50):
        breakers.failure((KEY[0], KEY[1], f"m{number}"), 0, 0.0, ANN, fault=Fault.FORBIDDEN)
    assert breakers.alone() == {"ch_1": ACCOUNTS_KEPT_MAX}
