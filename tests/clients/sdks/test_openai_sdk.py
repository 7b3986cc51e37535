"""The official openai SDK as a client: every endpoint, every error class, retries."""

import json
import time

import openai
import pytest

from tests.support.upstreams.behaviour import WORD

MESSAGES = [{"role": "user", "content": "Hi"}]


def messages(script) -> list[dict]:
    return [{"role": "user", "content": f"Hi {script.mark}"}]


@pytest.fixture
def sdk(gateway, customer):
    with openai.OpenAI(base_url=f"{gateway.origin}/v1", api_key=customer.key) as client:
        yield client


@pytest.fixture
def sdk_for(gateway):
    clients = []

    def make(key: str, **options):
        client = openai.OpenAI(base_url=f"{gateway.origin}/v1", api_key=key, **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.mark.checks("openai-python", "SDK 1")
def test_models(sdk):
    ids = {item.id for item in sdk.models.list()}
    assert {"gpt-4", "gpt-3.5-turbo", "claude-2"} <= ids
    assert sdk.models.retrieve("gpt-4").id == "gpt-4"


@pytest.mark.checks("openai-python", "SDK 1")
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_chat(sdk, customer, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    done = sdk.chat.completions.create(model=model, messages=messages(script), max_tokens=5)
    assert done.choices[0].message.content == WORD * 3
    assert done.choices[0].finish_reason == "stop"
    assert done.model == model
    assert done.usage.prompt_tokens == 10
    assert done.usage.completion_tokens == 3
    assert done.usage.charge == customer.spent
    assert done._request_id.startswith("ex_")


@pytest.mark.checks("openai-python", "SDK 1")
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_chat_stream(sdk, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    with sdk.chat.completions.create(
        model=model,
        messages=messages(script),
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks if c.choices) == WORD * 3
    assert chunks[-1].usage.completion_tokens == 3
    assert chunks[-1].choices == []


@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_chat_stream_helper(sdk, upstream, model):
    """The helper accumulates and is strict about the order of events."""
    call = {"name": "look", "arguments": '{"at": "sky"}'}
    script = upstream.script({"text": "Wait.", "tool_calls": [call], "output_tokens": 0})
    tool = {
        "type": "function",
        "function": {"name": "look", "parameters": {"type": "object", "properties": {}}},
    }
    with sdk.chat.completions.stream(
        model=model, messages=messages(script), tools=[tool]
    ) as stream:
        final = stream.get_final_completion()
    message = final.choices[0].message
    assert message.content == "Wait."
    assert message.tool_calls[0].function.name == "look"
    assert json.loads(message.tool_calls[0].function.arguments) == {"at": "sky"}
    assert final.choices[0].finish_reason == "tool_calls"


@pytest.mark.checks("openai-python", "SDK 1")
@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_completions(sdk, upstream, model):
    script = upstream.script({})
    done = sdk.completions.create(model=model, prompt=[f"Hi {script.mark}"] * 2, n=2)
    assert [choice.index for choice in done.choices] == [0, 1, 2, 3]
    assert {choice.text for choice in done.choices} == {WORD * 16}
    with sdk.completions.create(
        model=model,
        prompt=f"Hi {script.mark}",
        max_tokens=3,
        stream=True,
        stream_options={"include_usage": True},
    ) as stream:
        chunks = list(stream)
    assert "".join(c.choices[0].text for c in chunks if c.choices) == WORD * 3
    assert chunks[-1].usage.completion_tokens == 3


@pytest.mark.checks("openai-python", "SDK 1")
def test_embeddings_are_asked_for_in_base64_and_arrive_as_floats(sdk):
    done = sdk.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    assert done.data[1].embedding == [0.5, -0.25, 1.0, 0.0]
    plain = sdk.embeddings.create(
        model="text-embedding-3-small", input="a", encoding_format="float"
    )
    assert plain.data[0].embedding == [0.5, -0.25, 1.0, 0.0]


@pytest.mark.checks("openai-python", "SDK 1")
async def test_async(gateway, customer, upstream):
    script = upstream.script({"output_tokens": 3})
    async with openai.AsyncOpenAI(base_url=f"{gateway.origin}/v1", api_key=customer.key) as client:
        done = await client.chat.completions.create(model="gpt-4", messages=messages(script))
        assert done.choices[0].message.content == WORD * 3
        async with await client.chat.completions.create(
            model="claude-2", messages=messages(script), stream=True
        ) as stream:
            text = "".join([c.choices[0].delta.content or "" async for c in stream])
        assert text == WORD * 3
        completion = await client.completions.create(model="gpt-4", prompt=script.mark)
        assert completion.choices[0].text == WORD * 3
        async with await client.completions.create(
            model="claude-2", prompt=script.mark, stream=True
        ) as legacy:
            assert "".join([c.choices[0].text async for c in legacy]) == WORD * 3
        vectors = await client.embeddings.create(model="text-embedding-3-small", input="x")
        assert len(vectors.data[0].embedding) == 4
        with pytest.raises(openai.NotFoundError):
            await client.chat.completions.create(model="none", messages=MESSAGES)


def check(raised, status: int, code: str, kind: str) -> None:
    error = raised.value
    assert error.status_code == status
    assert (error.code, error.type) == (code, kind)
    assert error.request_id.startswith("ex_")
    assert error.message


@pytest.mark.checks("openai-python", "SDK 2")
def test_401(sdk_for):
    client = sdk_for("sk-" + "x" * 43)
    with pytest.raises(openai.AuthenticationError) as raised:
        client.chat.completions.create(model="gpt-4", messages=MESSAGES)
    check(raised, 401, "invalid_api_key", "invalid_request_error")


@pytest.mark.checks("openai-python", "SDK 2", "SDK 4")
def test_402_is_asked_once(sdk_for, gateway, upstream):
    poor = gateway.customer(0)
    script = upstream.script({})
    answered = []
    hooks = {"response": [lambda response: answered.append(response.status_code)]}
    client = sdk_for(poor.key, http_client=openai.DefaultHttpxClient(event_hooks=hooks))
    with pytest.raises(openai.APIStatusError) as raised:
        client.chat.completions.create(model="gpt-4", messages=messages(script))
    check(raised, 402, "insufficient_balance", "insufficient_balance")
    assert answered == [402], "no retry"
    assert raised.value.body["affordable_max_tokens"] == 0
    assert script.log() == []


@pytest.mark.checks("openai-python", "SDK 2")
def test_403(sdk_for, gateway):
    narrow = gateway.customer(models="claude-2")
    with pytest.raises(openai.PermissionDeniedError) as raised:
        sdk_for(narrow.key).chat.completions.create(model="gpt-4", messages=MESSAGES)
    check(raised, 403, "model_not_allowed", "permission_error")


@pytest.mark.checks("openai-python", "SDK 2")
def test_404(sdk):
    with pytest.raises(openai.NotFoundError) as raised:
        sdk.chat.completions.create(model="gpt-9", messages=MESSAGES)
    check(raised, 404, "model_not_found", "invalid_request_error")


@pytest.mark.checks("openai-python", "SDK 2")
def test_400(sdk, upstream):
    with pytest.raises(openai.BadRequestError) as raised:
        sdk.completions.create(model="claude-2", prompt="x", logprobs=3)
    assert raised.value.param == "logprobs"
    script = upstream.script({"status": 400})
    with pytest.raises(openai.BadRequestError):
        sdk.chat.completions.create(model="gpt-4", messages=messages(script))


@pytest.mark.checks("openai-python", "SDK 2")
def test_429_waits_as_told_and_asks_thrice(sdk_for, gateway):
    customer = gateway.customer(rpm=1)
    client = sdk_for(customer.key, max_retries=0)
    client.chat.completions.create(model="gpt-4", messages=MESSAGES, max_tokens=1)
    with pytest.raises(openai.RateLimitError) as raised:
        client.chat.completions.create(model="gpt-4", messages=MESSAGES, max_tokens=1)
    check(raised, 429, "rate_limit_exceeded", "requests")
    assert 50 < float(raised.value.response.headers["retry-after"]) <= 60


@pytest.mark.checks("openai-python", "SDK 3")
def test_an_upstreams_retry_after_is_passed_on_and_honoured(sdk, upstream):
    busy = {"status": 429, "headers": {"retry-after": "1"}}
    script = upstream.script(busy, {"output_tokens": 2})
    began = time.monotonic()
    done = sdk.chat.completions.create(model="gpt-4", messages=messages(script))
    assert 1.0 <= time.monotonic() - began < 4.0
    assert done.choices[0].message.content == WORD * 2
    assert len(script.log()) == 2


def test_5xx_is_retried_and_charged_once(sdk, customer, upstream):
    failures = [{"status": 500}, {"status": 500}]
    script = upstream.script(*failures, {"input_tokens": 10, "output_tokens": 2})
    sdk.chat.completions.create(model="gpt-4", messages=messages(script))
    assert len(script.log()) == 3
    assert customer.spent == 10 * 30 + 2 * 60


@pytest.mark.checks("openai-python", "SDK 2")
def test_502_in_the_end(sdk, upstream):
    script = upstream.script({"status": 500})
    with pytest.raises(openai.InternalServerError) as raised:
        sdk.with_options(max_retries=0).chat.completions.create(
            model="gpt-4", messages=messages(script)
        )
    check(raised, 502, "upstream_error", "upstream_error")
    ok = upstream.script({})
    sdk.chat.completions.create(model="gpt-4", messages=messages(ok))


def test_an_error_inside_a_stream_is_raised(sdk, upstream):
    script = upstream.script({"error_event_after": 2, "output_tokens": 9})
    text = ""
    with (
        pytest.raises(openai.APIError),
        sdk.chat.completions.create(
            model="gpt-4", messages=messages(script), stream=True
        ) as stream,
    ):
        for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    assert text == WORD * 2
    ok = upstream.script({})
    sdk.chat.completions.create(model="gpt-4", messages=messages(ok))


def test_a_client_that_leaves_a_stream(sdk, gateway, customer, upstream):
    script = upstream.script({"stall_after": 3, "input_tokens": 10, "output_tokens": 99})
    stream = sdk.chat.completions.create(model="gpt-4", messages=messages(script), stream=True)
    seen = ""
    for chunk in stream:
        seen += chunk.choices[0].delta.content or ""
        if seen == WORD * 3:
            break
    request_id = stream.response.headers["x-request-id"]
    stream.close()
    assert gateway.usage(request_id)["output_tokens"] == 3


def test_a_base_url_without_v1(gateway, customer):
    with openai.OpenAI(base_url=gateway.origin, api_key=customer.key) as client:
        done = client.chat.completions.create(model="gpt-4", messages=MESSAGES, max_tokens=2)
        assert done.choices[0].message.content == WORD * 2
