"""What an upstream's error body says, whoever wrote it.

OpenAI, Anthropic, vLLM, Ollama, FastAPI and the pages of proxies in between all
differ; reading them never fails. The text is for the log and, redacted by the
gateway, for the client; it is cut at 2,000 characters.
"""

from typing import Any

import orjson

from yiyuan.dialects.canonical import Json, UpstreamProblem
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError

MESSAGE_CHARS_MAX = 2000
DETAILS_BYTES_MAX = 2000


def read_problem(body: bytes) -> UpstreamProblem:
    """Read the body of an upstream's error response; never raises."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body[: 4 * MESSAGE_CHARS_MAX].decode("utf-8", "replace").strip()
        return UpstreamProblem(text[:MESSAGE_CHARS_MAX] or "an empty body")
    return problem_of(document)


def problem_of(value: Any) -> UpstreamProblem:
    """Read an error in any JSON form; never raises."""
    for _ in range(4):
        if isinstance(value, list) and value:
            value = value[0]
        elif isinstance(value, dict) and value.get("error"):
            value = value["error"]
        else:
            break
    if isinstance(value, dict):
        return UpstreamProblem(
            _message_of(value),
            code=_short(value.get("code")),
            type=_short(value.get("type")),
            param=_short(value.get("param")),
            details=_short_details(value.get("details")),
        )
    return UpstreamProblem(_cut(value))


def list_of(body: Any, name: str, what: str) -> list[Any]:
    """What an answer with status 200 has under `name`, which may not be empty.

    Raises UpstreamStreamError when it is an error after all, MalformedUpstream when there
    is no `what`.
    """
    if type(body) is not dict:
        raise MalformedUpstream("the body is not an object")
    found = body.get(name)
    if body.get("error") and not found:
        raise UpstreamStreamError(problem_of(body))
    if type(found) is not list or not found:
        raise MalformedUpstream(f"the body has no {what}")
    return found


def _short_details(value: Any) -> Json | None:
    """What programs read, unless it is longer than any such is."""
    if not isinstance(value, dict) or len(orjson.dumps(value)) > DETAILS_BYTES_MAX:
        return None
    return value


def _message_of(error: Json) -> str:
    for name in ("message", "detail", "msg"):
        if error.get(name):
            return _cut(error[name])
    return _cut(error)


def _cut(value: Any) -> str:
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text[:MESSAGE_CHARS_MAX]


def _short(value: Any) -> str | None:
    return str(value)[:100] if isinstance(value, str | int) and value != "" else None
