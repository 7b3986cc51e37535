"""Vendors by their presets alone: every client format over each, native where it is spoken."""

import base64
import struct

import pytest
from anthropic import Anthropic
from openai import OpenAI

from tests.support.catalogs import model, table
from tests.support.drivers import DRIVERS, GEMINI
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.azure_server import CLIENT, PASSWORD, TENANT, azure
from tests.support.upstreams.google_server import Vertex, gemini
from tests.support.upstreams.serving import serving
from tests.support.upstreams.vendor_server import TEXT, base_url, vendor
from yiyuan.integrations.providers.presets import presets

EXPRESS = "/v1/publishers/google"
PRICE = {"input": "2", "cached_input": "0.5", "output": "10"}
VENDORS = {each.name: each.example[0] for each in presets().values() if each.provider == "openai"}
"""Every preset that speaks as OpenAI does, with a model of it."""
FORMATS = ["openai_chat", "openai_completions", "anthropic_messages", "openai_responses", "gemini"]
CLIENTS = DRIVERS | {"gemini": GEMINI}


@pytest.fixture(scope="module")
def servers():
    opened = {name: serving(vendor(name)) for name in VENDORS}
    running = {name: context.__enter__() for name, context in opened.items()}
    yield running
    for context in opened.values():
        context.__exit__(None, None, None)


@pytest.fixture(scope="module")
def google():
    with serving(gemini(bases=("/v1beta", EXPRESS))) as server:
        yield server


@pytest.fixture(scope="module")
def vertex():
    scripted = Vertex()
    with serving(scripted.handle) as server:
        scripted.origin = server.origin
        yield scripted


@pytest.fixture(scope="module")
def entra():
    with serving(azure()) as server:
        yield server


@pytest.fixture(scope="module")
def vendors(servers, google, vertex, entra, cli, tmp_path_factory):
    parts = []
    for name, upstream in VENDORS.items():
        parts.append(
            table(
                "channel",
                name=name,
                provider=name,
                base_url=base_url(name, servers[name].origin),
                api_key=f"upkey-{name}-secret",
                models={f"model-{name}": upstream},
            )
        )
        parts.append(model(f"model-{name}", PRICE))
    parts += [
        table(
            "channel",
            name="google",
            provider="gemini",
            base_url=google.origin,
            api_key="upkey-google",
            models={"model-google": "gemini-3-pro", "embed-google": "gemini-embedding-001"},
        ),
        table(
            "channel",
            name="express",
            provider="vertex-express",
            base_url=google.origin + EXPRESS,
            api_key="upkey-google",
            models={"model-express": "gemini-3-pro"},
        ),
        table(
            "channel",
            name="vertex",
            provider="vertex",
            base_url=vertex.origin + vertex.base,
            api_key=vertex.secret(),
            models={"model-vertex": "gemini-3-pro", "claude-vertex": "claude-sonnet-4-6"},
        ),
        table(
            "channel",
            name="azure",
            provider="azure",
            base_url=f"{entra.origin}?api-version=2024-10-21",
            api_key=f"{TENANT}:{CLIENT}:{PASSWORD}",
            models={"model-azure": "our-gpt"},
        ),
        *(
            model(name, PRICE)
            for name in (
                "model-google",
                "model-express",
                "model-vertex",
                "claude-vertex",
                "model-azure",
            )
        ),
        model("embed-google", {"input": "1", "output": "0"}),
    ]
    home = tmp_path_factory.mktemp("vendors") / "home"
    with running_gateway(home, cli, "\n".join(parts)) as running:
        yield running


@pytest.fixture(scope="module")
def customer(vendors):
    return vendors.customer(10**12)


MODELS = [f"model-{name}" for name in (*VENDORS, "google", "express", "vertex", "azure")] + [
    "claude-vertex"
]


@pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("dialect", FORMATS)
@pytest.mark.parametrize("name", MODELS)
def test_every_format_works_over_every_vendor(customer, name, dialect, is_stream) -> None:
    driver = CLIENTS[dialect]
    spent = customer.spent
    body = driver.body(name, "how are you", 5000)
    path = driver.path.replace("{model}", name)
    if is_stream:
        path = path.replace(":generateContent", ":streamGenerateContent?alt=sse")
        with customer.stream(path, driver.streamed(body)) as stream:
            assert stream.status == 200, stream.answer().body
            events = stream.rest()
        assert driver.is_complete(events)
        said, told = driver.stream_text(events), driver.stream_told(events)
    else:
        answer = customer.post(path, body)
        assert answer.status == 200, answer.body
        said, told = driver.text(answer.json()), driver.told(answer.json())
    assert said.strip() == TEXT
    paid = (told.input - told.cached) * 2 + told.output * 10
    assert told.charge == paid + -(-told.cached // 2)
    assert customer.spent - spent == told.charge


@pytest.mark.parametrize(
    ("name", "dialect", "path"),
    [
        ("deepseek", "anthropic_messages", "/anthropic/v1/messages"),
        ("zhipu", "anthropic_messages", "/api/anthropic/v1/messages"),
        ("moonshot", "anthropic_messages", "/anthropic/v1/messages"),
        ("openrouter", "anthropic_messages", "/api/v1/messages"),
        ("xai", "openai_responses", "/v1/responses"),
        ("xai", "openai_chat", "/v1/chat/completions"),
        ("xai", "anthropic_messages", "/v1/responses"),
        ("deepseek", "openai_chat", "/chat/completions"),
        ("mistral", "anthropic_messages", "/v1/chat/completions"),
    ],
)
def test_a_request_goes_out_in_its_own_format_where_spoken(
    customer, servers, name, dialect, path
) -> None:
    driver, server = DRIVERS[dialect], servers[name]
    before = len(server.asked)
    assert customer.post(driver.path, driver.body(f"model-{name}", "hi", 5000)).status == 200
    assert [asked.path for asked in server.asked[before:]] == [path]


@pytest.fixture
def claude(vendors, customer):
    with Anthropic(api_key=customer.key, base_url=vendors.origin, max_retries=0) as client:
        yield client


@pytest.fixture
def openai(vendors, customer):
    address = f"{vendors.origin}/v1"
    with OpenAI(api_key=customer.key, base_url=address, max_retries=0) as client:
        yield client


def test_anothers_signature_is_marked_and_goes_back_to_its_maker_alone(claude, servers) -> None:
    asked = {"model": "model-deepseek", "max_tokens": 5000}
    tool = {"name": "look", "input_schema": {"type": "object"}}
    turns = [{"role": "user", "content": "hi"}]
    with claude.messages.stream(**asked, messages=turns, tools=[tool]) as stream:
        answer = stream.get_final_message()
    thinking, call = answer.content
    assert thinking.signature == "yy1.deepseek.vendor-proof"
    turns.append({"role": "assistant", "content": [block.model_dump() for block in answer.content]})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "quiet"}
    turns.append({"role": "user", "content": [result]})
    claude.messages.create(**asked, messages=turns, tools=[tool])
    sent = servers["deepseek"].asked[-1].body["messages"][1]["content"]
    assert sent[0]["signature"] == "vendor-proof"
    claude.messages.create(**(asked | {"model": "model-zhipu"}), messages=turns, tools=[tool])
    sent = servers["zhipu"].asked[-1].body["messages"][1]["content"]
    assert [block["type"] for block in sent] == ["tool_use"]


