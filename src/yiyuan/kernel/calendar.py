"""Hours, days and months of UTC, as milliseconds since 1970: pure, and for everybody the same."""

from datetime import UTC, datetime
from typing import Final

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
_MORE_THAN_A_MONTH_MS: Final = 32 * DAY_MS


def month_start(at: int) -> int:
    """The first of the month that `at` is in, 00:00."""
    moment = datetime.fromtimestamp(at // 1000, UTC)
    first = moment.replace(day=1, hour=0, minute=0, second=0)
    return int(first.timestamp()) * 1000


def next_month_start(at: int) -> int:
    """The first of the month after that."""
    return month_start(month_start(at) + _MORE_THAN_A_MONTH_MS)


def day_text(day: int) -> str:
    """A day, counted since 1970-01-01, as `YYYY-MM-DD`."""
    return datetime.fromtimestamp(day * DAY_MS // 1000, UTC).date().isoformat()
