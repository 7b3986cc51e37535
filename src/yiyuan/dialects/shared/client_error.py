"""Errors as OpenAI's API writes them, and others like it: `{"error": {message, type, …}}`."""

from yiyuan.dialects.canonical import Json
from yiyuan.kernel.errors import ApiError


def openai_error(error: ApiError, language: str, request_id: str) -> Json:
    """The error object; the error's details are further keys, its own four win."""
    # The one sentence that quotes the request's id gets it here, where it is known.
    error.fields.setdefault("request_id", request_id)
    own = {
        "message": error.message(language),
        "type": error.type,
        "param": error.param,
        "code": error.code,
    }
    return {"error": own | {k: v for k, v in error.details.items() if k not in own}}
