"""Each request that could cost more than it seems is charged what it cost.

What is refused or dropped instead: `test_nothing_dear_is_sent.py`.

The upstream's statement is the worst that what it really got can be: a token for each byte of
text, what its vendor counts for a picture, the whole context for what has no visible size, and
all of the output that it was allowed.
"""

import json

import pytest

PICTURE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ"
    "RU5ErkJggg=="
)
PICTURE_TOKENS, CONTEXT, OUTPUT = 765, 8192, 20
DENSE = "𝄞𐍈ꙮ" * 40  # more bytes than any vocabulary has tokens for
BASE64 = "QUJDRA" * 300
SCHEMA = {"type": "object", "properties": {f"name{i}": {"const": "ꙮ" * 9} for i in range(40)}}
DOCUMENT = {"type": "base64", "media_type": "application/pdf", "data": BASE64}
IN, OUT = {"gpt-4": 30, "claude-2": 8}, {"gpt-4": 60, "claude-2": 24}


def chat(content="hi", model="gpt-4", **more):
    messages = [{"role": "user", "content": content}]
    return "/v1/chat/completions", {
        "model": model,
        "messages": messages,
        "max_tokens": OUTPUT,
    } | more


def messages(content="hi", model="claude-2", **more):
    said = [{"role": "user", "content": content}]
    return "/v1/messages", {"model": model, "messages": said, "max_tokens": OUTPUT} | more


def responses(content="hi", model="gpt-4", **more):
    given = [{"role": "user", "content": content}]
    return "/v1/responses", {"model": model, "input": given, "max_output_tokens": OUTPUT} | more


def completions(prompt="hi", **more):
    return "/v1/completions", {"model": "gpt-4", "prompt": prompt, "max_tokens": OUTPUT} | more


def picture(data=PICTURE):
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


FUNCTION = {"name": "f", "description": DENSE, "parameters": SCHEMA}
FORMAT = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}
RUN = [
    pytest.param(chat(DENSE), 0, id="chat: dense text"),
    pytest.param(chat(BASE64), 0, id="chat: text that looks like base64"),
    pytest.param(chat(f"![](data:image/png;base64,{BASE64})"), 0, id="chat: a picture in text"),
    pytest.param(chat([{"type": "text", "text": BASE64}]), 0, id="chat: a part of text"),
    pytest.param(chat([picture(), picture(BASE64)]), 2, id="chat: pictures"),
    pytest.param(chat(tools=[{"type": "function", "function": FUNCTION}]), 0, id="chat: tools"),
    pytest.param(chat(response_format=FORMAT), 0, id="chat: a schema"),
    pytest.param(chat(n=3), 0, id="chat: choices"),
    pytest.param(chat(model="claude-2", content=DENSE), 0, id="chat to messages: dense text"),
    pytest.param(chat([picture()], "claude-2"), 1, id="chat to messages: a picture"),
    pytest.param(messages(DENSE), 0, id="messages: dense text"),
    pytest.param(messages(system=DENSE), 0, id="messages: the system"),
    pytest.param(messages(DENSE, "gpt-4"), 0, id="messages to chat: dense text"),
    pytest.param(messages(tools=[{"name": "f", "input_schema": SCHEMA}]), 0, id="messages: tools"),
    pytest.param(responses(DENSE), 0, id="responses: dense text"),
    pytest.param(responses(instructions=DENSE), 0, id="responses: instructions"),
    pytest.param(completions(DENSE), 0, id="completions: dense text"),
    pytest.param(completions([DENSE, DENSE]), 0, id="completions: prompts"),
    pytest.param(completions(n=2), 0, id="completions: choices"),
]
UNSEEN = [
    pytest.param(messages([{"type": "document", "source": DOCUMENT}]), id="messages: a document"),
    pytest.param(
        messages([{"type": "document", "source": {"type": "url", "url": "https://x.invalid/a"}}]),
        id="messages: a document by its address",
    ),
    pytest.param(
        chat([{"type": "file", "file": {"file_data": f"data:application/pdf;base64,{BASE64}"}}]),
        id="chat: a file",
    ),
    pytest.param(chat([{"type": "file", "file": {"file_id": "file-1"}}]), id="chat: a file's id"),
    pytest.param(
        chat([{"type": "input_audio", "input_audio": {"data": BASE64, "format": "wav"}}]),
        id="chat: sound",
    ),
]


def marked(body: dict, mark: str) -> dict:
    """The same with the script's mark where the model reads it."""
    body = json.loads(json.dumps(body))
    for name in ("messages", "input"):
        if name in body:
            content = body[name][0]["content"]
            if isinstance(content, str):
                body[name][0]["content"] = mark + content
            else:
                kind = "input_text" if name == "input" else "text"
                content.insert(0, {"type": kind, "text": mark})
    if "prompt" in body:
        prompt = body["prompt"]
        is_one = isinstance(prompt, str)
        body["prompt"] = mark + prompt if is_one else [mark + each for each in prompt]
    return body


def bytes_of(value) -> int:
    """Of every text that a model may read, pictures and the settings' numbers aside."""
    if isinstance(value, str):
        return 0 if value.startswith("data:image/") or value == PICTURE else len(value.encode())
    if isinstance(value, dict):
        return sum(len(name) + bytes_of(inner) for name, inner in value.items())
    return sum(map(bytes_of, value)) if isinstance(value, list) else 0


