"""Why an attempt at an upstream failed, and what the client is told of it.

An upstream's own words reach the client only for a 400, and only without keys,
addresses and control characters; everything else is one of our own sentences.
"""

import re
from dataclasses import dataclass

from yiyuan.dialects.canon import UpstreamProblem
from yiyuan.dialects.dialect import Dialect
from yiyuan.gateway.answer import UpstreamResponse
from yiyuan.kernel.errors import (
    ApiError,
    NoChannelAvailable,
    UpstreamError,
    UpstreamRejected,
    UpstreamTimeout,
    retry_headers,
)
from yiyuan.upstream.channel import Channel
from yiyuan.upstream.failure import UpstreamFailure
from yiyuan.upstream.retry_after import retry_after_seconds

ERROR_BODY_BYTES_MAX = 65_536
PROBLEM_CHARACTERS_MAX = 500
OWN_FAULT = frozenset({400, 413, 422})
"""Statuses that judge the request itself: no other channel would be kinder."""
KEY_REFUSED = frozenset({401, 403})
BUSY = frozenset({429, 503, 529})
_TIMEOUTS = frozenset({"timeout_connect", "timeout_first_byte", "timeout_idle"})
_SECRET = re.compile(r"\b(?:sk|key|Bearer)[-_ ][\w-]{8,}")
_ADDRESS = re.compile(r"https?://\S+")
_PARAMETER = re.compile(r"[\w.\[\]-]{1,64}")


@dataclass(slots=True)
class AttemptFailed(Exception):
    """One attempt did not work out; `cause` is recorded."""

    cause: str
    status: int | None = None
    retry_after: float | None = None
    rejected: UpstreamProblem | None = None


async def failure_of(response: UpstreamResponse, dialect: Dialect, wall_ms: int) -> AttemptFailed:
    """The failure that a status of 300 or more means."""
    status = response.status
    try:
        body = await response.read(ERROR_BODY_BYTES_MAX)
    except UpstreamFailure:
        body = b""
    finally:
        response.close()
    retry_after = retry_after_seconds(response.headers, wall_ms) if status in BUSY else None
    rejected = dialect.read_error(body) if status in OWN_FAULT else None
    return AttemptFailed(f"status_{status}", status, retry_after, rejected)


def rejection(problem: UpstreamProblem, channel: Channel) -> UpstreamRejected:
    """The client's 400 for an upstream's: its text without secrets and control characters."""
    text = problem.message
    for key in channel.keys:
        text = text.replace(key.secret, "…") if key.secret else text
    text = _ADDRESS.sub("…", _SECRET.sub("…", text))
    text = "".join(c if c.isprintable() else " " for c in text).strip()
    param = problem.param
    if param is not None and not _PARAMETER.fullmatch(param):
        param = None
    return UpstreamRejected(param=param, reason=text[:PROBLEM_CHARACTERS_MAX] or "-")


def verdict(failures: list[AttemptFailed], retry_seconds: float | None, model: str) -> ApiError:
    """The error when no channel is left."""
    busy = [f for f in failures if f.status in BUSY]
    if busy or not failures:
        hints = [f.retry_after for f in busy if f.retry_after is not None]
        wait = min(hints) if hints else (retry_seconds or 1.0)
        return NoChannelAvailable(headers=retry_headers(wait), model=model)
    if failures[-1].cause in _TIMEOUTS:
        return UpstreamTimeout()
    return UpstreamError()
