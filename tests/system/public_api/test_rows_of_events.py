"""Events that come one by one, or all at once, say the same to a client and cost the same.

One by one, the events of a row pass as bytes; all at once, each is read. Odd events stand
in the middle of a row.
"""

import json

import pytest

from tests.support.drivers import CHAT, MESSAGES

WORDS = [" one", " two", " three", " four", " five", "，六", "\n\n", ' “eight” "', "\\ ünï", "😀"]
HEAD = '{"id":"up-1","object":"chat.completion.chunk","created":7,"model":"up-model","choices":'
SEVERAL = [{"index": index, "delta": {"content": f" {index}"}} for index in (0, 1)]


@pytest.fixture(autouse=True)
def _at_once_again(server):
    yield
    server.pause_seconds = 0.0


def framed(document, kind=None):
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    named = f"event: {kind}\n" if kind else ""
    return f"{named}data: {text}\n\n".encode()


def chat(text="", finish=None, **more):
    said = json.dumps({"content": text} if text else {}, ensure_ascii=False)
    end, rest = (
        json.dumps(finish),
        "".join(f",{json.dumps(k)}:{json.dumps(v)}" for k, v in more.items()),
    )
    return framed(f'{HEAD}[{{"index":0,"delta":{said},"finish_reason":{end}}}]{rest}}}')


def block(text, kind="text_delta", name="text"):
    delta = {"type": kind, name: text}
    return framed(
        {"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta"
    )


CHAT_BEGIN = [framed(f'{HEAD}[{{"index":0,"delta":{{"role":"assistant","content":""}}}}]}}')]
CHAT_END = [chat(finish="stop"), framed("[DONE]")]
CHAT_ODD = {
    "nothing": b"",
    "a comment": b": still here\n\n",
    "an event without choices": framed({"choices": []}),
    "no text": chat(),
    "reasoning": framed({"choices": [{"index": 0, "delta": {"reasoning_content": " hm"}}]}),
    "another choice": framed({"choices": [{"index": 1, "delta": {"content": " other"}}]}),
    "several choices": framed({"choices": SEVERAL}),
    "an unknown field": chat(" odd", zebra=[1]),
    "usage": chat(" odd", usage={"prompt_tokens": 4, "completion_tokens": 3}),
    "carriage returns": chat(" odd").replace(b"\n", b"\r\n"),
    "no space": chat(" odd").replace(b"data: ", b"data:"),
    "two lines": chat(" odd").replace(b'"choices"', b'\ndata: "choices"'),
    "an id": b"id: 9\n" + chat(" odd"),
    "a long word": chat(" long" * 60),
    "an end": chat(finish="length"),
}  # fmt: skip
MESSAGE = {"id": "m", "type": "message", "role": "assistant", "content": []}
MESSAGES_BEGIN = [
    framed({"type": "message_start", "message": MESSAGE}),
    framed(
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    ),
]
MESSAGES_END = [
    framed({"type": "content_block_stop", "index": 0}),
    framed({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}),
    framed({"type": "message_stop"}),
]
MESSAGES_ODD = {
    "nothing": b"",
    "a ping": framed({"type": "ping"}, "ping"),
    "no name": block(" odd").split(b"\n", 1)[1],
    "a citation": block({"cited_text": "x"}, "citations_delta", "citation"),
}
CASES = [
    *((CHAT, "chat", odd) for odd in CHAT_ODD),
    *((MESSAGES, "messages", odd) for odd in MESSAGES_ODD),
    *((MESSAGES, "chat", odd) for odd in CHAT_ODD),
    *((CHAT, "messages", odd) for odd in MESSAGES_ODD),
]


def pieces_of(name, odd):
    if name == "chat":
        words = [chat(word) for word in WORDS]
        return [*CHAT_BEGIN, *words, CHAT_ODD[odd], *words, *CHAT_END]
    words = [block(word) for word in WORDS]
    return [*MESSAGES_BEGIN, *words, MESSAGES_ODD[odd], *words, *MESSAGES_END]


def plain(event):
    """An event without what is of one answer alone."""
    document = event.json() if event.data != "[DONE]" else {"done": True}
    for name in ("id", "created"):
        document.pop(name, None)
    if isinstance(document.get("message"), dict):
        document["message"].pop("id", None)
        document["message"].pop("usage", None)  # what was known when it began
    return document


def answered(place, driver, name):
    customer = place.customer()
    with customer.stream(driver.path, driver.streamed(driver.body(name, "hi", 400))) as stream:
        events = [plain(event) for event in stream.rest()]
    return events, customer.spent


@pytest.mark.parametrize(("driver", "name", "odd"), CASES)
def test_nothing_differs(place, server, driver, name, odd):
    pieces = [piece for piece in pieces_of(name, odd) if piece]
    server.say(b"".join(pieces))
    at_once = answered(place, driver, name)
    server.say(*pieces)
    server.pause_seconds = 0.003
    one_by_one = answered(place, driver, name)
    assert one_by_one == at_once
    assert at_once[1] > 0


def test_a_public_name_is_told_and_no_other(place, server):
    server.say(*pieces_of("chat", "nothing"))
    server.pause_seconds = 0.003
    events, _ = answered(place, CHAT, "chat")
    assert {event["model"] for event in events if "model" in event} == {"chat"}
