"""How long an upstream asks to be left alone: `retry-after-ms` and `Retry-After`.

The first is a number of milliseconds (OpenAI's extension, and the more exact of
the two), the second a number of seconds or an HTTP date. A date is compared
with the response's own `Date` where it has one, so that a wrong clock on either
side does not matter. Whatever it says is capped: an upstream cannot switch
itself off for an hour by one header. Nonsense counts as absent.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

CAP_SECONDS = 60.0


def retry_after_seconds(
    headers: Mapping[str, str], wall_ms: int, cap_seconds: float = CAP_SECONDS
) -> float | None:
    """Seconds to wait, 0 to `cap_seconds`; None when the headers do not say.

    `headers` have lower-case names; `wall_ms` is the wall clock, for dates.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return min(milliseconds / 1000, cap_seconds)
    text = headers.get("retry-after")
    seconds = _number(text)
    if seconds is None and text is not None:
        seconds = _until(text, headers.get("date"), wall_ms)
    return None if seconds is None else min(seconds, cap_seconds)


def _number(text: str | None) -> float | None:
    """A finite number that is not negative."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if 0 <= value < float("inf") else None


def _until(text: str, date: str | None, wall_ms: int) -> float | None:
    moment = _moment(text)
    if moment is None:
        return None
    now = _moment(date or "") or datetime.fromtimestamp(wall_ms / 1000, UTC)
    return max(0.0, (moment - now).total_seconds())


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
