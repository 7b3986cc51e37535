"""Errors as Google's API writes them: `{"error": {code, message, status, details}}`.

`details` hold an ErrorInfo with our own code as its reason, so that programs need
not read sentences, and for a 429 a RetryInfo, which Google's clients wait for.
"""

from typing import Any

import orjson

from yiyuan.dialects.canonical import Json, UpstreamProblem
from yiyuan.dialects.shared.upstream_error import problem_of, read_problem
from yiyuan.kernel.errors import ApiError

DOMAIN = "yiyuan"
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def google_error(error: ApiError, language: str, request_id: str) -> Json:
    """The error object; figures go into the ErrorInfo's metadata, as text."""
    # The one sentence that quotes the request's id gets it here, where it is known.
    error.fields.setdefault("request_id", request_id)
    figures = {name: _text(value) for name, value in error.details.items()}
    if error.param is not None:
        figures["param"] = error.param
    details: list[Json] = [
        {"@type": _ERROR_INFO, "reason": error.code, "domain": DOMAIN, "metadata": figures}
    ]
    waits = dict(error.headers).get("retry-after-ms")
    if error.status == 429 and waits is not None:
        details.append({"@type": _RETRY_INFO, "retryDelay": f"{int(waits) / 1000:g}s"})
    return {
        "error": {
            "code": error.status,
            "message": error.message(language),
            "status": _STATUSES.get(error.status, "UNKNOWN"),
            "details": details,
        }
    }


def read_error(body: bytes) -> UpstreamProblem:
    """Read an upstream's error body; never raises.

    Its code is the ErrorInfo's reason, which tells an invalid key from a bad request,
    or else the status. How long to wait is in the RetryInfo.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return read_problem(body)
    return google_problem(document)


def google_problem(document: Any) -> UpstreamProblem:
    """The same of a body that is read already, or of an event."""
    problem = problem_of(document)
    holder = document[0] if type(document) is list and document else document
    error = holder.get("error") if type(holder) is dict else None
    if type(error) is dict:
        problem.code = reason_of(error) or problem.code
        problem.retry_after = retry_seconds_of(error)
    return problem


def reason_of(error: Json) -> str | None:
    """The ErrorInfo's reason, or the status's name."""
    for detail in _details(error):
        reason = detail.get("reason")
        if type(reason) is str:
            return reason[:100]
    status = error.get("status")
    return status[:100] if type(status) is str else None


def retry_seconds_of(error: Json) -> float | None:
    """How long to wait, from the RetryInfo: `"34s"`, `"0.5s"`."""
    for detail in _details(error):
        delay = detail.get("retryDelay")
        if type(delay) is str and delay.endswith("s"):
            try:
                seconds = float(delay[:-1])
            except ValueError:
                continue
            if 0 <= seconds < 1e9:
                return seconds
    return None


def _details(error: Json) -> list[Json]:
    details = error.get("details")
    if type(details) is not list:
        return []
    return [detail for detail in details if type(detail) is dict]


def _text(value: Any) -> str:
    return str(value).lower() if type(value) is bool else str(value)
