"""Google's own SDK against the gateway, over upstreams of every kind."""

import re

import pytest
from google import genai
from google.genai import types

from tests.support import wire
from tests.support.drivers import GEMINI


@pytest.fixture
def version() -> str | None:
    """Of Google's API; None is what the SDK takes by itself."""
    return None


@pytest.fixture
def google(gateway, customer, version):
    options = types.HttpOptions(base_url=gateway.origin, api_version=version)
    with genai.Client(api_key=customer.key, http_options=options) as client:
        yield client


@pytest.mark.parametrize("version", [None, "v1beta", "v1"])
@pytest.mark.parametrize("name", ["gpt-4", "claude-2"])
def test_the_sdk_asks_and_is_charged_to_the_unit(google, customer, name) -> None:
    answer = google.models.generate_content(
        model=name,
        contents="How are you?",
        config=types.GenerateContentConfig(max_output_tokens=5, temperature=0.2),
    )
    assert answer.text.split() == ["one"] * 5
    assert answer.model_version == name
    usage = answer.usage_metadata
    prices = {"gpt-4": (30, 60), "claude-2": (8, 24)}[name]
    assert customer.spent == (
        usage.prompt_token_count * prices[0] + usage.candidates_token_count * prices[1]
    )


@pytest.mark.parametrize("name", ["gpt-4", "claude-2"])
def test_the_sdk_streams(google, customer, name) -> None:
    events = list(
        google.models.generate_content_stream(
            model=name,
            contents="How are you?",
            config=types.GenerateContentConfig(max_output_tokens=6),
        )
    )
    assert "".join(event.text or "" for event in events).split() == ["one"] * 6
    assert events[-1].candidates[0].finish_reason == "MAX_TOKENS"
    assert all(event.candidates[0].finish_reason is None for event in events[:-1])
    assert customer.spent > 0


@pytest.mark.parametrize("name", ["gpt-4", "claude-2"])
def test_the_sdk_calls_a_tool(google, upstream, name) -> None:
    script = upstream.script(
        {"tool_calls": [{"name": "look", "arguments": '{"place": "here"}'}]}, {"text": "all quiet"}
    )
    tool = types.FunctionDeclaration(name="look", parameters_json_schema={"type": "object"})
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[tool])], max_output_tokens=50
    )
    chat = google.chats.create(model=name, config=config)
    answer = chat.send_message(script.mark)
    call = answer.function_calls[0]
    assert (call.name, call.args) == ("look", {"place": "here"})
    part = types.Part.from_function_response(name="look", response={"output": "quiet"})
    assert chat.send_message([part]).text.strip() == "all quiet"


def test_models_are_listed_and_tokens_counted(google, customer) -> None:
    listed = {model.name: model for model in google.models.list()}
    assert listed["models/gpt-4"].input_token_limit == 8192
    assert google.models.get(model="gpt-4").output_token_limit == 4096
    counted = google.models.count_tokens(model="gpt-4", contents="one two three")
    assert counted.total_tokens > 2
    assert customer.spent == 0


def test_a_text_is_embedded(google) -> None:
    answer = google.models.embed_content(model="text-embedding-3-small", contents=["one", "two"])
    assert [each.values for each in answer.embeddings] == [[0.5, -0.25, 1.0, 0.0]] * 2


PATH = "/v1beta/models/gpt-4:generateContent"


def test_a_key_in_the_query_works_here_only_and_is_never_logged(gateway, customer) -> None:
    body = GEMINI.body("gpt-4", "hi")
    answer = wire.call(gateway.origin, "POST", f"{PATH}?key={customer.key}", body)
    assert answer.status == 200
    chat = {"model": "gpt-4", "messages": [{"role": "user", "content": "hi"}]}
    other = wire.call(gateway.origin, "POST", f"/v1/chat/completions?key={customer.key}", chat)
    assert other.status == 401
    assert customer.key not in gateway.said()


@pytest.mark.parametrize(
    ("path", "body", "key", "status", "name", "code"),
    [
        (PATH, {"contents": []}, None, 400, "INVALID_ARGUMENT", "invalid_value"),
        (PATH, {}, "sk-no-such-key-at-all-0", 401, "UNAUTHENTICATED", "invalid_api_key"),
        (PATH.replace("gpt-4", "none"), None, None, 404, "NOT_FOUND", "model_not_found"),
        ("/v1beta/cachedContents", {}, None, 404, "NOT_FOUND", "not_found"),
        (PATH.replace("generateContent", "live"), {}, None, 404, "NOT_FOUND", "not_found"),
    ],
)
def test_errors_come_in_googles_form(
    gateway, customer, path, body, key, status, name, code
) -> None:
    body = GEMINI.body("gpt-4", "hi") if body is None else body
    answer = wire.call(gateway.origin, "POST", path, body, key=key or customer.key)
    assert (answer.status, answer.error["status"]) == (status, name)
    assert GEMINI.code(answer) == code


def test_who_cannot_pay_is_told_the_figures(gateway) -> None:
    poor = gateway.customer(0)
    answer = poor.post(PATH, GEMINI.body("gpt-4", "hi"))
    assert (answer.status, answer.error["status"]) == (402, "FAILED_PRECONDITION")
    figures = answer.error["details"][0]["metadata"]
    assert int(figures["required"]) > 0
    assert re.match("Insufficient balance:", answer.error["message"])


def test_without_events_a_stream_is_an_array(customer) -> None:
    path = PATH.replace("generateContent", "streamGenerateContent")
    answer = customer.post(path, GEMINI.body("gpt-4", "hi"))
    [whole] = answer.json()
    assert GEMINI.text(whole).split() == ["one"] * 5
    assert GEMINI.told(whole).charge == customer.spent
