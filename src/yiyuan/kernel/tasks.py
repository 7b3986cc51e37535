"""Ending a task that goes on and on.

A driver may answer a cancellation with an error of its own: the roll-back of what was
interrupted finds the connection busy. A loop that lives through outages takes that for
one, and goes on. So it is cancelled again until it has ended.
"""

import asyncio
from typing import Any

_AGAIN_SECONDS = 0.2


async def end(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end, whatever it makes of the cancellation."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_AGAIN_SECONDS)
    if not task.cancelled():
        task.exception()  # seen; nobody waits for what the task would have told
