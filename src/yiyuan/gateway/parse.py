"""From a body's bytes to a JSON object: 400 for everything else."""

from collections.abc import Mapping

import orjson

from yiyuan.dialects.canon import Json
from yiyuan.kernel.errors import InvalidRequest


def parse_body(body: bytes, headers: Mapping[str, str]) -> Json:
    """The JSON object in `body`.

    NaN, Infinity, broken UTF-8 and nesting deeper than 1,024 are not JSON here.
    Compressed bodies are refused: none of the clients we serve sends any.
    """
    encoding = headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise InvalidRequest("unsupported_content_encoding", encoding=encoding[:32])
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequest("invalid_json", reason=str(error)[:200]) from error
    if not isinstance(parsed, dict):
        raise InvalidRequest("body_not_object")
    return parsed
