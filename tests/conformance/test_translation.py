"""Any client dialect over any vendor: what is asked arrives, what is answered comes back."""

import json

import pytest

from tests.conformance import responses_side
from tests.conformance.asked import read
from tests.conformance.combos import KEY, combos, play
from tests.support.drivers import CHAT, COMPLETIONS, FINISH_WORDS, MESSAGES, RESPONSES
from tests.support.upstreams.behaviour import WORD

MATRIX = {
    "dialects": (CHAT.name, COMPLETIONS.name, MESSAGES.name, RESPONSES.name),
    "providers": ("anthropic", "openai"),
}
"""Google's format both ways: tests/unit/dialects/test_gemini.py and the vendors' suites."""
COMBOS, STREAMED = combos(**MATRIX), combos(**MATRIX, streams=(True,))
WHOLE = combos(**MATRIX, streams=(False,))
ALL = pytest.mark.parametrize("combo", COMBOS, ids=str)
CHATTY = pytest.mark.parametrize(
    "combo", [c for c in COMBOS if c.dialect != COMPLETIONS.name], ids=str
)
CHOOSING = pytest.mark.parametrize(
    "combo", [c for c in COMBOS if c.driver in (CHAT, COMPLETIONS)], ids=str
)
STOPPING = pytest.mark.parametrize(
    "combo", [c for c in COMBOS if c.driver is not RESPONSES], ids=str
)
TEXT = 'Ünïcödé 世界 🙂 and a "quote" \\ \u2028 <end>'


@ALL
def test_text(matrix, client, upstream, combo):
    script = upstream.script({"input_tokens": 12, "text": TEXT})
    outcome = play(client, combo, combo.driver.body(combo.model, f"Say it {script.mark}", 50))
    assert outcome.status == 200, outcome.error
    assert outcome.text == TEXT
    assert outcome.is_complete
    assert outcome.finish == FINISH_WORDS[combo.driver.provider_style]["stop"]
    words = len(TEXT.split())
    assert (outcome.told.input, outcome.told.output) == (12, words)
    assert outcome.told.charge == 12 * 2 + words * 10
    assert client.spent == outcome.told.charge
    entry = script.only()
    asked = read(entry)
    assert asked.turns == [("user", f"Say it {script.mark}")]
    assert asked.maximum == 50
    assert entry["body"]["model"] == f"up-{combo.provider}"
    assert entry["key"] == KEY
    assert client.key not in str(entry["headers"])


@ALL
def test_the_maximum_is_the_reason_to_stop(client, upstream, combo):
    script = upstream.script({})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 4))
    assert outcome.text == WORD * 4
    assert outcome.finish == FINISH_WORDS[combo.driver.provider_style]["length"]


@STOPPING
def test_stop_sequences(client, upstream, combo):
    script = upstream.script({})
    name = "stop" if combo.driver.provider_style == "openai" else "stop_sequences"
    body = combo.driver.body(combo.model, script.mark, 4, **{name: ["STOP", "HALT"]})
    assert play(client, combo, body).status == 200
    assert read(script.only()).stop == ["STOP", "HALT"]


@ALL
def test_cached_input_is_told_and_charged_as_such(client, upstream, combo):
    script = upstream.script({"input_tokens": 100, "cached_tokens": 60, "output_tokens": 2})
    text = script.mark + " and" * 100
    outcome = play(client, combo, combo.driver.body(combo.model, text, 4))
    assert outcome.told.cached == 60
    assert outcome.told.input == 100
    assert outcome.told.charge == 40 * 2 + 60 * 0.5 + 2 * 10


@ALL
def test_parameters_that_both_sides_know(client, upstream, combo):
    script = upstream.script({})
    body = combo.driver.body(combo.model, script.mark, 4, temperature=0.25, top_p=0.5)
    assert play(client, combo, body).status == 200
    sent = script.only()["body"]
    assert (sent["temperature"], sent["top_p"]) == (0.25, 0.5)


