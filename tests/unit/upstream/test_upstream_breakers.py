"""A failing upstream is left alone, and found again by exactly one probe."""

import pytest

from yiyuan.upstream.breaker import Breakers

KEY = ("ch_1", "key_1", "gpt-4")
OTHER = ("ch_1", "key_2", "gpt-4")


def opened(now=0.0):
    breakers = Breakers()
    for _ in range(5):
        breakers.failure(KEY, 0, now)
    return breakers


def test_five_failures_in_a_row_open_it_and_a_success_between_starts_over():
    breakers = Breakers()
    for _ in range(4):
        breakers.failure(KEY, 0, 0.0)
    breakers.success(KEY, 0)
    for _ in range(4):
        breakers.failure(KEY, 0, 0.0)
    assert breakers.admit(KEY, 0.0) == 0
    breakers.failure(KEY, 0, 0.0)
    assert breakers.admit(KEY, 0.0) is None
    assert breakers.admit(OTHER, 0.0) == 0


def test_half_open_admits_exactly_one_probe():
    breakers = opened()
    assert breakers.admit(KEY, 0.99) is None
    probe = breakers.admit(KEY, 1.0)
    assert probe
    assert [breakers.admit(KEY, t) for t in (1.0, 5.0, 59.0)] == [None] * 3
    breakers.success(KEY, probe)
    assert breakers.admit(KEY, 5.0) == 0
    assert breakers.snapshot(5.0) == []


def test_failed_probes_double_the_time_up_to_a_minute():
    breakers, now, waits = opened(), 0.0, []
    for _ in range(9):
        wait = breakers.retry_seconds(KEY, now)
        waits.append(wait)
        assert breakers.admit(KEY, now + wait - 0.01) is None
        now += wait
        breakers.failure(KEY, breakers.admit(KEY, now), now)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_stragglers_are_not_heard_while_it_is_open():
    breakers = opened()
    for _ in range(100):
        breakers.failure(KEY, 0, 0.5)
    breakers.success(KEY, 0)
    assert breakers.retry_seconds(KEY, 0.5) == 0.5
    probe = breakers.admit(KEY, 1.0)
    breakers.failure(KEY, 0, 1.0)
    breakers.success(KEY, 0)
    breakers.success(KEY, probe + 1)
    assert breakers.admit(KEY, 1.0) is None
    breakers.success(KEY, probe)
    assert breakers.admit(KEY, 1.0) == 0


def test_retry_after_opens_at_once_and_is_capped():
    breakers = Breakers()
    breakers.failure(KEY, 0, 0.0, retry_after_seconds=20)
    assert breakers.retry_seconds(KEY, 0.0) == 20
    breakers.failure(KEY, 0, 1.0, retry_after_seconds=500)
    assert breakers.retry_seconds(KEY, 1.0) == 60
    probe = breakers.admit(KEY, 61.0)
    breakers.failure(KEY, probe, 61.0, retry_after_seconds=0)
    assert breakers.retry_seconds(KEY, 61.0) == 40  # doubled from 20


def test_a_refused_key_opens_at_once():
    breakers = Breakers()
    breakers.failure(KEY, 0, 0.0, open_at_once=True)
    assert breakers.admit(KEY, 0.5) is None
    assert breakers.admit(OTHER, 0.5) == 0
    assert breakers.admit(KEY, 1.0)


@pytest.mark.parametrize("is_reported", [True, False])
def test_a_probe_without_a_verdict_gives_its_place_back(is_reported):
    breakers = opened()
    probe = breakers.admit(KEY, 1.0)
    if is_reported:
        breakers.abandon(KEY, probe)
        assert breakers.retry_seconds(KEY, 1.0) == 0
    else:
        assert breakers.retry_seconds(KEY, 1.0) == 60
    later = breakers.admit(KEY, 1.0 if is_reported else 61.0)
    assert later
    assert later != probe
    breakers.success(KEY, probe)  # too late
    assert breakers.admit(KEY, 1.0) is None


def test_snapshot_and_pruning():
    breakers = opened()
    breakers.failure(OTHER, 0, 0.0)
    views = {view.key_id: view for view in breakers.snapshot(0.25)}
    assert (views["key_1"].state, views["key_1"].retry_seconds) == ("open", 0.75)
    assert (views["key_2"].state, views["key_2"].failures) == ("closed", 1)
    assert {view.state for view in breakers.snapshot(2.0)} == {"half_open", "closed"}
    breakers.retain({OTHER}.__contains__)
    assert [view.key_id for view in breakers.snapshot(0.0)] == ["key_2"]
