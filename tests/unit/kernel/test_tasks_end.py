"""A task that answers a cancellation with an error of its own ends all the same."""

import asyncio

import pytest

from yiyuan.kernel.tasks import end


async def test_a_loop_that_takes_it_for_an_outage():
    outages = 0

    async def follow():
        nonlocal outages
        while True:
            try:
                try:
                    await asyncio.sleep(60)
                except asyncio.CancelledError:
                    outages += 1
                    if outages < 3:
                        raise OSError("the connection is busy") from None
                    raise
            except OSError:
                continue

    task = asyncio.create_task(follow())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await end(task)
    assert task.cancelled()
    assert outages == 3


@pytest.mark.parametrize("fails", [False, True])
async def test_one_that_has_ended_already(fails):
    async def work():
        if fails:
            raise ValueError

    task = asyncio.create_task(work())
    await asyncio.wait([task])
    await end(task)
    assert task.done()
