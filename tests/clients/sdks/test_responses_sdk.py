"""The official openai SDK's `client.responses`, and Codex's and Cline's requests, replayed."""

import json

import openai
import pytest

from tests.support.drivers import RESPONSES
from tests.support.upstreams.behaviour import WORD

MODELS = pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
TOOL = {
    "type": "function",
    "name": "look",
    "description": "Looks",
    "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
    "strict": False,
}


@pytest.fixture
def sdk(gateway, customer):
    with openai.OpenAI(base_url=f"{gateway.origin}/v1", api_key=customer.key) as client:
        yield client


@pytest.mark.checks("openai-python", "SDK 1")
@MODELS
def test_create(sdk, customer, upstream, model):
    script = upstream.script({"input_tokens": 10, "cached_tokens": 4, "output_tokens": 3})
    done = sdk.responses.create(
        model=model,
        instructions="Be brief.",
        input=f"Hi {script.mark}",
        max_output_tokens=16,
        store=True,
        metadata={"a": "b"},
    )
    assert done.output_text == WORD * 3
    assert (done.status, done.error, done.incomplete_details) == ("completed", None, None)
    assert (done.model, done.id[:5], done.metadata) == (model, "resp_", {"a": "b"})
    assert done.to_dict()["store"] is False
    assert done.instructions == "Be brief."
    assert (done.usage.input_tokens, done.usage.output_tokens) == (10, 3)
    assert done.usage.input_tokens_details.cached_tokens == 4
    assert done.usage.charge == customer.spent
    assert done._request_id.startswith("ex_")
    sent = script.only()["body"]
    assert "store" not in sent
    assert "Be brief." in json.dumps(sent)


