"""Every place of every format holds every kind of value once: refused by name or read.

`test_bad_input` draws such cases by chance; here none is left out.
"""

import copy
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.unit.dialects.dialect_cases import (
    BODIES,
    CHARGE,
    DIALECTS,
    GENERATION,
    STREAMS,
    TARGET,
    USAGE,
    reply_to,
    request_for,
)
from tests.unit.dialects.test_bad_input import EXTRA, RECORDED
from tests.unit.dialects.test_responses_and_errors import ANSWERS
from yiyuan.dialects.contract import MalformedUpstream, UpstreamStreamError
from yiyuan.kernel.errors import InvalidRequest

ODD: list[Any] = [None, True, 5, 1.5, "", "x", [], {}, [None], [[]], [{}], {"type": []}]
BY_FORMAT = pytest.mark.parametrize("dialect", GENERATION, ids=lambda dialect: dialect.name)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything in a JSON value."""
    keys = value if isinstance(value, dict) else range(len(value)) if type(value) is list else ()
    for key in keys:
        yield (*path, key)
        yield from places(value[key], (*path, key))


def variants(body: Any) -> Iterator[tuple[str, Any]]:
    """Each place with each odd value, and what to call it."""
    for path in places(body):
        for odd in ODD:
            changed = holder = copy.deepcopy(body)
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = copy.deepcopy(odd)
            yield f"{path} = {odd}", changed


@BY_FORMAT
def test_requests(dialect):
    bodies = [body for each, body in RECORDED if each is dialect] + [BODIES[dialect.name](**EXTRA)]
    for name, body in (variant for each in bodies for variant in variants(each)):
        try:
            request = dialect.read_request(body)
            for upstream in GENERATION:
                try:
                    assert orjson.dumps(upstream.write_request(request, TARGET))
                except InvalidRequest as refused:
                    assert refused.param, name
        except InvalidRequest as refused:
            assert refused.param, name
        except Exception as error:
            error.add_note(name)
            raise


@BY_FORMAT
def test_streams(dialect):
    events = STREAMS[dialect.name]
    for at, event in enumerate(events):
        if event == "[DONE]":
            continue
        for name, changed in variants(orjson.loads(event)):
            played = [*events[:at], orjson.dumps(changed).decode(), *events[at + 1 :]]
            for client in GENERATION:
                try:
                    assert relayed(dialect, client, played)
                except Exception as error:
                    error.add_note(f"{client.name}: event {at}, {name}")
                    raise


def relayed(upstream, client, events: list[str]) -> bytes:
    """What a client gets of a stream, up to where it is broken off."""
    reader = upstream.stream_reader()
    writer = client.stream_writer(reply_to(request_for(client, stream=True)))
    written = b""
    try:
        for event in events:
            written += b"".join(map(writer.write, reader.feed(None, event)))
    except (MalformedUpstream, UpstreamStreamError):
        pass
    return written + writer.close(USAGE, CHARGE)


@BY_FORMAT
def test_answers(dialect):
    for name, body in variants(ANSWERS[dialect.name]):
        try:
            try:
                response = dialect.read_response(body)
            except (MalformedUpstream, UpstreamStreamError):
                continue
            for client in GENERATION:
                reply = reply_to(request_for(client))
                assert orjson.dumps(client.write_response(response, reply, USAGE, CHARGE))
        except Exception as error:
            error.add_note(name)
            raise


TEXTS = {"parts": [{"text": "a"}]}
PICTURE = {"type": "image_url", "image_url": {"url": "https://x.invalid/y"}}
ASKED: dict[str, list[Any]] = {
    "openai_embeddings": [{"model": "m", "input": ["a"], "dimensions": 3, "user": "u"}],
    "gemini_embeddings": [
        {"model": "m", "content": TEXTS, "outputDimensionality": 3},
        {"model": "m", "requests": [{"model": "models/m", "content": TEXTS}]},
    ],
    "rerank": [{"model": "m", "query": "q", "documents": ["a", {"text": "b"}], "top_n": 1}],
    "openai_moderations": [{"model": "m", "input": [{"type": "text", "text": "x"}, PICTURE]}],
}
SAID: dict[str, list[Any]] = {
    "openai_embeddings": [
        {"data": [{"index": 0, "embedding": [0.5]}], "usage": {"prompt_tokens": 3}},
        {"data": [{"index": 0, "embedding": "AAAAPw=="}], "usage": {"prompt_tokens": 3}},
    ],
    "gemini_embeddings": [{"embeddings": [{"values": [0.5, 1]}], "usageMetadata": {}}],
    "rerank": [
        {"results": [{"index": 0, "relevance_score": 0.5}], "meta": {"tokens": {"input_tokens": 3}}}
    ],
    "openai_moderations": [{"model": "x", "results": [{"flagged": True, "categories": {}}]}],
}
"""Of the formats that do not generate: requests, and answers of upstreams."""
VECTORS = ["x", "AAAA", "A=B=", 10**400, [1e300], [10**400]]
"""What is no vector, and has the type of one."""


def of_operation(dialect):
    return [each for each in DIALECTS.values() if each.operation == dialect.operation]


@pytest.mark.parametrize("name", ASKED)
def test_what_other_formats_ask_and_say(name):
    dialect = DIALECTS[name]
    others = of_operation(dialect)
    for path, body in (variant for each in ASKED[name] for variant in variants(each)):
        try:
            request = dialect.read_request(body)
            for upstream in others:
                assert orjson.dumps(upstream.write_request(request, TARGET)), path
        except InvalidRequest as refused:
            assert refused.param, path
    for path, body in (variant for each in SAID[name] for variant in variants(each)):
        assert_delivered(dialect, body, path)


def assert_delivered(dialect, body: Any, path: str) -> None:
    """What was read is charged, so that it can be written for every client."""
    try:
        response = dialect.read_response(body)
    except (MalformedUpstream, UpstreamStreamError):
        return
    for client in of_operation(dialect):
        for asked in ASKED[client.name]:
            for more in ({}, {"encoding_format": "base64"}):
                request = client.read_request(copy.deepcopy(asked) | more)
                try:
                    assert client.write_response(response, reply_to(request), USAGE, CHARGE)
                except Exception as error:
                    error.add_note(f"{client.name}: {path}")
                    raise


@pytest.mark.parametrize("vector", VECTORS, ids=repr)
def test_what_is_no_vector(vector):
    assert_delivered(DIALECTS["openai_embeddings"], {"data": [{"embedding": vector}]}, "embedding")
    values = vector if type(vector) is list else [vector]
    assert_delivered(DIALECTS["gemini_embeddings"], {"embeddings": [{"values": values}]}, "values")
