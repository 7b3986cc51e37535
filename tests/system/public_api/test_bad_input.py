"""Bad input is a clear 4xx: never a 500, never a charge, and memory stays flat."""

import gzip
import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.support import wire
from tests.support.drivers import CHAT, COMPLETIONS, DRIVERS, MESSAGES

PATHS = [driver.path for driver in DRIVERS.values()] + ["/v1/embeddings"]
BODY_LIMIT_BYTES = 10 * 1024 * 1024


def check(answer: wire.Answer, *statuses: int) -> None:
    assert answer.status in (statuses or (400,)), (answer.status, answer.body[:500])
    error = answer.error
    assert isinstance(error["message"], str)
    assert len(error["message"]) > 5
    assert "Traceback" not in answer.body.decode()


MALFORMED = {
    "empty": b"",
    "half": b'{"model": "gpt-4", "mess',
    "text": b"hello",
    "list": b"[]",
    "string": b'"gpt-4"',
    "null": b"null",
    "number": b"12",
    "nan": b'{"model": "gpt-4", "temperature": NaN}',
    "infinity": b'{"model": "gpt-4", "temperature": Infinity}',
    "two documents": b'{"model": "gpt-4"}{"model": "gpt-4"}',
    "bad utf-8": b'{"model": "gpt-\xff"}',
    "utf-16": '{"model": "gpt-4"}'.encode("utf-16"),
    "deep list": b'{"model": "gpt-4", "messages": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "huge integer": b'{"model": "gpt-4", "max_tokens": ' + b"9" * 5_000 + b"}",
    "huge float": b'{"model": "gpt-4", "temperature": 1e999}',
    "control character": b'{"model": "gpt\x00-4"}',
    "form": b"model=gpt-4&prompt=hi",
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_malformed_bodies(customer, path, body):
    check(customer.post(path, body))


def base_body(path: str) -> dict:
    if path == "/v1/embeddings":
        return {"model": "text-embedding-3-small", "input": "Hi"}
    driver = next(driver for driver in DRIVERS.values() if driver.path == path)
    return driver.body("gpt-4", "Hi")


# Every parameter that must be of a type, with values of others.
WRONG = ["text", 5, 5.5, True, [], {}, [[]], [{}], [None], -1, 2**63, 2**70, "", {"a": 1}, ["x"]]
PARAMETERS = {
    CHAT.path: {
        "model": str,
        "messages": list,
        "max_tokens": int,
        "max_completion_tokens": int,
        "temperature": float,
        "top_p": float,
        "n": int,
        "stream": bool,
        "stream_options": dict,
        "stop": (str, list),
        "presence_penalty": float,
        "frequency_penalty": float,
        "logit_bias": dict,
        "seed": int,
        "logprobs": bool,
        "top_logprobs": int,
        "tools": list,
        "tool_choice": (str, dict),
        "response_format": dict,
        "user": str,
        "reasoning_effort": str,
        "parallel_tool_calls": bool,
    },
    COMPLETIONS.path: {
        "model": str,
        "prompt": (str, list),
        "max_tokens": int,
        "temperature": float,
        "top_p": float,
        "n": int,
        "best_of": int,
        "stream": bool,
        "stream_options": dict,
        "stop": (str, list),
        "presence_penalty": float,
        "frequency_penalty": float,
        "logit_bias": dict,
        "seed": int,
        "logprobs": int,
        "echo": bool,
        "suffix": str,
        "user": str,
    },
    MESSAGES.path: {
        "model": str,
        "messages": list,
        "max_tokens": int,
        "temperature": float,
        "top_p": float,
        "top_k": int,
        "stream": bool,
        "stop_sequences": (str, list),
        "system": (str, list),
        "tools": list,
        "tool_choice": dict,
        "thinking": dict,
        "metadata": dict,
    },
    "/v1/responses": {
        "model": str,
        "input": (str, list),
        "instructions": str,
        "max_output_tokens": int,
        "temperature": float,
        "top_p": float,
        "stream": bool,
        "tools": list,
        "tool_choice": (str, dict),
        "reasoning": dict,
        "text": dict,
        "metadata": dict,
        "store": bool,
    },
    "/v1/embeddings": {
        "model": str,
        "input": (str, list),
        "encoding_format": str,
        "dimensions": int,
        "user": str,
    },
}


def is_of(value, kind) -> bool:
    kinds = kind if isinstance(kind, tuple) else (kind,)
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, int) and float in kinds:
        return True
    return isinstance(value, kinds)


@pytest.mark.parametrize(
    ("path", "model"),
    [
        (path, model)
        for path in PATHS
        for model in ("gpt-4", "claude-2")
        if (path, model) != ("/v1/embeddings", "claude-2")  # which has none
    ],
)
def test_wrong_types_for_every_parameter(customer, path, model):
    """Never a 500; for a value of a wrong type of a parameter that we read, a 400."""
    strict = {
        "model",
        "messages",
        "prompt",
        "max_tokens",
        "n",
        "stream",
        "stop",
        "input",
        "max_completion_tokens",
        "stop_sequences",
        "tools",
    }
    base = base_body(path) if path == "/v1/embeddings" else {**base_body(path), "model": model}
    for name, kind in PARAMETERS[path].items():
        for value in WRONG:
            answer = customer.post(path, {**base, name: value})
            note = (name, value, answer.status, answer.body[:300])
            assert answer.status < 500 or answer.status == 502, note
            assert answer.status != 500, note
            if name in strict and not is_of(value, kind):
                assert answer.status in (400, 404), note
                assert answer.status == 404 or name in str(answer.error), note


BAD_MESSAGES = [
    [{}],
    [{"role": "user"}],
    [{"content": "x"}],
    [{"role": "nobody", "content": "x"}],
    [{"role": 5, "content": "x"}],
    [{"role": "user", "content": 5}],
    [{"role": "user", "content": {}}],
    [{"role": "user", "content": [5]}],
    [{"role": "user", "content": [{}]}],
    [{"role": "user", "content": [{"type": "text"}]}],
    [{"role": "user", "content": [{"type": "text", "text": 5}]}],
    [{"role": "user", "content": [{"type": 5}]}],
    ["hello"],
    [None],
    [[]],
]


@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
@pytest.mark.parametrize("driver", [CHAT, MESSAGES], ids=lambda driver: driver.name)
@pytest.mark.parametrize("messages", BAD_MESSAGES, ids=json.dumps)
def test_bad_messages(customer, driver, model, messages):
    check(customer.post(driver.path, {**driver.body(model, "x"), "messages": messages}))


def test_missing_parameters_are_named(customer):
    for path, name in (
        (CHAT.path, "messages"),
        (MESSAGES.path, "messages"),
        (MESSAGES.path, "max_tokens"),
        ("/v1/embeddings", "input"),
        (CHAT.path, "model"),
    ):
        body = base_body(path)
        del body[name]
        answer = customer.post(path, body)
        check(answer)
        assert name in answer.error["message"]


def test_an_embedding_model_does_not_chat(customer):
    answer = customer.post("/v1/embeddings", {"model": "claude-2", "input": "x"})
    check(answer, 400, 404)


def test_a_body_over_the_limit(customer):
    answer = customer.post(CHAT.path, b" " * (BODY_LIMIT_BYTES + 1))
    assert answer.status == 413
    assert answer.error["code"] == "request_too_large"


def test_a_declared_length_over_the_limit_is_refused_before_it_is_read(gateway, customer):
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {customer.key}\r\n"
        f"Content-Length: {10**12}\r\n\r\n"
    )
    began = time.monotonic()
    answer = wire.parse_raw(wire.raw(gateway.origin, head.encode()))
    assert answer.status == 413
    assert time.monotonic() - began < 5
    assert answer.headers["connection"] == "close"


