"""Errors as Anthropic's API writes them: `{"type": "error", "error": {type, message}, …}`."""

from yiyuan.dialects.canonical import Json
from yiyuan.kernel.errors import ApiError

_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}


def anthropic_error(error: ApiError, language: str, request_id: str) -> Json:
    """The error object; our code and the error's details are further keys of `error`."""
    # The one sentence that quotes the request's id gets it here, where it is known.
    error.fields.setdefault("request_id", request_id)
    kind = _TYPES.get(error.status)
    if kind is None:
        kind = "api_error" if error.status >= 500 else "invalid_request_error"
    own = {"type": kind, "message": error.message(language), "code": error.code}
    details = {name: value for name, value in error.details.items() if name not in own}
    return {"type": "error", "error": own | details, "request_id": request_id}
