"""Times as Chinese providers write them: UTC+8, whatever the machine's zone is."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final

BEIJING: Final = timezone(timedelta(hours=8))
DAY_SECONDS: Final = 86_400


def written(now: int) -> str:
    """Seconds since 1970 as `2026-11-22 16:30:00`."""
    return f"{datetime.fromtimestamp(now, BEIJING):%Y-%m-%d %H:%M:%S}"


def rfc3339(now: int) -> str:
    """Seconds since 1970 as `2026-11-22T16:30:00+08:00`."""
    return datetime.fromtimestamp(now, BEIJING).isoformat(timespec="seconds")


def day_of(now: int) -> str:
    """The day such as `2026-11-22` that a moment is in."""
    return written(now)[:10]


def day_bounds(day: str) -> tuple[int, int]:
    """First second of a day such as `2026-11-22`, and of the next. Raises ValueError."""
    first = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=BEIJING).astimezone(UTC)
    start = round(first.timestamp())
    return start, start + DAY_SECONDS