def system_body(combo, mark: str) -> dict:
    if combo.driver is RESPONSES:
        return responses_side.system_body(combo.model, mark)
    if combo.driver is MESSAGES:
        messages = [
            {"role": "user", "content": f"First {mark}"},
            {"role": "assistant", "content": [{"type": "text", "text": "Answer"}]},
            {"role": "user", "content": [{"type": "text", "text": "Second"}]},
        ]
        return {"model": combo.model, "system": "Be brief.", "messages": messages, "max_tokens": 4}
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": f"First {mark}"},
        {"role": "assistant", "content": "Answer"},
        {"role": "user", "content": [{"type": "text", "text": "Second"}]},
    ]
    return {"model": combo.model, "messages": messages, "max_tokens": 4}


@CHATTY
def test_system_and_turns(client, upstream, combo):
    script = upstream.script({})
    assert play(client, combo, system_body(combo, script.mark)).status == 200
    asked = read(script.only())
    assert asked.system == "Be brief."
    assert asked.turns == [
        ("user", f"First {script.mark}"),
        ("assistant", "Answer"),
        ("user", "Second"),
    ]


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
IMAGE_URL = "http://images.invalid/cat.png"


@CHATTY
def test_images_by_url_and_inline(client, upstream, combo):
    script = upstream.script({})
    inline_url = f"data:image/png;base64,{PIXEL}"
    if combo.driver is RESPONSES:
        turn = responses_side.image_turn(script.mark, IMAGE_URL, inline_url)
        assert play(client, combo, {"model": combo.model, "input": [turn]}).status == 200
        assert read(script.only()).images == [("url", IMAGE_URL), ("image/png", PIXEL)]
        return
    if combo.driver is CHAT:
        parts = [
            {"type": "text", "text": script.mark},
            {"type": "image_url", "image_url": {"url": IMAGE_URL}},
            {"type": "image_url", "image_url": {"url": inline_url}},
        ]
    else:
        inline = {"type": "base64", "media_type": "image/png", "data": PIXEL}
        parts = [
            {"type": "text", "text": script.mark},
            {"type": "image", "source": {"type": "url", "url": IMAGE_URL}},
            {"type": "image", "source": inline},
        ]
    body = {
        **combo.driver.body(combo.model, "", 4),
        "messages": [{"role": "user", "content": parts}],
    }
    assert play(client, combo, body).status == 200
    assert read(script.only()).images == [("url", IMAGE_URL), ("image/png", PIXEL)]


SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
ARGUMENTS = {"city": '北京 "x"', "days": 3}


def tool_body(combo, mark: str) -> dict:
    body = combo.driver.body(combo.model, f"Weather? {mark}", 60)
    if combo.driver is RESPONSES:
        return body | responses_side.tool_fields("weather", SCHEMA)
    if combo.driver is CHAT:
        function = {"name": "weather", "description": "Tells it", "parameters": SCHEMA}
        return {
            **body,
            "tools": [{"type": "function", "function": function}],
            "tool_choice": "auto",
        }
    tool = {"name": "weather", "description": "Tells it", "input_schema": SCHEMA}
    return {**body, "tools": [tool], "tool_choice": {"type": "auto"}}


def called(combo, outcome) -> tuple[str, str, dict]:
    """The tool call of an answer: (id, name, arguments)."""
    if combo.driver is RESPONSES:
        return responses_side.called(combo, outcome)
    if combo.driver is CHAT and not combo.is_stream:
        call = outcome.document["choices"][0]["message"]["tool_calls"][0]
        assert call["type"] == "function"
        return call["id"], call["function"]["name"], json.loads(call["function"]["arguments"])
    if combo.driver is CHAT:
        deltas = [
            call
            for choice in CHAT.choices(outcome.events)
            for call in choice["delta"].get("tool_calls") or []
        ]
        assert {delta["index"] for delta in deltas} == {0}
        arguments = "".join(d["function"].get("arguments") or "" for d in deltas)
        return deltas[0]["id"], deltas[0]["function"]["name"], json.loads(arguments)
    if not combo.is_stream:
        blocks = [b for b in outcome.document["content"] if b["type"] == "tool_use"]
        return blocks[0]["id"], blocks[0]["name"], blocks[0]["input"]
    starts = MESSAGES.events(outcome.events, "content_block_start")
    block = next(s for s in starts if s["content_block"]["type"] == "tool_use")
    deltas = MESSAGES.events(outcome.events, "content_block_delta")
    text = "".join(
        d["delta"]["partial_json"]
        for d in deltas
        if d["index"] == block["index"] and d["delta"]["type"] == "input_json_delta"
    )
    found = block["content_block"]
    return found["id"], found["name"], json.loads(text)


