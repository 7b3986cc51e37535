"""The official anthropic SDK as a client: messages, counting, models, every error class."""

import time

import anthropic
import pytest

from tests.support.upstreams.behaviour import WORD

HI = [{"role": "user", "content": "Hi"}]
MODELS = pytest.mark.parametrize("model", ["claude-2", "gpt-4"])


def messages(script) -> list[dict]:
    return [{"role": "user", "content": f"Hi {script.mark}"}]


@pytest.fixture
def sdk(gateway, customer):
    with anthropic.Anthropic(base_url=gateway.origin, api_key=customer.key) as client:
        yield client


@pytest.fixture
def sdk_for(gateway):
    clients = []

    def make(key: str, **options):
        client = anthropic.Anthropic(base_url=gateway.origin, api_key=key, **options)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.mark.checks("anthropic-python", "SDK 1")
@MODELS
def test_messages(sdk, customer, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    done = sdk.messages.create(model=model, messages=messages(script), max_tokens=5)
    assert done.content[0].text == WORD * 3
    assert done.stop_reason == "end_turn"
    assert done.model == model
    assert (done.usage.input_tokens, done.usage.output_tokens) == (10, 3)
    assert done.usage.charge == customer.spent
    assert done._request_id.startswith("ex_")


@pytest.mark.checks("anthropic-python", "SDK 1")
@MODELS
def test_stream(sdk, upstream, model):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    with sdk.messages.stream(model=model, messages=messages(script), max_tokens=3) as stream:
        assert "".join(stream.text_stream) == WORD * 3
        final = stream.get_final_message()
    assert final.stop_reason == "max_tokens"
    assert (final.usage.input_tokens, final.usage.output_tokens) == (10, 3)


@MODELS
def test_raw_stream(sdk, upstream, model):
    script = upstream.script({"output_tokens": 2})
    with sdk.messages.create(
        model=model, messages=messages(script), max_tokens=9, stream=True
    ) as stream:
        kinds = [event.type for event in stream if event.type != "ping"]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["message_delta", "message_stop"]


@pytest.mark.checks("anthropic-python", "SDK 1")
@MODELS
def test_tools(sdk, upstream, model):
    call = {"name": "look", "arguments": '{"at": "sky"}'}
    script = upstream.script({"tool_calls": [call], "text": "Wait.", "output_tokens": 0})
    tool = {"name": "look", "description": "Looks", "input_schema": {"type": "object"}}
    with sdk.messages.stream(
        model=model, messages=messages(script), max_tokens=90, tools=[tool]
    ) as stream:
        final = stream.get_final_message()
    assert [block.type for block in final.content] == ["text", "tool_use"]
    assert final.content[1].input == {"at": "sky"}
    assert final.stop_reason == "tool_use"


@MODELS
def test_thinking(sdk, upstream, model):
    script = upstream.script({"reasoning_tokens": 2, "output_tokens": 2})
    with sdk.messages.stream(
        model=model,
        messages=messages(script),
        max_tokens=3_000,
        thinking={"type": "enabled", "budget_tokens": 1_500},
    ) as stream:
        final = stream.get_final_message()
    assert final.content[0].type == "thinking"
    assert final.content[0].thinking == " hmm hmm"
    assert final.content[-1].text == WORD * 2


def test_thinking_goes_along_unchanged(sdk, upstream):
    script = upstream.script({})
    sdk.messages.create(
        model="claude-2",
        messages=messages(script),
        max_tokens=3_000,
        thinking={"type": "enabled", "budget_tokens": 1_500},
        system=[{"type": "text", "text": "Be.", "cache_control": {"type": "ephemeral"}}],
        extra_headers={"anthropic-beta": "interleaved-thinking-2025-05-14"},
    )
    entry = script.only()
    assert entry["body"]["thinking"] == {"type": "enabled", "budget_tokens": 1_500}
    assert entry["body"]["system"][0]["cache_control"] == {"type": "ephemeral"}
    assert entry["headers"]["anthropic-version"] == "2023-06-01"
    assert entry["headers"]["anthropic-beta"] == "interleaved-thinking-2025-05-14"


@pytest.mark.checks("anthropic-python", "SDK 5")
@MODELS
def test_count_tokens(sdk, model):
    assert sdk.messages.count_tokens(model=model, messages=HI).input_tokens > 0


@pytest.mark.checks("anthropic-python", "SDK 5")
def test_models(sdk):
    page = sdk.models.list()
    assert {"gpt-4", "claude-2"} <= {item.id for item in page}
    assert sdk.models.retrieve("claude-2").display_name


@pytest.mark.checks("anthropic-python", "SDK 1")
async def test_async(gateway, customer, upstream):
    script = upstream.script({"output_tokens": 3})
    async with anthropic.AsyncAnthropic(base_url=gateway.origin, api_key=customer.key) as client:
        done = await client.messages.create(model="gpt-4", messages=messages(script), max_tokens=9)
        assert done.content[0].text == WORD * 3
        async with client.messages.stream(
            model="claude-2", messages=messages(script), max_tokens=9
        ) as stream:
            assert "".join([text async for text in stream.text_stream]) == WORD * 3
        counted = await client.messages.count_tokens(model="gpt-4", messages=HI)
        assert counted.input_tokens > 0
        with pytest.raises(anthropic.NotFoundError):
            await client.messages.create(model="none", messages=HI, max_tokens=1)


def check(raised, status: int, kind: str) -> None:
    error = raised.value
    assert error.status_code == status
    assert error.body["type"] == "error"
    assert error.body["error"]["type"] == kind
    assert error.body["error"]["message"]
    assert error.request_id.startswith("ex_")
    assert error.body["request_id"] == error.request_id


@pytest.mark.checks("anthropic-python", "SDK 2")
def test_401(sdk_for):
    with pytest.raises(anthropic.AuthenticationError) as raised:
        sdk_for("sk-ant-wrong").messages.create(model="gpt-4", messages=HI, max_tokens=1)
    check(raised, 401, "authentication_error")


@pytest.mark.checks("anthropic-python", "SDK 2", "SDK 4", "SDK 5")
def test_402_is_a_class_of_its_own(sdk_for, gateway):
    poor = gateway.customer(0)
    answered = []
    hooks = {"response": [lambda response: answered.append(response.status_code)]}
    client = sdk_for(poor.key, http_client=anthropic.DefaultHttpxClient(event_hooks=hooks))
    with pytest.raises(anthropic.PaymentRequiredError) as raised:
        client.messages.create(model="claude-2", messages=HI, max_tokens=100)
    check(raised, 402, "billing_error")
    assert answered == [402], "no retry"
    details = raised.value.body["error"]
    assert details["available"] == 0
    assert details["required"] > 0
    assert details["message"].startswith("Insufficient balance:")


@pytest.mark.checks("anthropic-python", "SDK 2")
def test_403(sdk_for, gateway):
    narrow = gateway.customer(models="claude-2")
    with pytest.raises(anthropic.PermissionDeniedError) as raised:
        sdk_for(narrow.key).messages.create(model="gpt-4", messages=HI, max_tokens=1)
    check(raised, 403, "permission_error")


@pytest.mark.checks("anthropic-python", "SDK 2")
def test_404(sdk):
    with pytest.raises(anthropic.NotFoundError) as raised:
        sdk.messages.create(model="claude-17", messages=HI, max_tokens=1)
    check(raised, 404, "not_found_error")


@pytest.mark.checks("anthropic-python", "SDK 2")
def test_400(sdk):
    with pytest.raises(anthropic.BadRequestError) as raised:
        sdk.messages.create(model="claude-2", messages=[], max_tokens=1)
    check(raised, 400, "invalid_request_error")


def test_413(sdk):
    with pytest.raises(anthropic.APIStatusError) as raised:
        sdk.messages.create(
            model="claude-2",
            max_tokens=1,
            messages=[{"role": "user", "content": "x" * (10 * 2**20)}],
        )
    check(raised, 413, "request_too_large")


@pytest.mark.checks("anthropic-python", "SDK 2")
def test_429(sdk_for, gateway):
    client = sdk_for(gateway.customer(rpm=1).key, max_retries=0)
    client.messages.create(model="gpt-4", messages=HI, max_tokens=1)
    with pytest.raises(anthropic.RateLimitError) as raised:
        client.messages.create(model="gpt-4", messages=HI, max_tokens=1)
    check(raised, 429, "rate_limit_error")
    assert 50 < float(raised.value.response.headers["retry-after"]) <= 60


@pytest.mark.checks("anthropic-python", "SDK 3")
def test_retry_after_of_a_busy_upstream(sdk, upstream):
    script = upstream.script({"status": 529, "headers": {"retry-after": "1"}}, {})
    began = time.monotonic()
    sdk.messages.create(model="claude-2", messages=messages(script), max_tokens=2)
    assert 1.0 <= time.monotonic() - began < 4.0
    assert len(script.log()) == 2


@pytest.mark.parametrize(
    ("behaviour", "status", "kind"),
    [
        ({"status": 500}, 502, "api_error"),
        ({"status": 529}, 503, "overloaded_error"),
        ({"status": 401}, 502, "api_error"),
    ],
)
@pytest.mark.checks("anthropic-python", "SDK 2")
def test_5xx(sdk, upstream, behaviour, status, kind):
    script = upstream.script(behaviour)
    with pytest.raises(anthropic.InternalServerError) as raised:
        sdk.with_options(max_retries=0).messages.create(
            model="claude-2", messages=messages(script), max_tokens=1
        )
    check(raised, status, kind)
    ok = upstream.script({})
    sdk.messages.create(model="claude-2", messages=messages(ok), max_tokens=1)


@MODELS
def test_an_error_inside_a_stream_is_raised(sdk, upstream, model):
    script = upstream.script({"error_event_after": 2, "output_tokens": 9})
    text = ""
    with (
        pytest.raises(anthropic.APIStatusError),
        sdk.messages.stream(model=model, messages=messages(script), max_tokens=20) as stream,
    ):
        for piece in stream.text_stream:
            text += piece
    assert text == WORD * 2
    ok = upstream.script({})
    sdk.messages.create(model=model, messages=messages(ok), max_tokens=1)


def test_bearer_instead_of_x_api_key(gateway, customer):
    with anthropic.Anthropic(
        base_url=gateway.origin, auth_token=customer.key, api_key=None
    ) as client:
        done = client.messages.create(model="gpt-4", messages=HI, max_tokens=2)
        assert done.content[0].text == WORD * 2
