"""The built-in upstream of a fresh installation: says that it is the demo, and costs nothing.

It speaks OpenAI chat in-process, so that a first request goes the whole way:
limit, hold, stream, settlement. What it says is in `demo_text`.
"""

from collections.abc import Iterator

import orjson

from yiyuan.dialects.canonical import Json
from yiyuan.integrations.providers.contract import Provider
from yiyuan.integrations.providers.demo_text import Answer, write_answer
from yiyuan.integrations.providers.shared.openai_like import models_url, openai_endpoint


def answer(body: Json) -> Iterator[bytes]:
    """Answer a chat request: an event stream when it asks for one, else one JSON body."""
    said = write_answer(body)
    if not body.get("stream"):
        turn = {"role": "assistant", "content": "".join(said.words)}
        choices = [
            {"index": i, "message": turn, "finish_reason": said.finish} for i in range(said.n)
        ]
        yield orjson.dumps(_head(body) | {"choices": choices, "usage": said.usage()})
        return
    for event in _events(body, said):
        yield b"data: %b\n\n" % orjson.dumps(event)
    yield b"data: [DONE]\n\n"


def _events(body: Json, said: Answer) -> Iterator[Json]:
    head = _head(body)
    for word in said.words:
        for i in range(said.n):
            choice = {"index": i, "delta": {"content": word}, "finish_reason": None}
            yield head | {"choices": [choice]}
    for i in range(said.n):
        yield head | {"choices": [{"index": i, "delta": {}, "finish_reason": said.finish}]}
    if (body.get("stream_options") or {}).get("include_usage"):
        yield head | {"choices": [], "usage": said.usage()}


def _head(body: Json) -> Json:
    kind = "chat.completion.chunk" if body.get("stream") else "chat.completion"
    return {"id": "demo", "object": kind, "created": 0, "model": body["model"]}


PROVIDER = Provider(
    name="demo",
    endpoints=(openai_endpoint("openai_chat"),),
    speaks=("openai_chat",),
    models_url=models_url,
    credential=lambda _key: [],
    answer=answer,
)