@CHATTY
@pytest.mark.parametrize("has_text", [False, True], ids=["call-only", "text-and-call"])
def test_a_tool_call_and_its_result(client, upstream, combo, has_text):
    call = {"name": "weather", "arguments": json.dumps(ARGUMENTS, ensure_ascii=False)}
    said = {"text": "Let me see."} if has_text else {"empty": True}
    script = upstream.script({"tool_calls": [call], "output_tokens": 0, **said}, {"text": " Sunny"})
    body = tool_body(combo, script.mark)
    first = play(client, combo, body)
    assert first.status == 200, first.error
    assert first.finish == FINISH_WORDS[combo.driver.provider_style]["tool"]
    assert first.text == ("Let me see." if has_text else "")
    call_id, name, arguments = called(combo, first)
    assert (name, arguments) == ("weather", ARGUMENTS)
    sent = read(script.log()[0])
    assert sent.tools == {"weather": SCHEMA}
    assert sent.tool_choice in ("auto", None)

    second = play(client, combo, with_result(combo, body, call_id))
    assert second.status == 200, second.error
    assert second.text == " Sunny"
    asked = read(script.log()[1])
    assert asked.calls == [(call_id, "weather", ARGUMENTS)]
    assert asked.results == [(call_id, "22 degrees")]


def with_result(combo, body: dict, call_id: str) -> dict:
    """The next turn: the call, and what the tool said."""
    if combo.driver is RESPONSES:
        call = {"call_id": call_id, "name": "weather", "arguments": json.dumps(ARGUMENTS)}
        return responses_side.with_result(body, call, "22 degrees")
    if combo.driver is CHAT:
        function = {"name": "weather", "arguments": json.dumps(ARGUMENTS)}
        more = [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": call_id, "type": "function", "function": function}],
            },
            {"role": "tool", "tool_call_id": call_id, "content": "22 degrees"},
        ]
    else:
        more = [
            {
                "role": "assistant",
                "content": [
                    {"type": "tool_use", "id": call_id, "name": "weather", "input": ARGUMENTS}
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": call_id, "content": "22 degrees"}
                ],
            },
        ]
    return {**body, "messages": [*body["messages"], *more]}


@CHATTY
def test_two_tool_calls_at_once(client, upstream, combo):
    calls = [{"name": "a", "arguments": '{"x": 1}'}, {"name": "b", "arguments": '{"y": 2}'}]
    script = upstream.script({"tool_calls": calls, "empty": True, "output_tokens": 0})
    outcome = play(client, combo, tool_body(combo, script.mark))
    assert outcome.status == 200
    told = (
        json.dumps(outcome.document)
        if outcome.document
        else "".join(event.data for event in outcome.events)
    )
    assert "call_" in told or "toolu_" in told
    if combo.driver is CHAT and combo.is_stream:
        deltas = [
            c
            for choice in CHAT.choices(outcome.events)
            for c in choice["delta"].get("tool_calls") or []
        ]
        assert sorted({d["index"] for d in deltas}) == [0, 1]
        ids = [d["id"] for d in deltas if d.get("id")]
        assert len(ids) == len(set(ids)) == 2
    if combo.driver is MESSAGES and combo.is_stream:
        starts = MESSAGES.events(outcome.events, "content_block_start")
        stops = MESSAGES.events(outcome.events, "content_block_stop")
        assert [s["index"] for s in starts] == [s["index"] for s in stops] == [0, 1]


