"""The script against brute force: every step's answer, on Valkey with a clock of the test."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yiyuan.ratelimit.valkey.pipeline import Pipeline
from yiyuan.ratelimit.valkey.script import Change, Script, greeting, numbers, readings
from yiyuan.ratelimit.window import Window

MINUTE = 60_000

steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("wait"),
            st.sampled_from([0, 1, 250, 999, 1000, 7770, 30_000, 59_000, 60_000, 60_001, 200_000]),
        ),
        st.tuples(st.just("admit"), st.integers(1, 9)),
        st.tuples(st.just("admit both"), st.integers(1, 9)),
        st.tuples(st.just("give back"), st.integers(0, 40)),
        st.tuples(st.just("write"), st.integers(0, 70)),
        st.tuples(st.just("limit"), st.integers(5, 25)),
    ),
    min_size=30,
    max_size=120,
)


class Model:
    """The windows as lists of [second, last millisecond, weight], summed at every look."""

    def __init__(self):
        self.windows = {}

    def alive(self, key, now):
        found = self.windows.setdefault(key, {})
        for second, (last, _) in list(found.items()):
            if last + MINUTE < now:
                del found[second]
        return found

    def total(self, key, now):
        return sum(weight for _, weight in self.alive(key, now).values())

    def add(self, key, now, at, weight):
        found = self.alive(key, now)
        last, had = found.get(at // 1000, (0, 0))
        found[at // 1000] = (max(last, at), had + weight)

    def take(self, key, now, second, weight):
        found = self.alive(key, now)
        if second in found:
            last, had = found[second]
            found[second] = (last, had - min(had, weight))

    def wait(self, key, now, limit, weight):
        excess = self.total(key, now) + weight - limit
        if weight > limit:
            return MINUTE
        for _, (last, had) in sorted(self.alive(key, now).items()):
            if excess <= 0:
                break
            excess -= had
            if excess <= 0:
                return min(MINUTE, last + MINUTE + 1 - now)
        return 0


async def run(url, plan):
    now = [1_700_000_000_123]
    script, model, limit = Script(lambda: now[0]), Model(), 12
    pipe = await Pipeline.open(url, lambda: None)

    async def call(command):
        return await pipe.call(command, 5.0).future

    async def ask(command):
        return numbers(await call(command))

    await call(b"*1\r\n$8\r\nFLUSHALL\r\n")
    await call(script.load)
    script.epoch = greeting(await call(script.greet(b"me", b"one"))).epoch
    admitted, slots = [], []
    for action, value in plan:
        if action == "wait":
            now[0] += value
        elif action == "limit":
            limit = value
        elif action == "give back" and slots:
            key, second, weight = slots.pop(value % len(slots))
            await ask(script.write([Change(key, second, -weight)]))
            model.take(key, now[0], second, weight)
        elif action == "write":
            second = now[0] // 1000 - value
            at = min(now[0], second * 1000 + 999)
            await ask(script.write([Change("a", second, 2)]))
            if at + MINUTE >= now[0]:
                model.add("a", now[0], at, 2)
        elif action.startswith("admit"):
            windows = [Window("a", limit, value)]
            if action == "admit both":
                windows.append(Window("b", limit + 1, value))
            fits = all(model.total(w.key, now[0]) + w.weight <= w.limit for w in windows)
            answer = await ask(script.admit(windows))
            assert (answer[0] == 1) == fits
            if fits:
                for window in windows:
                    model.add(window.key, now[0], now[0], window.weight)
                    slots.append((window.key, now[0] // 1000, window.weight))
                admitted.append((now[0], value))
                assert answer[2:] == [model.total(w.key, now[0]) for w in windows]
            else:
                for window, reading in zip(windows, readings(windows, answer), strict=True):
                    expected = model.wait(window.key, now[0], window.limit, window.weight)
                    assert round(reading.wait_seconds * 1000) == expected
        peeked = await ask(script.peek([Window("a", limit, 0)]))
        assert peeked[2] == model.total("a", now[0])
    pipe.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=steps)
def test_against_a_brute_force_reference(valkey, plan):
    asyncio.run(run(valkey.url, plan))


@pytest.fixture
async def pipe(valkey):
    pipe = await Pipeline.open(valkey.url, lambda: None)
    await pipe.call(b"*1\r\n$8\r\nFLUSHALL\r\n", 5.0).future
    yield pipe
    pipe.close()


async def test_a_clock_that_is_set_back_frees_nothing_and_blocks_for_a_minute_at_most(pipe):
    now = [1_700_000_000_000]
    script = Script(lambda: now[0])
    await pipe.call(script.load).future
    script.epoch = greeting(await pipe.call(script.greet(b"me", b"one")).future).epoch

    async def admit():
        return numbers(await pipe.call(script.admit([Window("a", 3)])).future)

    assert [(await admit())[0] for _ in range(4)] == [1, 1, 1, 0]
    now[0] -= 1000  # a small step: nothing changes
    assert (await admit())[0] == 0
    now[0] -= 3_600_000
    refused = await admit()
    assert (refused[0], refused[2]) == (0, 3)
    assert 0 < refused[3] <= MINUTE
    now[0] += 61_000
    assert [(await admit())[0] for _ in range(4)] == [1, 1, 1, 0]


async def test_a_full_window_is_small_and_goes_away_by_itself(pipe, valkey):
    now = [1_700_000_000_000]
    script = Script(lambda: now[0])
    await pipe.call(script.load).future
    script.epoch = greeting(await pipe.call(script.greet(b"me", b"one")).future).epoch
    for _ in range(200):
        now[0] += 997
        await pipe.call(script.admit([Window("a", 3500)])).future
    with valkey.client as client:
        key = "yiyuan:{limits}:window:a"
        assert client.hlen(key) <= 61 + 3
        assert client.memory_usage(key) < 3000
        assert 55_000 < client.pttl(key) <= 62_000


async def test_replicas_are_counted_by_their_greetings(pipe):
    now = [1_700_000_000_000]
    script = Script(lambda: now[0])
    await pipe.call(script.load).future

    async def greet(name):
        return greeting(await pipe.call(script.greet(name, b"new " + name)).future)

    assert (await greet(b"one")).replicas == 1
    second = await greet(b"two")
    assert (second.replicas, second.epoch) == (2, b"new one"), "the first mark stays"
    now[0] += 3_000
    assert (await greet(b"two")).replicas == 2
    now[0] += 3_000
    assert (await greet(b"two")).replicas == 1, "one has been silent for six seconds"
    now[0] += 30_000
    assert (await greet(b"one")).replicas == 2, "who was silent itself removes nobody"
    await pipe.call(script.leave(b"two")).future
    assert (await greet(b"one")).replicas == 1
