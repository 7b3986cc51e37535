"""What a limiter promises, of both engines: in memory and in Valkey."""

import random

import pytest

from yiyuan.ratelimit.window import Allowed, Limited, State, Window


async def flood(limiter, key, limit, tries):
    """How many of `tries` requests at this moment are admitted."""
    results = [await limiter.admit([Window(key, limit)]) for _ in range(tries)]
    return sum(isinstance(result, Allowed) for result in results)


async def test_a_burst_of_the_whole_limit_is_admitted_and_no_more(limiter, clock, slack):
    assert await flood(limiter, "a", 500, 600) == 500
    clock.now += 59.999
    assert await flood(limiter, "a", 500, 10) == 0
    clock.now = 1060.0 + slack
    assert await flood(limiter, "a", 500, 600) == 500


async def test_there_is_no_double_burst_around_a_boundary(limiter, clock):
    clock.now = 1059.0
    assert await flood(limiter, "a", 100, 100) == 100
    clock.now = 1061.0
    assert await flood(limiter, "a", 100, 100) == 0


async def test_keys_do_not_share(limiter):
    for key in ("a", "b", "acct_1 模型/x:y {z}"):
        assert await flood(limiter, key, 2, 5) == 2


async def test_tells_limit_remaining_and_reset(limiter, clock):
    first = await limiter.admit([Window("a", 3)])
    assert (first.limit, first.remaining, first.reset_seconds) == (3, 2, 60.0)
    assert first.tokens is None
    clock.now += 10
    await limiter.admit([Window("a", 3)])
    await limiter.admit([Window("a", 3)])
    clock.now += 20
    refused = await limiter.admit([Window("a", 3)])
    assert isinstance(refused, Limited)
    assert (refused.window, refused.limit, refused.remaining) == (0, 3, 0)
    assert refused.retry_seconds == pytest.approx(30.0, abs=0.002)
    assert refused.reset_seconds == pytest.approx(40.0, abs=0.002)


async def test_a_retry_time_is_true(limiter, clock):
    pick = random.Random(3)
    for _ in range(200):
        clock.now += pick.random() * 7.3
        result = await limiter.admit([Window("a", 5)])
        if isinstance(result, Limited):
            assert 0 < result.retry_seconds <= 60.001
            at = clock.now
            clock.now = at + result.retry_seconds - 0.003
            assert isinstance(await limiter.peek([Window("a", 5)]), Limited)
            clock.now = at + result.retry_seconds + 0.001
            assert isinstance(await limiter.admit([Window("a", 5)]), Allowed)


async def test_all_windows_or_none(limiter):
    both = [Window("account", 10), Window("token", 2)]
    assert isinstance(await limiter.admit(both), Allowed)
    admitted = await limiter.admit(both)
    assert (admitted.limit, admitted.remaining) == (2, 0)
    refused = await limiter.admit(both)
    assert (refused.window, refused.limit) == (1, 2)
    assert (await limiter.peek(both[:1])).remaining == 8


async def test_a_refusal_names_the_longest_wait(limiter, clock):
    await limiter.admit([Window("a", 1)])
    clock.now += 20
    await limiter.admit([Window("b", 1)])
    clock.now += 10
    refused = await limiter.admit([Window("a", 1), Window("b", 1), Window("c", 1)])
    assert refused.window == 1
    assert refused.retry_seconds == pytest.approx(50.0, abs=0.002)


async def test_the_tightest_window_is_reported(limiter):
    admitted = await limiter.admit([Window("a", 100), Window("b", 5), Window("c", 5)])
    assert (admitted.limit, admitted.remaining) == (5, 4)


async def test_without_windows_there_is_no_limit(limiter):
    for result in (await limiter.admit([]), await limiter.peek([])):
        assert (result.limit, result.remaining, result.reset_seconds) == (None, 0, 0.0)
        limiter.give_back(result.slot)
        limiter.correct(result.slot, 5)


async def test_a_slot_is_given_back_once_and_by_its_own_time(limiter, clock, slack):
    first = await limiter.admit([Window("a", 2), Window("b", 9)])
    clock.now += 1
    second = await limiter.admit([Window("a", 2)])
    limiter.give_back(first.slot)
    limiter.give_back(first.slot)
    assert (await limiter.peek([Window("a", 2)])).remaining == 1
    assert (await limiter.peek([Window("b", 9)])).remaining == 9
    clock.now = 1060.5  # the first would have expired, the second has not
    assert (await limiter.peek([Window("a", 2)])).remaining == 1
    limiter.give_back(second.slot)
    assert (await limiter.peek([Window("a", 2)])).remaining == 2


async def test_giving_back_what_has_expired_changes_nothing(limiter, clock):
    old = await limiter.admit([Window("a", 2)])
    clock.now += 61
    await limiter.admit([Window("a", 2)])
    limiter.give_back(old.slot)
    assert (await limiter.peek([Window("a", 2)])).remaining == 1
    clock.now += 500
    await limiter.peek([])
    limiter.give_back((await limiter.admit([Window("b", 1)])).slot)


