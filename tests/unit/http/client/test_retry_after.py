"""What an upstream asks for is heard, capped, and never trusted to be sensible."""

import pytest

from yiyuan.http.client.retry_after import retry_after_seconds

NOW_MS = 1_795_000_000_000  # Wed, 18 Nov 2026 11:06:40 GMT


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "86400"}, 60),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "7"}, 7),
        ({"retry-after-ms": "9000000"}, 60),
        ({"retry-after": "Wed, 18 Nov 2026 11:06:50 GMT"}, 10),
        ({"retry-after": "Wed, 18 Nov 2026 11:06:30 GMT"}, 0),
        ({"retry-after": "Wed, 18 Nov 2026 12:06:40 GMT"}, 60),
        ({"retry-after": "Wed, 99 Nov 2026 12:06:40 GMT"}, None),
    ],
)
def test_seconds_milliseconds_and_dates(headers, seconds):
    assert retry_after_seconds(headers, NOW_MS) == seconds


def test_a_date_is_compared_with_the_upstreams_own_clock():
    headers = {
        "retry-after": "Wed, 01 Jan 2020 00:00:20 GMT",
        "date": "Wed, 01 Jan 2020 00:00:00 GMT",
    }
    assert retry_after_seconds(headers, NOW_MS) == 20


def test_the_cap_is_the_callers():
    assert retry_after_seconds({"retry-after": "100"}, NOW_MS, cap_seconds=90) == 90
