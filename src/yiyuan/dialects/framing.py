"""Server-sent events: JSON in, whole framed events out.

Every chunk that a client gets is made here, so an upstream's own `event:`,
`id:` and `retry:` lines cannot pass. Events are parsed before they are used;
what is not a JSON object raises MalformedUpstream, which never quotes it.
"""

import orjson

from yiyuan.dialects.canon import Json
from yiyuan.dialects.dialect import MalformedUpstream

DONE = b"data: [DONE]\n\n"
"""The end mark of OpenAI's streams."""


def parse_event(data: str) -> Json:
    """Read the data of one event. Raises MalformedUpstream unless it is a JSON object."""
    try:
        body = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise MalformedUpstream(f"an event is not JSON: {error}") from error
    if type(body) is not dict:
        raise MalformedUpstream("an event is not a JSON object")
    return body


def data_event(body: Json) -> bytes:
    """One event without a name, as OpenAI sends them."""
    return b"data: %b\n\n" % orjson.dumps(body)


def named_event(body: Json) -> bytes:
    """One event named after the body's `type`, as Anthropic sends them."""
    return b"event: %b\ndata: %b\n\n" % (body["type"].encode(), orjson.dumps(body))
