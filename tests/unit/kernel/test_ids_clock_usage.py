"""Ids, the two clocks, times as text, and counted usage."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.kernel.clock import SystemClock, iso, parse_time
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.usage import Usage


def test_ids_are_unique_prefixed_and_sorted_by_time():
    ids = []
    for _ in range(20):
        ids.append(new_id("ex"))
        time.sleep(0.002)
    assert ids == sorted(ids)
    assert all(re.fullmatch(r"ex_[0-9a-f]{32}", item) for item in ids)
    assert len({new_id("tok") for _ in range(5000)}) == 5000


def test_the_system_clock():
    clock = SystemClock()
    assert abs(clock.wall_ms() - time.time() * 1000) < 1000
    first = clock.monotonic()
    assert clock.monotonic() >= first


def test_times_as_text():
    assert iso(0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_793_435_400_123) == "2026-10-31T08:30:00.123Z"
    assert parse_time("2026-10-31") == 1_793_404_800_000
    assert parse_time("2026-10-31T08:30:00") == 1_793_435_400_000
    assert parse_time("2026-10-31T16:30:00+08:00") == 1_793_435_400_000
    for wrong in ("", "yesterday", "2026-13-01", "31.10.2026"):
        with pytest.raises(ValueError):
            parse_time(wrong)


@given(st.integers(0, 4_000_000_000_000))
def test_times_are_read_back(wall_ms):
    assert parse_time(iso(wall_ms)) == wall_ms


def test_usage_adds_up():
    assert Usage(1, 2, 3, 4, 5, 6) + Usage(10, 20, 30, 40, 50, 60) == Usage(11, 22, 33, 44, 55, 66)


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (Usage(), True),
        (Usage(10, 0, 5, 3, 2), True),
        (Usage(10, 0, 5, 3, 3), False),
        (Usage(-1), False),
        (Usage(0, -1), False),
        (Usage(5, 5, reasoning_tokens=-1), False),
        (Usage(5, 5, 6, -1), False),
        (Usage(2**32), True),
        (Usage(2**32 + 1), False),
        (Usage(0, 2**32 + 1), False),
        (Usage(1.0), False),
        (Usage(True), False),
    ],
)
def test_consistent_usage(usage, expected):
    assert usage.is_possible() is expected