def test_a_chunked_body_over_the_limit(gateway, customer):
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {customer.key}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    answer = wire.parse_raw(wire.raw(gateway.origin, head.encode() + chunk * 12))
    assert answer.status == 413


def test_a_chunked_body_works(gateway, customer):
    data = json.dumps(CHAT.body("gpt-4", "Hi")).encode()
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {customer.key}\r\n"
        "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    pieces = b"".join(b"%x\r\n%b\r\n" % (1, data[i : i + 1]) for i in range(len(data)))
    answer = wire.parse_raw(wire.raw(gateway.origin, head.encode() + pieces + b"0\r\n\r\n"))
    assert answer.status == 200, answer.body


def test_the_credential_comes_before_the_body(gateway):
    """Nobody may make us read megabytes without a token."""
    length = 9 * 2**20
    head = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
    head += f"Content-Length: {length}\r\n\r\n"
    answer = wire.parse_raw(wire.raw(gateway.origin, head.encode()))
    assert answer.status == 401


def test_memory_stays_flat_under_large_bodies(gateway, customer):
    big = json.dumps(CHAT.body("gpt-4", "x" * (BODY_LIMIT_BYTES - 1000))).encode()
    customer.post(CHAT.path, big[:-1])
    before = gateway.rss_bytes()
    for at in range(12):
        if at % 3 == 0:  # refused bodies of one account are read up to 32 MiB a minute
            customer = gateway.customer()
        size = BODY_LIMIT_BYTES + 1 if at % 2 else BODY_LIMIT_BYTES - 10
        status = customer.post(CHAT.path, b'{"a":"' + b"x" * (size - 6)).status
        assert status in (400, 413)
    assert gateway.rss_bytes() - before < 100 * 2**20


def test_a_long_prompt_is_bounded_quickly(gateway, customer):
    """Five million characters: refused or answered within seconds, others are not held up."""
    poor = gateway.customer(1_000)
    began = time.monotonic()
    answer = poor.post(CHAT.path, CHAT.body("gpt-4", "lorem ipsum " * 400_000))
    assert answer.status == 402
    assert time.monotonic() - began < 10


def test_bodies_in_an_unknown_compression_are_refused_clearly(customer):
    data = gzip.compress(json.dumps(CHAT.body("gpt-4", "Hi")).encode())
    assert customer.post(CHAT.path, data, content_encoding="gzip").status == 200
    check(customer.post(CHAT.path, data, content_encoding="br"), 400, 415)


def trickle(origin: str, first: bytes, piece: bytes, every: float, seconds: float) -> bytes:
    """Send `first`, then `piece` now and then; what came back when the server had enough."""
    parts = urlsplit(origin)
    end = time.monotonic() + seconds
    with socket.create_connection((parts.hostname, parts.port), timeout=every) as sock:
        sock.sendall(first)
        while time.monotonic() < end:
            try:
                received = sock.recv(65536)
            except TimeoutError:
                sock.sendall(piece)
                continue
            except OSError:
                return b""
            return received
    raise AssertionError(f"still connected after {seconds} s")


@pytest.mark.slow
def test_a_slow_body_and_a_slow_head_are_given_up(gateway, customer):
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {customer.key}\r\n"
        "Content-Length: 100000\r\n\r\n"
    )
    first = b"POST /v1/chat/completions HTTP/1.1\r\n"
    with ThreadPoolExecutor(2) as threads:
        body = threads.submit(trickle, gateway.origin, head.encode(), b" ", 0.5, 45)
        line = threads.submit(trickle, gateway.origin, first, b"X", 0.5, 20)
        assert line.result() == b"" or line.result().startswith(b"HTTP/1.1 408")
        assert body.result().startswith(b"HTTP/1.1 408 Request Timeout")
