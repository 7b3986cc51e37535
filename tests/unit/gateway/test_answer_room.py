"""Room for whole answers: small ones and the oldest never wait, the others until there is some."""

import asyncio

import pytest

from yiyuan.gateway.request.answer_room import UNCOUNTED_BYTES, WEIGHT, AnswerRoom
from yiyuan.http.client.errors import UpstreamFailure

MIB = 1024 * 1024
TWO = 2 * MIB
"""An answer that is counted."""


def room_for(total: int, account: int, **more: float) -> AnswerRoom:
    """Room for so many answers of two megabytes."""
    return AnswerRoom(total * TWO * WEIGHT, account * TWO * WEIGHT, **more)


async def waits(task: asyncio.Task[None]) -> bool:
    """Whether it still waits when everything else has had its turn."""
    for _ in range(5):
        await asyncio.sleep(0)
    return not task.done()


async def seated(room: AnswerRoom, account: str, size: int = TWO):
    """A seat with an answer of this size, which finds room at once."""
    seat = room.seat(account)
    task = asyncio.ensure_future(seat.make_room(size))
    assert not await waits(task)
    return seat


async def test_small_answers_are_not_counted():
    room = room_for(1, 1)
    for _ in range(50):
        await seated(room, "a", UNCOUNTED_BYTES)
    assert room.used_bytes == 0


async def test_an_accounts_next_answer_waits_and_another_accounts_does_not():
    room = room_for(10, 2)
    first, second = await seated(room, "a"), await seated(room, "a")
    third = room.seat("a")
    task = asyncio.ensure_future(third.make_room(TWO))
    assert await waits(task)
    other = await seated(room, "b")
    other.close()
    assert await waits(task), "what another account leaves is no room of this one"
    second.close()
    await asyncio.wait_for(task, 5)
    first.close()
    third.close()
    third.close()
    assert room.used_bytes == 0


async def test_all_together_have_a_limit():
    room = room_for(2, 2)
    first, second = await seated(room, "a"), await seated(room, "b")
    third = room.seat("c")
    task = asyncio.ensure_future(third.make_room(TWO))
    assert await waits(task)
    second.close()
    await asyncio.wait_for(task, 5)
    first.close()
    third.close()
    assert room.used_bytes == 0


async def test_the_oldest_grows_however_large_it_is_and_then_the_next_is_the_oldest():
    room = room_for(2, 2)
    oldest, second = await seated(room, "a"), await seated(room, "b")
    grows = asyncio.ensure_future(second.make_room(TWO))
    assert await waits(grows)
    for _ in range(20):
        await asyncio.wait_for(oldest.make_room(TWO), 5)
    assert room.used_bytes > 20 * TWO * WEIGHT
    oldest.close()
    await asyncio.wait_for(grows, 5)
    await asyncio.wait_for(second.make_room(9 * TWO), 5)
    second.close()
    assert room.used_bytes == 0


async def test_calls_of_one_request_share_its_seat():
    room = room_for(10, 1)
    seat, next_one = await seated(room, "a"), room.seat("a")
    await asyncio.gather(*(seat.make_room(TWO) for _ in range(3)))
    assert room.used_bytes == 4 * TWO * WEIGHT
    task = asyncio.ensure_future(next_one.make_room(TWO))
    assert await waits(task)
    seat.close()
    await asyncio.wait_for(task, 5)
    next_one.close()
    assert room.used_bytes == 0


async def test_who_waits_too_long_or_goes_away_leaves_nothing_behind():
    room = room_for(1, 1, wait_seconds=0.01)
    first, second, third = await seated(room, "a"), room.seat("a"), room.seat("b")
    with pytest.raises(UpstreamFailure) as failed:
        await second.make_room(TWO)
    assert failed.value.kind == "too_large"
    task = asyncio.ensure_future(third.make_room(TWO))
    await waits(task)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    for seat in (second, third, first):
        seat.close()
    assert room.used_bytes == 0
    again = await seated(room, "b")
    again.close()
