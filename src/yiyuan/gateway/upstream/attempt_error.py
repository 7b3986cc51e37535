"""Why an attempt at an upstream failed, and what the client is told of it.

An upstream's own words reach the client only for a 400, and only without keys,
addresses and control characters; everything else is one of our own sentences.
"""

import re
from dataclasses import dataclass

import orjson

from yiyuan.dialects.canonical import Json, UpstreamProblem
from yiyuan.dialects.contract import Dialect
from yiyuan.dialects.quirks import Quirks
from yiyuan.gateway.upstream.known_errors import kept_code
from yiyuan.gateway.upstream.vendor_answer import ACCOUNT, fault_of
from yiyuan.gateway.upstream.whole_answer import UpstreamResponse
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.retry_after import retry_after_seconds
from yiyuan.kernel.errors import (
    ApiError,
    NoChannelAvailable,
    UpstreamError,
    UpstreamRejected,
    UpstreamTimeout,
    retry_headers,
)
from yiyuan.routing.channel import Channel
from yiyuan.routing.evidence import Fault

ERROR_BODY_BYTES_MAX = 65_536
PROBLEM_CHARACTERS_MAX = 500
OWN_FAULT = frozenset({400, 413, 422})
"""Statuses that judge the request itself: no other channel would be kinder."""
KEY_REFUSED = frozenset({401, 402})
"""Statuses that say that this key will not do for anybody."""
BUSY = frozenset({429, 503, 529})
BUSY_STATUS = 429
"""What is noted of an attempt that a vendor refused as busy in its own words."""
_TIMEOUTS = frozenset({"timeout_connect", "timeout_first_byte", "timeout_idle"})
_SECRET = re.compile(r"\b(?:sk|key|Bearer)[-_ ][\w-]{8,}")
_ADDRESS = re.compile(r"https?://[^\s\"\\]+")
_PARAMETER = re.compile(r"[\w.\[\]-]{1,64}")


@dataclass(slots=True)
class AttemptFailed(Exception):
    """One attempt did not work out; `cause` is recorded."""

    cause: str
    status: int | None = None
    retry_after: float | None = None
    rejected: UpstreamProblem | None = None
    fault: Fault = Fault.UPSTREAM
    """Whose failure it is, as far as it can be seen."""


def fault_by(status: int) -> Fault:
    """Whose failure a status tells of."""
    if status in KEY_REFUSED:
        return Fault.KEY
    if status == 403:
        return Fault.FORBIDDEN
    return Fault.ACCOUNT if 400 <= status < 500 else Fault.UPSTREAM


async def failure_of(
    response: UpstreamResponse, dialect: Dialect, wall_ms: int, quirks: Quirks | None = None
) -> AttemptFailed:
    """The failure that a status of 300 or more means, with the vendor's own codes."""
    status = response.status
    try:
        body = await response.read(ERROR_BODY_BYTES_MAX)
    except UpstreamFailure:
        body = b""
    finally:
        response.close()
    problem = dialect.read_error(body)
    fault = fault_of(status, problem, quirks)
    if fault == ACCOUNT:
        return AttemptFailed(ACCOUNT, status, fault=Fault.KEY)
    is_busy = status in BUSY or fault is not None
    retry_after = None
    if is_busy:
        retry_after = retry_after_seconds(response.headers, wall_ms)
        retry_after = problem.retry_after if retry_after is None else retry_after
    rejected = problem if status in OWN_FAULT and not is_busy else None
    cause = f"status_{status}" if fault is None else fault
    status = BUSY_STATUS if fault is not None else status
    return AttemptFailed(cause, status, retry_after, rejected, fault_by(status))


def rejection(problem: UpstreamProblem, channel: Channel) -> UpstreamRejected:
    """The client's 400 for an upstream's: its text without secrets and control characters.

    Codes that programs act on survive, and so do `details`, bounded and without secrets.
    """
    text = "".join(c if c.isprintable() else " " for c in _redacted(problem.message, channel))
    param = problem.param
    if param is not None and not _PARAMETER.fullmatch(param):
        param = None
    code = kept_code(problem)
    return UpstreamRejected(
        code,
        param=param,
        details=_kept_details(problem, channel),
        reason=text.strip()[:PROBLEM_CHARACTERS_MAX] or "-",
    )


def _redacted(text: str, channel: Channel) -> str:
    for key in channel.keys:
        text = text.replace(key.secret, "…") if key.secret else text
    return _ADDRESS.sub("…", _SECRET.sub("…", text))


def _kept_details(problem: UpstreamProblem, channel: Channel) -> Json:
    if problem.details is None:
        return {}
    told = orjson.dumps(problem.details).decode()
    try:
        return {"details": orjson.loads(_redacted(told, channel))}
    except orjson.JSONDecodeError:  # what was taken out held it together
        return {}


def verdict(failures: list[AttemptFailed], retry_seconds: float | None, model: str) -> ApiError:
    """The error when no channel is left."""
    busy = [f for f in failures if f.status in BUSY and f.cause != ACCOUNT]
    if busy or not failures:
        hints = [f.retry_after for f in busy if f.retry_after is not None]
        wait = min(hints) if hints else (retry_seconds or 1.0)
        return NoChannelAvailable(headers=retry_headers(wait), model=model)
    if failures[-1].cause in _TIMEOUTS:
        return UpstreamTimeout()
    return UpstreamError()
