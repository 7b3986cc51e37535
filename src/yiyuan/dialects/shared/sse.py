"""Server-sent events: JSON in, whole framed events out.

Every chunk that a client gets is made here, so an upstream's own `event:`,
`id:` and `retry:` lines cannot pass. Events are parsed before they are used;
what is not a JSON object raises MalformedUpstream, which never quotes it.
"""

from typing import Any

import orjson

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contract import MalformedUpstream
from yiyuan.dialects.shared.json_text import read_json

DONE = b"data: [DONE]\n\n"
"""The end mark of OpenAI's streams."""
_ENDS = frozenset({"message_stop", "response.completed", "response.incomplete"})


def is_done(data: str) -> bool:
    """Whether an event is the end mark of OpenAI's streams, which others send as well."""
    return data[:6] == "[DONE]"


def is_end(kind: Any) -> bool:
    """Whether an event's type is some format's end: servers that speak several mix them."""
    return type(kind) is str and kind in _ENDS


def parse_event(data: str) -> Json:
    """Read the data of one event. Raises MalformedUpstream unless it is a JSON object."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            body = read_json(data)
        except orjson.JSONDecodeError as error:
            raise MalformedUpstream(f"an event is not JSON: {error}") from error
    if type(body) is not dict:
        raise MalformedUpstream("an event is not a JSON object")
    return body


def inner_of(event: Json, name: str) -> Json:
    """An object that an event must have. Raises MalformedUpstream."""
    value = event.get(name)
    if type(value) is not dict:
        raise MalformedUpstream(f"an event has no {name}")
    return value


def data_event(body: Json) -> bytes:
    """One event without a name, as OpenAI sends them."""
    return b"data: %b\n\n" % orjson.dumps(body)


def named_event(body: Json) -> bytes:
    """One event named after the body's `type`, as Anthropic sends them."""
    return b"event: %b\ndata: %b\n\n" % (body["type"].encode(), orjson.dumps(body))