@pytest.mark.checks("openai-python", "SDK 1")
@MODELS
def test_create_streamed(sdk, gateway, customer, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    with sdk.responses.create(model=model, input=script.mark, stream=True) as stream:
        events = list(stream)
        request_id = stream.response.headers["x-request-id"]
    assert [events[0].type, events[1].type] == ["response.created", "response.in_progress"]
    assert events[-1].type == "response.completed"
    assert "".join(e.delta for e in events if e.type == "response.output_text.delta") == WORD * 3
    usage = events[-1].response.usage
    assert (usage.input_tokens, usage.output_tokens) == (10, 3)
    assert usage.charge == customer.spent == gateway.usage(request_id)["charge"]
    assert gateway.usage(request_id)["endpoint"] == "/responses"


@MODELS
def test_the_maximum_ends_it(sdk, upstream, model):
    script = upstream.script({})
    done = sdk.responses.create(model=model, input=script.mark, max_output_tokens=4)
    assert (done.status, done.output_text) == ("incomplete", WORD * 4)
    assert done.incomplete_details.reason == "max_output_tokens"


@MODELS
def test_a_tool_round_trip(sdk, upstream, model):
    call = {"name": "look", "arguments": '{"at": "sky"}'}
    script = upstream.script({"text": "Wait.", "tool_calls": [call]}, {"text": "Blue."})
    asked = [{"role": "user", "content": f"Hi {script.mark}"}]
    first = sdk.responses.create(model=model, input=asked, tools=[TOOL])
    assert [item.type for item in first.output] == ["message", "function_call"]
    assert json.loads(first.output[1].arguments) == {"at": "sky"}
    result = {"type": "function_call_output", "call_id": first.output[1].call_id, "output": "blue"}
    again = [*asked, *[item.to_dict() for item in first.output], result]
    second = sdk.responses.create(model=model, input=again, tools=[TOOL])
    assert second.output_text == "Blue."
    sent = script.log()[1]["body"]["messages"]
    assert [message["role"] for message in sent] == (
        ["user", "assistant", "user"] if model == "claude-2" else ["user", "assistant", "tool"]
    )


@pytest.mark.checks("openai-python", "SDK 1")
@MODELS
def test_the_stream_helper(sdk, upstream, model):
    call = {"name": "look", "arguments": '{"at": "sky"}'}
    script = upstream.script({"text": "Wait.", "tool_calls": [call], "reasoning_tokens": 2})
    with sdk.responses.stream(model=model, input=script.mark, tools=[TOOL]) as stream:
        final = stream.get_final_response()
    kinds = [item.type for item in final.output]
    assert kinds == ["reasoning", "message", "function_call"]
    assert final.output[0].summary[0].text == " hmm hmm"
    assert final.output_text == "Wait."
    assert json.loads(final.output[2].arguments) == {"at": "sky"}


async def test_async(gateway, customer, upstream):
    script = upstream.script({"output_tokens": 3})
    async with openai.AsyncOpenAI(base_url=f"{gateway.origin}/v1", api_key=customer.key) as client:
        for model in ("gpt-4", "claude-2"):
            done = await client.responses.create(model=model, input=script.mark)
            assert done.output_text == WORD * 3
            stream = await client.responses.create(model=model, input=script.mark, stream=True)
            async with stream:
                events = [event async for event in stream]
            assert events[-1].response.output_text == WORD * 3


@pytest.mark.parametrize(
    "fields",
    [
        {"previous_response_id": "resp_1"},
        {"conversation": "conv_1"},
        {"background": True},
        {"prompt": {"id": "pmpt_1"}},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_what_needs_a_store_is_refused_by_name(sdk, customer, fields):
    with pytest.raises(openai.BadRequestError) as raised:
        sdk.responses.create(model="gpt-4", input="x", **fields)
    assert (raised.value.code, raised.value.param) == ("unsupported_value", next(iter(fields)))
    assert customer.spent == 0


def test_errors_before_the_stream(gateway, customer):
    poor = gateway.customer(0)
    with openai.OpenAI(base_url=f"{gateway.origin}/v1", api_key=poor.key) as client:
        with pytest.raises(openai.APIStatusError) as raised:
            client.responses.create(model="gpt-4", input="x", stream=True)
        assert (raised.value.status_code, raised.value.code) == (402, "insufficient_balance")
        with pytest.raises(openai.NotFoundError):
            client.responses.create(model="none", input="x")
    assert customer.get("/v1/responses").status == 405


def test_an_error_inside_a_stream_is_raised(sdk, customer, upstream):
    script = upstream.script({"error_event_after": 2, "input_tokens": 10, "output_tokens": 9})
    text = ""
    with (
        pytest.raises(openai.APIError) as raised,
        sdk.responses.create(model="gpt-4", input=script.mark, stream=True) as stream,
    ):
        for event in stream:
            if event.type == "response.output_text.delta":
                text += event.delta
    assert text == WORD * 2
    assert raised.value.code == "stream_interrupted"
    ok = upstream.script({})
    sdk.responses.create(model="gpt-4", input=ok.mark)


@MODELS
def test_codex(customer, upstream, model):
    """Developer messages, tools that are no functions, no maximum; then the call's result."""
    call = {"name": "exec_command", "arguments": '{"cmd": "ls"}'}
    script = upstream.script({"tool_calls": [call], "output_tokens": 0}, {"output_tokens": 2})
    text = [{"type": "input_text", "text": f"Say hello {script.mark}"}]
    rules = [{"type": "input_text", "text": "You are Codex"}]
    items = [
        {"type": "message", "id": "msg_1", "role": "developer", "content": rules},
        {"type": "message", "id": "msg_2", "role": "user", "content": text},
    ]
    body = {
        "model": model,
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": {"summary": "auto"},
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "0199",
        "client_metadata": {"turn_id": "0199", "session_id": "0199"},
        "tools": [
            {"type": "function", "name": "exec_command", "strict": False, "parameters": {}},
            {"type": "namespace", "name": "multi_agent_v1"},
            {"type": "web_search"},
        ],
    }
    with customer.stream(RESPONSES.path, {**body, "input": items}) as stream:
        assert stream.status == 200, stream.answer().body
        events = stream.rest()
    assert RESPONSES.is_complete(events)
    done = [e.json()["item"] for e in events if e.event == "response.output_item.done"]
    assert [item["name"] for item in done if item["type"] == "function_call"] == ["exec_command"]
    result = {"type": "function_call_output", "call_id": done[-1]["call_id"], "output": "a.txt"}
    with customer.stream(RESPONSES.path, {**body, "input": [*items, *done, result]}) as stream:
        events = stream.rest()
    assert RESPONSES.stream_text(events) == WORD * 2
    assert RESPONSES.stream_told(events) is not None
    whole = customer.post(RESPONSES.path, {**body, "input": items})
    dropped = whole.headers["x-yiyuan-dropped-params"].split(",")
    assert sorted(dropped) == ["tools.namespace", "tools.web_search"]
