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