@pytest.mark.parametrize(
    ("openai", "anthropic"),
    [
        ("none", {"type": "none"}),
        ("required", {"type": "any"}),
        (
            {"type": "function", "function": {"name": "weather"}},
            {"type": "tool", "name": "weather"},
        ),
    ],
    ids=["none", "required", "one"],
)
@pytest.mark.parametrize("combo", [c for c in WHOLE if c.dialect != COMPLETIONS.name], ids=str)
def test_tool_choice(client, upstream, combo, openai, anthropic):
    script = upstream.script({})
    body = tool_body(combo, script.mark)
    if combo.driver is RESPONSES:
        flat = {"type": "function", "name": "weather"}
        body["tool_choice"] = flat if isinstance(openai, dict) else openai
    else:
        body["tool_choice"] = openai if combo.driver is CHAT else anthropic
    assert play(client, combo, body).status == 200
    asked = read(script.only())
    expected = "=weather" if isinstance(openai, dict) else openai
    if openai == "none" and not asked.tools:
        return  # leaving the tools out says the same
    assert asked.tool_choice == expected


@CHATTY
def test_reasoning_is_shown_where_the_format_can(client, upstream, combo):
    script = upstream.script({"reasoning_tokens": 3, "output_tokens": 2, "input_tokens": 5})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 40))
    assert outcome.status == 200
    assert outcome.text == WORD * 2
    assert outcome.told.output == 5
    told = (
        json.dumps(outcome.document)
        if outcome.document
        else "".join(event.data for event in outcome.events)
    )
    assert "hmm" in told
    if combo.driver is MESSAGES:
        if combo.is_stream:
            starts = MESSAGES.events(outcome.events, "content_block_start")
            kinds = [s["content_block"]["type"] for s in starts]
        else:
            kinds = [block["type"] for block in outcome.document["content"]]
        assert kinds == ["thinking", "text"]


@CHOOSING
def test_n_choices(client, upstream, combo):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 5, n=3))
    assert outcome.status == 200, outcome.error
    calls = len(script.log())
    assert calls == (1 if combo.upstream_style == "openai" else 3)
    assert (outcome.told.input, outcome.told.output) == (10 * calls, 9)
    for index in range(3):
        if combo.is_stream:
            choices = combo.driver.choices(outcome.events, index)
            text = "".join(
                c.get("text") or c.get("delta", {}).get("content") or "" for c in choices
            )
            reasons = [c["finish_reason"] for c in choices if c["finish_reason"]]
            assert reasons == ["stop"]
        else:
            choice = outcome.document["choices"][index]
            assert choice["index"] == index
            text = choice.get("text") or choice["message"]["content"]
        assert text == WORD * 3


@CHATTY
def test_an_assistant_prefill_or_empty_content_does_not_break(client, upstream, combo):
    script = upstream.script({})
    body = combo.driver.body(combo.model, script.mark, 4)
    name = "input" if combo.driver is RESPONSES else "messages"
    body[name] = [
        {"role": "user", "content": script.mark},
        {"role": "assistant", "content": "So:"},
        {"role": "user", "content": "go on"},
    ]
    assert play(client, combo, body).status == 200


@pytest.mark.parametrize("combo", STREAMED, ids=str)
def test_the_shape_of_a_stream(client, upstream, combo):
    """One id, roles and blocks in the vendor's order, nothing after the end mark."""
    script = upstream.script({"output_tokens": 3})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 5))
    events = outcome.events
    if combo.driver is RESPONSES:
        responses_side.check_shape(outcome)
        return
    if combo.driver is MESSAGES:
        kinds = [event.event for event in events if event.event != "ping"]
        assert kinds == [
            "message_start",
            "content_block_start",
            *["content_block_delta"] * 3,
            "content_block_stop",
            "message_delta",
            "message_stop",
        ]
        message = events[0].json()["message"]
        assert message["id"].startswith("msg_")
        assert (message["role"], message["content"], message["stop_reason"]) == (
            "assistant",
            [],
            None,
        )
        assert message["usage"]["output_tokens"] >= 0
        return
    chunks = combo.driver.chunks(events)
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert len({chunk["created"] for chunk in chunks}) == 1
    if combo.driver is CHAT:
        assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
        last = chunks[-2]["choices"][0]
        assert (last["finish_reason"], last["delta"].get("content") or "") == ("stop", "")
    assert chunks[-1]["choices"] == []