def test_encrypted_reasoning_goes_back_to_its_account_alone(openai, servers) -> None:
    include = ["reasoning.encrypted_content"]
    answer = openai.responses.create(model="model-xai", input="hi", include=include)
    reasoning = answer.output[0]
    assert reasoning.encrypted_content == "yy1.xai.vendor-sealed"
    turns = [{"role": "user", "content": "hi"}]
    turns += [item.model_dump(exclude_none=True) for item in answer.output]
    turns.append({"role": "user", "content": "and now"})
    openai.responses.create(model="model-xai", input=turns, include=include)
    sent = servers["xai"].asked[-1].body
    assert sent["store"] is False
    assert [i.get("encrypted_content") for i in sent["input"] if i.get("type") == "reasoning"] == [
        "vendor-sealed"
    ]
    openai.responses.create(model="model-deepseek", input=turns)
    sent = servers["deepseek"].asked[-1]
    assert sent.path == "/responses"
    assert not [i for i in sent.body["input"] if i.get("type") == "reasoning"]


def test_a_compaction_is_refused_where_nobody_can_make_it(customer) -> None:
    items = [{"role": "user", "content": "hi"}, {"type": "compaction_trigger"}]
    refused = customer.post("/v1/responses", {"model": "model-mistral", "input": items})
    assert refused.status == 400
    assert refused.error["param"] == "input.compaction_trigger"


def test_a_compaction_goes_to_who_makes_it_and_back_to_who_made_it(customer, servers) -> None:
    items = [{"role": "user", "content": "hi"}, {"type": "compaction_trigger"}]
    asked = {"model": "model-xai", "input": items}
    answer = customer.post("/v1/responses", asked)
    assert answer.status == 200, answer.body
    assert servers["xai"].asked[-1].body["input"][-1] == {"type": "compaction_trigger"}
    [compacted] = [item for item in answer.json()["output"] if item["type"] == "compaction"]
    assert compacted["encrypted_content"] == "yy1.xai.vendor-compacted"
    again = [compacted, {"role": "user", "content": "and now"}]
    assert customer.post("/v1/responses", asked | {"input": again}).status == 200
    assert servers["xai"].asked[-1].body["input"][0]["encrypted_content"] == "vendor-compacted"
    elsewhere = {"model": "model-deepseek", "input": again}
    refused = customer.post("/v1/responses", elsewhere)
    assert (refused.status, refused.error["param"]) == (400, "input")


def test_what_is_left_out_is_named_in_a_header(customer) -> None:
    body = {
        "model": "model-zhipu",
        "messages": [{"role": "user", "content": "hi"}],
        "presence_penalty": 1,
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {}}}],
        "tool_choice": "required",
    }
    answer = customer.post("/v1/chat/completions", body)
    assert answer.status == 200
    dropped = answer.headers["x-yiyuan-dropped-params"]
    assert {"presence_penalty", "tool_choice"} <= {name.strip() for name in dropped.split(",")}


def test_googles_embeddings_answer_openais_clients(openai) -> None:
    for encoding in ("float", "base64"):
        answer = openai.embeddings.create(
            model="embed-google", input=["one", "two"], encoding_format=encoding
        )
        vectors = [each.embedding for each in answer.data]
        if encoding == "base64":
            vectors = [list(struct.unpack("<2f", base64.b64decode(v))) for v in vectors]
        assert vectors == [[0.25, 0.5], [0.25, 0.5]]


def test_a_token_is_traded_once(customer, vertex) -> None:
    driver = DRIVERS["openai_chat"]
    assert customer.post(driver.path, driver.body("model-vertex", "hi", 50)).status == 200
    given = vertex.tokens
    for _ in range(3):
        assert customer.post(driver.path, driver.body("model-vertex", "hi", 50)).status == 200
    assert vertex.tokens == given == 1