def asked(customer, path, body, *, is_stream: bool) -> str:
    """The id of a request that was answered in full."""
    if not is_stream:
        answer = customer.post(path, body)
        assert answer.status == 200, answer.body
        return answer.request_id
    with customer.stream(path, body) as stream:
        assert stream.status == 200, stream.answer().body
        stream.rest()
    return stream.request_id


def assert_paid(gateway, upstream, customer, sent, count, *, is_stream=False) -> None:
    """Ask once to see what the upstream gets, and again with its statement of that."""
    path, body = sent
    script = upstream.script({"output_tokens": 1})
    asked(customer, path, marked(body, script.mark), is_stream=is_stream)
    calls = script.log()
    got = max(count(entry["body"]) for entry in calls)
    told = {"input_tokens": got, "output_tokens": OUTPUT, "chunk_tokens": OUTPUT}
    script = upstream.script(told)
    request_id = asked(customer, path, marked(body, script.mark), is_stream=is_stream)
    row = gateway.usage(request_id)
    calls = len(script.log())
    prompts = body.get("prompt")
    choices = body.get("n", 1) * (len(prompts) if isinstance(prompts, list) else 1)
    assert row["output_tokens"] == choices * OUTPUT
    model = body["model"]
    cost = row["input_tokens"] * IN[model] + row["output_tokens"] * OUT[model]
    assert row["input_tokens"] == got * calls
    assert row["charge"] >= cost * 0.98, (row["charge"], cost, row["hold_amount"])


STREAMS = pytest.mark.parametrize("is_stream", [False, True], ids=["whole", "stream"])


@STREAMS
@pytest.mark.parametrize(("sent", "pictures"), RUN)
def test_what_runs_is_charged(gateway, upstream, customer, sent, pictures, is_stream):
    def count(body):
        return bytes_of(body) + pictures * PICTURE_TOKENS

    assert_paid(gateway, upstream, customer, sent, count, is_stream=is_stream)


@STREAMS
@pytest.mark.parametrize("sent", UNSEEN)
def test_what_has_no_visible_size_is_charged_up_to_the_context(
    gateway, upstream, customer, sent, is_stream
):
    assert_paid(gateway, upstream, customer, sent, lambda _: CONTEXT, is_stream=is_stream)


def test_a_thinking_budget_lies_inside_the_hold(gateway):
    """One beside the maximum is held for as well."""
    poor = gateway.customer(100_000)
    path, body = messages(model="gpt-4", thinking={"type": "enabled", "budget_tokens": 5000})
    answer = poor.post(path, body)
    assert answer.status == 402, answer.body
    assert answer.error["required"] >= 5000 * OUT["gpt-4"]


EMBEDDED = {
    "one text": lambda mark: mark + DENSE,
    "texts": lambda mark: [mark + DENSE, BASE64, DENSE],
    "what looks like a picture": lambda mark: f"{mark}data:image/png;base64,{BASE64}",
}


@pytest.mark.parametrize("kind", EMBEDDED)
def test_an_embedding_is_charged_as_its_upstream_states(gateway, upstream, kind):
    customer = gateway.customer()
    script = upstream.script({})
    given = EMBEDDED[kind](script.mark)
    told = bytes_of(given)
    script = upstream.script({"input_tokens": told}, name=script.name)
    asked = {"model": "text-embedding-3-small", "input": given}
    answer = customer.post("/v1/embeddings", asked)
    assert answer.status == 200, answer.body
    row = gateway.usage(answer.request_id)
    assert (row["input_tokens"], row["shortfall"]) == (told, 0)
    assert row["charge"] >= told * 15 / 100 * 0.98


@pytest.mark.parametrize("model", ["gpt-4", "claude-2"])
def test_googles_format_is_charged_as_its_upstream_states(gateway, upstream, model):
    customer = gateway.customer()
    script = upstream.script({})
    contents = [{"role": "user", "parts": [{"text": script.mark + DENSE}]}]
    body = {
        "contents": contents,
        "systemInstruction": {"parts": [{"text": DENSE}]},
        "generationConfig": {"maxOutputTokens": OUTPUT},
    }
    path = f"/v1beta/models/{model}:generateContent"
    assert customer.post(path, body).status == 200
    told = bytes_of(script.log()[-1]["body"])
    counts = {"input_tokens": told, "output_tokens": OUTPUT, "chunk_tokens": OUTPUT}
    upstream.script(counts, name=script.name)
    answer = customer.post(path, body)
    assert answer.status == 200, answer.body
    row = gateway.usage(answer.request_id)
    cost = told * IN[model] + OUTPUT * OUT[model]
    assert (row["input_tokens"], row["output_tokens"]) == (told, OUTPUT)
    assert row["charge"] >= cost * 0.98, (row["charge"], cost)


@pytest.mark.parametrize("count", [1, 3, 20])
def test_a_reranking_is_charged_as_its_upstream_states(gateway, upstream, count):
    """At worst the query is read again with each document, a token for each byte."""
    customer = gateway.customer()
    script = upstream.script({})
    query, documents = script.mark + DENSE, [DENSE] * count
    told = bytes_of(query) * count + bytes_of(documents)
    upstream.script({"input_tokens": told}, name=script.name)
    asked = {"model": "ranker", "query": query, "documents": documents}
    answer = customer.post("/v1/rerank", asked)
    assert answer.status == 200, answer.body
    row = gateway.usage(answer.request_id)
    assert (row["input_tokens"], row["shortfall"]) == (told, 0)
    assert row["charge"] >= told * 2 * 0.98
