"""The scripted Google and Azure, proved by the vendors' own SDKs before ours meets them."""

import json

import pytest
from anthropic import AnthropicVertex
from google import genai
from google.genai import types
from google.oauth2 import service_account
from openai import AzureOpenAI

from tests.support.upstreams.azure_server import azure
from tests.support.upstreams.google_server import TEXT, THOUGHT, Vertex, gemini
from tests.support.upstreams.serving import serving


@pytest.fixture
def google():
    with serving(gemini()) as server:
        yield server


@pytest.fixture
def client(google):
    options = types.HttpOptions(base_url=google.origin)
    with genai.Client(api_key="upkey-google", http_options=options) as opened:
        yield opened


def look(place: str) -> str:
    """Look at a place."""
    return f"all quiet at {place}"


def test_it_answers_as_the_sdk_expects(client) -> None:
    thinking = types.ThinkingConfig(thinking_level="high", include_thoughts=True)
    answer = client.models.generate_content(
        model="gemini-3-pro",
        contents="how are you",
        config=types.GenerateContentConfig(thinking_config=thinking),
    )
    assert answer.text == TEXT
    assert answer.candidates[0].content.parts[0].text == THOUGHT
    usage = answer.usage_metadata
    assert usage.total_token_count == (
        usage.prompt_token_count + usage.candidates_token_count + usage.thoughts_token_count
    )


def test_it_streams_as_the_sdk_expects(client) -> None:
    events = list(client.models.generate_content_stream(model="gemini-3-pro", contents="hi"))
    assert "".join(event.text or "" for event in events) == TEXT
    assert events[-1].candidates[0].finish_reason == "STOP"


def test_a_tool_loop_of_the_sdk_keeps_its_signatures(client, google) -> None:
    tool = types.Tool(
        function_declarations=[
            types.FunctionDeclaration(name="look", parameters_json_schema={"type": "object"})
        ]
    )
    chat = client.chats.create(
        model="gemini-3-pro", config=types.GenerateContentConfig(tools=[tool])
    )
    answer = chat.send_message("turns=2 look around")
    for _ in range(2):
        call = answer.function_calls[0]
        part = types.Part.from_function_response(name=call.name, response={"output": "quiet"})
        answer = chat.send_message([part])
    assert answer.text == TEXT
    assert len(google.asked) == 3


def test_it_refuses_a_call_without_its_signature(client) -> None:
    contents = [
        types.Content(role="user", parts=[types.Part(text="hi")]),
        types.Content(
            role="model",
            parts=[types.Part(function_call=types.FunctionCall(name="look", args={}))],
        ),
        types.Content(
            role="user",
            parts=[types.Part.from_function_response(name="look", response={"output": "x"})],
        ),
    ]
    with pytest.raises(genai.errors.ClientError, match="thought_signature"):
        client.models.generate_content(model="gemini-3-pro", contents=contents)


def test_it_refuses_a_level_and_a_budget_at_once(client) -> None:
    thinking = types.ThinkingConfig(thinking_level="high", thinking_budget=100)
    with pytest.raises(genai.errors.ClientError, match="only set one"):
        client.models.generate_content(
            model="gemini-3-pro",
            contents="hi",
            config=types.GenerateContentConfig(thinking_config=thinking),
        )


def test_it_embeds_and_counts(client) -> None:
    assert client.models.embed_content(model="gemini-embedding-001", contents="hi").embeddings
    assert client.models.count_tokens(model="gemini-3-pro", contents="one two").total_tokens == 2


def test_a_wrong_key_is_refused(google) -> None:
    options = types.HttpOptions(base_url=google.origin)
    with (
        genai.Client(api_key="no", http_options=options) as wrong,
        pytest.raises(genai.errors.ClientError, match="API key not valid"),
    ):
        wrong.models.generate_content(model="gemini-3-pro", contents="hi")


@pytest.fixture
def vertex():
    scripted = Vertex()
    with serving(scripted.handle) as server:
        scripted.origin = server.origin
        yield scripted


def test_vertex_takes_the_account_of_googles_own_library(vertex) -> None:
    info = json.loads(vertex.secret())
    credentials = service_account.Credentials.from_service_account_info(
        info, scopes=["https://www.googleapis.com/auth/cloud-platform"]
    )
    hi = {"role": "user", "content": "hi"}
    asked = {"model": "claude-sonnet-4-6", "max_tokens": 50, "messages": [hi]}
    with AnthropicVertex(
        region="global",
        project_id="our-project",
        credentials=credentials,
        base_url=f"{vertex.origin}/v1",
    ) as claude:
        assert claude.messages.create(**asked).content[0].text == TEXT
        with claude.messages.stream(**asked) as stream:
            assert "".join(stream.text_stream) == TEXT


def test_vertex_speaks_geminis_format_to_googles_own_library(vertex) -> None:
    info = json.loads(vertex.secret())
    credentials = service_account.Credentials.from_service_account_info(
        info, scopes=["https://www.googleapis.com/auth/cloud-platform"]
    )
    with genai.Client(
        vertexai=True,
        project="our-project",
        location="global",
        credentials=credentials,
        http_options=types.HttpOptions(base_url=vertex.origin, api_version="v1"),
    ) as client:
        assert client.models.generate_content(model="gemini-3-pro", contents="hi").text == TEXT


def test_azure_takes_the_classic_address_with_a_key() -> None:
    with (
        serving(azure()) as server,
        AzureOpenAI(
            azure_endpoint=server.origin, api_key="upkey-azure", api_version="2024-10-21"
        ) as with_key,
    ):
        asked = {"model": "our-gpt", "messages": [{"role": "user", "content": "hi"}]}
        assert with_key.chat.completions.create(**asked).choices[0].message.content == TEXT
        chunks = list(with_key.chat.completions.create(**asked, stream=True))
        assert chunks[0].choices == []
        said = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
        assert "".join(said).strip() == TEXT
