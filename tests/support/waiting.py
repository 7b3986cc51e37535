"""Waiting for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def wait_for(
    condition: Callable[[], Found], *, timeout: float = 10.0, every: float = 0.01, what: str = ""
) -> Found:
    """Call `condition` until it gives something true, and return that. Fails after `timeout`."""
    end = time.monotonic() + timeout
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited {timeout} s in vain for {what or condition}")
        time.sleep(every)
    return found
