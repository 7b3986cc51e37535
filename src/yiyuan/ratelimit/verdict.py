"""Putting what the windows say into one answer; the same for every limiter."""

from collections.abc import Sequence
from typing import NamedTuple

from yiyuan.ratelimit.window import WINDOW_SECONDS, Allowed, Limited, Slot, State, Window


class Reading(NamedTuple):
    """What one window says. `wait_seconds` is how long this request does not fit."""

    remaining: int
    """Never negative."""
    wait_seconds: float
    reset_seconds: float


def admitted(windows: Sequence[Window], left: Sequence[int], slot: Slot) -> Allowed:
    """The answer when a request was counted; `left` is what is free after it."""
    requests: tuple[int, int] | None = None
    tokens: tuple[int, int] | None = None
    for (_, limit, weight), remaining in zip(windows, left, strict=True):
        if weight is None:
            if requests is None or remaining < requests[0]:
                requests = remaining, limit
        elif tokens is None or remaining < tokens[0]:
            tokens = remaining, limit
    state = None if tokens is None else State(tokens[1], tokens[0], WINDOW_SECONDS)
    if requests is None:
        return Allowed(None, 0, 0.0, slot, state)
    return Allowed(requests[1], requests[0], WINDOW_SECONDS, slot, state)


def free(windows: Sequence[Window], readings: Sequence[Reading], slot: Slot) -> Allowed:
    """The answer when a request would be counted but was not."""
    requests = _tightest(windows, readings, is_tokens=False)
    tokens = _tightest(windows, readings, is_tokens=True)
    if requests is None:
        return Allowed(None, 0, 0.0, slot, tokens)
    return Allowed(*requests, slot, tokens)


def limited(windows: Sequence[Window], readings: Sequence[Reading]) -> Limited:
    """The refusal by the window that has to be waited for the longest."""
    index = max(range(len(readings)), key=lambda at: readings[at].wait_seconds)
    chosen, wait_seconds = windows[index], readings[index].wait_seconds
    own = State(chosen.limit, readings[index].remaining, readings[index].reset_seconds)
    requests = _tightest(windows, readings, is_tokens=False)
    tokens = _tightest(windows, readings, is_tokens=True)
    if chosen.tokens is None:
        return Limited(index, own.limit, wait_seconds, own.remaining, own.reset_seconds, tokens)
    if requests is None:
        return Limited(index, None, wait_seconds, 0, 0.0, own)
    return Limited(
        index, requests.limit, wait_seconds, requests.remaining, requests.reset_seconds, own
    )


def _tightest(
    windows: Sequence[Window], readings: Sequence[Reading], *, is_tokens: bool
) -> State | None:
    """The state of the window of one kind that has the least left."""
    best: State | None = None
    for window, reading in zip(windows, readings, strict=True):
        is_kind = (window.tokens is not None) is is_tokens
        if is_kind and (best is None or reading.remaining < best.remaining):
            best = State(window.limit, reading.remaining, reading.reset_seconds)
    return best
