"""The scripted upstream itself: an upstream that lies by accident would prove nothing."""

import http.client
import json
import socket
import warnings

import pytest

from tests.support import wire
from tests.support.upstreams.behaviour import WORD
from tests.support.upstreams.control import Upstream, now

CHAT = "/v1/chat/completions"
HEADERS = {"x-api-key": "k", "anthropic-version": "2023-06-01"}


def chat(text: str, **options):
    return {"model": "m", "messages": [{"role": "user", "content": text}], **options}


def openai(upstream: Upstream, body, path=CHAT) -> wire.Answer:
    return wire.call(upstream.origin, "POST", path, body, key="k")


def anthropic(upstream: Upstream, body, path="/v1/messages") -> wire.Answer:
    return wire.call(upstream.origin, "POST", path, body, headers=HEADERS)


def stream(upstream: Upstream, body, path=CHAT, **options) -> wire.EventStream:
    return wire.EventStream(upstream.origin, path, {**body, "stream": True}, key="k", **options)


def text_of(events) -> str:
    deltas = [json.loads(e.data) for e in events if e.data != "[DONE]"]
    return "".join(c["delta"].get("content") or "" for d in deltas for c in d["choices"])


def test_a_word_is_one_token_in_both_vocabularies():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import bpe_openai  # noqa: PLC0415
    for vocabulary in ("cl100k_base", "o200k_base"):
        assert len(bpe_openai.get_encoding(vocabulary).encode(WORD * 100)) == 100


def test_chat_answers_as_many_tokens_as_asked_for(upstream):
    document = openai(upstream, chat("two words", max_tokens=5)).json()
    assert document["choices"][0]["message"]["content"] == WORD * 5
    assert document["choices"][0]["finish_reason"] == "length"
    assert document["usage"]["completion_tokens"] == 5
    assert document["usage"]["prompt_tokens"] == 3


def test_messages_answers_as_many_tokens_as_asked_for(upstream):
    document = anthropic(upstream, chat("two words", max_tokens=5)).json()
    assert document["content"] == [{"type": "text", "text": WORD * 5}]
    assert document["stop_reason"] == "max_tokens"
    assert document["usage"]["output_tokens"] == 5


def test_chat_stream_tells_usage_only_when_asked(upstream):
    with stream(upstream, chat("hi", max_tokens=3)) as plain:
        events = plain.rest()
    assert text_of(events) == WORD * 3
    assert events[-1].data == "[DONE]"
    assert not any("usage" in e.data for e in events)
    with stream(upstream, chat("hi", max_tokens=3, stream_options={"include_usage": True})) as s:
        told = s.rest()
    assert json.loads(told[-2].data)["usage"]["completion_tokens"] == 3


def test_messages_stream_has_anthropics_events(upstream):
    body = {**chat("hi", max_tokens=2), "stream": True}
    with wire.EventStream(upstream.origin, "/v1/messages", body, headers=HEADERS) as s:
        names = [e.event for e in s.rest()]
    assert names == [
        "message_start",
        "ping",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_a_script_is_played_in_order_and_logged(upstream):
    script = upstream.script({"status": 429, "headers": {"retry-after": "3"}}, {})
    refused = openai(upstream, chat(script.mark))
    assert (refused.status, refused.headers["retry-after"]) == (429, "3")
    assert openai(upstream, chat(script.mark)).status == 200
    log = script.log()
    assert [entry["status"] for entry in log] == [429, 200]
    assert log[1]["body"]["messages"][0]["content"] == script.mark
    assert log[1]["sent_tokens"] == 8


@pytest.mark.parametrize("framing", ["bytes", "crlf", "cr", "comments", "multiline", "bom"])
def test_framing_changes_no_text(upstream, framing):
    script = upstream.script({"framing": framing, "text": "héllo 世界 end"})
    with stream(upstream, chat(script.mark)) as s:
        received = s._response.read().decode("utf-8-sig")
    assert received.count("[DONE]") == 1
    joined = received.replace("\r\n", "\n").replace("\r", "\n")
    blocks = [
        "\n".join(line[6:] for line in block.split("\n") if line.startswith("data: "))
        for block in joined.split("\n\n")
    ]
    documents = [json.loads(b) for b in blocks if b.startswith("{")]
    text = "".join(c["delta"].get("content") or "" for d in documents for c in d["choices"])
    assert text == "héllo 世界 end"


def test_reset_mid_stream_is_a_reset(upstream):
    script = upstream.script({"reset_after": 2, "output_tokens": 9})
    with stream(upstream, chat(script.mark)) as s, pytest.raises(ConnectionResetError):
        s.rest()
    assert len(text_of(s.seen)) == len(WORD) * 2


def test_drop_breaks_the_body_and_truncate_does_not(upstream):
    script = upstream.script({"drop_after": 2, "output_tokens": 9})
    with stream(upstream, chat(script.mark)) as s, pytest.raises(http.client.IncompleteRead):
        s.rest()
    script = upstream.script({"truncate_after": 2, "output_tokens": 9})
    with stream(upstream, chat(script.mark)) as s:
        events = s.rest()
    assert text_of(events) == WORD * 2
    assert events[-1].data != "[DONE]"


def test_the_client_leaving_is_noted_at_once(upstream):
    script = upstream.script({"stall_after": 1, "output_tokens": 9})
    s = stream(upstream, chat(script.mark))
    s.take(2)
    left = now()
    s.close()
    entry = script.only()
    assert 0 <= entry["gone_at"] - left < 0.5
    assert entry["sent_tokens"] == 1


def test_a_gate_holds_the_stream_until_it_is_opened(upstream):
    script = upstream.script({"gate_after": 1, "output_tokens": 3})
    with stream(upstream, chat(script.mark), timeout=5) as s:
        assert text_of(s.take(2)) == WORD
        script.open_gate()
        assert text_of(s.rest()) == WORD * 2


def test_an_endless_stream_ends_with_its_client(upstream):
    script = upstream.script({"endless": True})
    s = stream(upstream, chat(script.mark))
    s.take(100)
    s.abort()
    assert script.only()["sent_tokens"] >= 98


def test_a_hang_says_nothing(upstream):
    script = upstream.script({"hang": True})
    with pytest.raises(socket.timeout):
        wire.call(upstream.origin, "POST", CHAT, chat(script.mark), key="k", timeout=0.2)
    assert script.only()["status"] == 0


def test_what_real_servers_refuse_is_refused(upstream):
    assert wire.call(upstream.origin, "POST", CHAT, chat("x")).status == 401
    assert openai(upstream, chat("x", stream_options={})).status == 400
    assert anthropic(upstream, chat("x")).status == 400
    assert anthropic(upstream, chat("x", max_tokens=1, n=2)).status == 400
    assert anthropic(upstream, chat("", max_tokens=1)).status == 400
