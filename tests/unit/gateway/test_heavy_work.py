"""The thread for work that takes long: one job per account at a time, and a short line."""

import asyncio
import threading
import time
import weakref
from functools import partial

import pytest

from yiyuan.gateway.request.heavy_work import HeavyWork
from yiyuan.kernel.errors import InvalidRequest, Overloaded
from yiyuan.kernel.limit_errors import TooMuchAtOnce


@pytest.fixture
def work():
    made = HeavyWork(jobs_max=6, account_jobs_max=3)
    yield made
    made.close()


async def started(work, count):
    while work.jobs < count:
        await asyncio.sleep(0.001)


async def test_it_runs_off_the_loop_and_raises_what_was_raised(work):
    assert await work.run("a", threading.get_ident) != threading.get_ident()

    def refuse():
        raise InvalidRequest("body_not_object")

    with pytest.raises(InvalidRequest):
        await work.run("a", refuse)
    assert work.jobs == 0


async def test_an_account_waits_for_its_own_and_others_for_one_of_it(work):
    gate, order = threading.Event(), []

    def job(name):
        gate.wait(5)
        order.append(name)

    jobs = []
    for name in ("a1", "a2", "a3", "b1"):
        jobs.append(asyncio.ensure_future(work.run(name[0], job, name)))
        await started(work, len(jobs))
    gate.set()
    await asyncio.gather(*jobs)
    assert order == ["a1", "b1", "a2", "a3"]
    assert work.jobs == 0


async def test_a_full_line_is_refused_of_one_account_and_of_all(work):
    gate = threading.Event()
    jobs = []
    for account in ("a", "a", "a", "b", "b"):
        jobs.append(asyncio.ensure_future(work.run(account, gate.wait, 5)))
        await started(work, len(jobs))
    with pytest.raises(TooMuchAtOnce) as mine:
        await work.run("a", time.monotonic)
    assert (mine.value.status, mine.value.code) == (429, "concurrency_limit_exceeded")
    assert ("retry-after", "1") in mine.value.headers
    jobs.append(asyncio.ensure_future(work.run("c", gate.wait, 5)))
    await started(work, 6)
    with pytest.raises(Overloaded):
        await work.run("d", time.monotonic)
    gate.set()
    assert await asyncio.gather(*jobs) == [True] * 6
    assert await work.run("a", lambda: 1) == 1


async def test_who_goes_away_leaves_the_line(work):
    gate = threading.Event()
    running = asyncio.ensure_future(work.run("a", gate.wait, 5))
    await started(work, 1)
    waiting = [asyncio.ensure_future(work.run("a", time.monotonic)) for _ in range(2)]
    await started(work, 3)
    for job in waiting:
        job.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert work.jobs == 1
    gate.set()
    assert await running
    assert work.jobs == 0


async def test_what_is_owed_is_never_refused_and_waits_for_its_own(work):
    """The line is full of what came in: an answer is read after the job that runs."""
    gate, order = threading.Event(), []
    jobs = []
    for account in ("a", "a", "a", "b", "b", "c"):
        jobs.append(asyncio.ensure_future(work.run(account, gate.wait, 5)))
        await started(work, len(jobs))
    with pytest.raises(Overloaded):
        await work.run("d", order.append, 0)
    for name in ("a1", "a2", "d1"):
        jobs.append(asyncio.ensure_future(work.run_owed(name[0], partial(order.append, name))))
        await started(work, len(jobs))
    gate.set()
    await asyncio.gather(*jobs)
    assert order.index("a1") < order.index("a2")
    assert sorted(order) == ["a1", "a2", "d1"]
    assert work.jobs == 0


async def test_what_is_raised_keeps_nothing_of_what_was_read(work):
    """Else it would be freed where the error is caught: on the loop."""

    class Large:
        pass

    found = []

    def read():
        large = Large()
        found.append(weakref.ref(large))
        raise ValueError("no answer")

    def read_otherwise():
        try:
            read()
        except ValueError as error:
            raise KeyError("nor so") from error

    for function in (read, read_otherwise):
        with pytest.raises((ValueError, KeyError)) as caught:
            await work.run_owed("a", function)
        assert found[-1]() is None
        assert caught.value.__traceback__ is not None