async def test_a_lower_limit_sees_the_same_history(limiter, clock):
    for _ in range(10):
        await limiter.admit([Window("a", 10)])
        clock.now += 1
    refused = await limiter.admit([Window("a", 3)])
    assert refused.limit == 3
    # The eighth of ten has to expire: only then do two count.
    assert refused.retry_seconds == pytest.approx(1007 + 60 - 1010, abs=0.002)
    assert await flood(limiter, "a", 12, 5) == 2


async def test_a_higher_limit_keeps_the_history(limiter):
    assert await flood(limiter, "a", 3, 5) == 3
    assert await flood(limiter, "a", 100, 200) == 97


async def test_a_limit_of_nothing_admits_nothing(limiter):
    refused = await limiter.admit([Window("a", 0)])
    assert (refused.retry_seconds, refused.reset_seconds) == (60.0, 0.0)


async def test_peeking_counts_nothing(limiter):
    peeked = await limiter.peek([Window("a", 1)])
    assert (peeked.limit, peeked.remaining, peeked.reset_seconds) == (1, 1, 0.0)
    assert limiter.key_count() == 0
    await limiter.admit([Window("a", 1)])
    assert isinstance(await limiter.peek([Window("a", 1)]), Limited)


async def test_tokens_are_weighed(limiter, clock, slack):
    def tokens(count):
        return [Window("requests", 10), Window("tokens", 1000, count)]

    admitted = await limiter.admit(tokens(600))
    assert (admitted.limit, admitted.remaining) == (10, 9)
    assert admitted.tokens == State(1000, 400, 60.0)
    clock.now += 10
    refused = await limiter.admit(tokens(401))
    assert isinstance(refused, Limited)
    assert (refused.window, refused.limit, refused.remaining) == (1, 10, 9), "all or none"
    assert (refused.tokens.limit, refused.tokens.remaining) == (1000, 400)
    assert refused.retry_seconds == pytest.approx(50.0, abs=0.002)
    assert refused.tokens.reset_seconds == pytest.approx(50.0, abs=0.002)
    assert isinstance(await limiter.admit(tokens(400)), Allowed)
    clock.now = 1060.0 + slack
    assert (await limiter.peek(tokens(0))).tokens.remaining == 600
    assert (await limiter.admit(tokens(600))).tokens.remaining == 0


async def test_more_tokens_than_the_limit_never_fit(limiter):
    refused = await limiter.admit([Window("tokens", 1000, 1001)])
    assert (refused.window, refused.limit, refused.retry_seconds) == (0, None, 60.0)
    assert refused.tokens == State(1000, 1000, 0.0)
    assert (await limiter.admit([Window("tokens", 1000, 1000)])).tokens.remaining == 0
    huge = await limiter.admit([Window("tokens", 1000, 10**30)])
    assert isinstance(huge, Limited)


async def test_tokens_are_corrected_to_what_was_used(limiter, clock):
    windows = [Window("requests", 10), Window("tokens", 1000, 700)]
    less = await limiter.admit(windows)
    clock.now += 5
    limiter.correct(less.slot, 100)
    limiter.correct(less.slot, 0)
    limiter.give_back(less.slot)
    now = await limiter.peek(windows)
    assert (now.tokens.remaining, now.remaining) == (900, 9), "once, and requests stay counted"
    more = await limiter.admit([Window("tokens", 1000, 10)])
    clock.now += 5
    limiter.correct(more.slot, 1500)
    full = await limiter.peek([Window("tokens", 1000, 1)])
    assert isinstance(full, Limited)
    assert full.tokens.remaining == 0, "never negative"
    assert full.retry_seconds == pytest.approx(60.0, abs=0.002), "counted when it was known"


async def test_a_correction_of_what_has_expired_frees_nothing_twice(limiter, clock):
    old = await limiter.admit([Window("tokens", 1000, 900)])
    clock.now += 62
    await limiter.admit([Window("tokens", 1000, 500)])
    limiter.correct(old.slot, 100)
    assert (await limiter.peek([Window("tokens", 1000, 0)])).tokens.remaining == 500
    late = await limiter.admit([Window("tokens", 1000, 100)])
    clock.now += 300
    limiter.correct(late.slot, 250)
    assert (await limiter.peek([Window("tokens", 1000, 0)])).tokens.remaining == 850


async def test_given_back_tokens_are_free(limiter):
    admitted = await limiter.admit([Window("requests", 1), Window("tokens", 1000, 1000)])
    limiter.give_back(admitted.slot)
    again = await limiter.admit([Window("requests", 1), Window("tokens", 1000, 1000)])
    assert isinstance(again, Allowed)
