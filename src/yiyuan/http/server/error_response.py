"""What the server itself answers: an `ApiError` in OpenAI's shape.

Used where no route has taken the request over: malformed or oversized heads,
too many connections, a handler that failed.
"""

import orjson

from yiyuan.i18n.languages import choose_language
from yiyuan.kernel.errors import ApiError, Header


def refusal_body(error: ApiError, language: str) -> bytes:
    """The error object as JSON."""
    content = {
        "message": error.message(language),
        "type": error.type,
        "param": error.param,
        "code": error.code,
        **error.details,
    }
    return orjson.dumps({"error": content})


def refusal_headers(error: ApiError) -> list[Header]:
    """The header lines of such an answer."""
    return [("content-type", "application/json"), *error.headers]


def language_of(headers: dict[str, str], default: str) -> str:
    """The language that a request asks for."""
    return choose_language(headers.get("accept-language"), default)
