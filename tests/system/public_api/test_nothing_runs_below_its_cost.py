"""Each request that could cost more than it seems: refused, dropped, or charged what it cost.

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
DROPPED = [
    (chat, "MAX_TOKENS", 100_000),
    (chat, "Model", "gpt-5"),
    (chat, "n_predict", 100_000),
    (chat, "min_tokens", 5_000),
    (chat, "ignore_eos", True),
    (chat, "num_return_sequences", 9),
    (chat, "options", {"num_predict": 9_000}),
    (chat, "best_of", 9),
    (chat, "service_tier", "priority"),
    (chat, "\uff4dodel", "gpt-5"),
    (messages, "speed", "fast"),
    (messages, "service_tier", "priority"),
    (messages, "Max_Tokens", 100_000),
    (responses, "service_tier", "priority"),
    (completions, "n_predict", 100_000),
]
REFUSED = [
    (chat, "web_search_options", {}, {"web_search_options": {"search_context_size": "high"}}),
    (chat, "web_search_options", {}, {"web_search_options": {}}),
    (chat, "search_parameters", {}, {"search_parameters": {}}),
    (chat, "modalities", {}, {"modalities": ["text", "audio"]}),
    (chat, "plugins", {}, {"plugins": [{"id": "web"}]}),
    (chat, "inference_geo", {}, {"inference_geo": "us"}),
    (messages, "inference_geo", {}, {"inference_geo": "us"}),
    (messages, "mcp_servers", {}, {"mcp_servers": [{"type": "url", "url": "https://x.invalid"}]}),
    (messages, "container", {}, {"container": "c_1"}),
    (messages, "tools", {}, {"tools": [{"type": "web_search_20250305", "name": "web_search"}]}),
    (messages, "tools", {}, {"tools": [{"type": "code_execution_20250825", "name": "x"}]}),
    (messages, "anthropic-beta", {"anthropic-beta": "context-1m-2025-08-07"}, {}),
    (
        messages,
        "anthropic-beta",
        {"anthropic-beta": "effort-2025-11-24, Context-1M-2025-08-07"},
        {},
    ),
    (responses, "tool_choice", {}, {"tool_choice": {"type": "web_search"}}),
    (responses, "web_search", {}, {"tools": [{"type": "web_search"}]}),
    (responses, "tools", {}, {"tools": [{"type": "code_interpreter"}]}),
    (responses, "tools", {}, {"tools": [{"type": "image_generation"}]}),
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


def assert_paid(gateway, upstream, customer, sent, count) -> None:
    """Ask once to see what the upstream gets, and again with its statement of that."""
    path, body = sent
    script = upstream.script({"output_tokens": 1})
    answer = customer.post(path, marked(body, script.mark))
    assert answer.status == 200, answer.body
    calls = script.log()
    got = max(count(entry["body"]) for entry in calls)
    told = {"input_tokens": got, "output_tokens": OUTPUT, "chunk_tokens": OUTPUT}
    script = upstream.script(told)
    answer = customer.post(path, marked(body, script.mark))
    assert answer.status == 200, answer.body
    row = gateway.usage(answer.request_id)
    calls = len(script.log())
    prompts = body.get("prompt")
    choices = body.get("n", 1) * (len(prompts) if isinstance(prompts, list) else 1)
    assert row["output_tokens"] == choices * OUTPUT
    model = body["model"]
    cost = row["input_tokens"] * IN[model] + row["output_tokens"] * OUT[model]
    assert row["input_tokens"] == got * calls
    assert row["charge"] >= cost * 0.98, (row["charge"], cost, row["hold_amount"])


@pytest.mark.parametrize(("sent", "pictures"), RUN)
def test_what_runs_is_charged(gateway, upstream, customer, sent, pictures):
    def count(body):
        return bytes_of(body) + pictures * PICTURE_TOKENS

    assert_paid(gateway, upstream, customer, sent, count)


@pytest.mark.parametrize("sent", UNSEEN)
def test_what_has_no_visible_size_is_charged_up_to_the_context(gateway, upstream, customer, sent):
    assert_paid(gateway, upstream, customer, sent, lambda _: CONTEXT)


@pytest.mark.parametrize(("make", "name", "value"), DROPPED)
def test_what_lengthens_an_answer_is_not_sent(upstream, customer, make, name, value):
    script = upstream.script({"output_tokens": 1})
    path, body = make()
    answer = customer.post(path, marked(body, script.mark) | {name: value})
    assert answer.status == 200, answer.body
    assert name not in script.log()[0]["body"]
    told = answer.headers.get("x-yiyuan-dropped-params", "")
    assert told == "".join(c if c.isascii() else "?" for c in name)


@pytest.mark.parametrize(("make", "param", "headers", "more"), REFUSED)
def test_what_costs_extra_is_refused(upstream, customer, make, param, headers, more):
    script = upstream.script({"output_tokens": 1})
    path, body = make()
    answer = customer.post(path, marked(body, script.mark) | more, **headers)
    assert answer.status == 400, answer.body
    error = answer.error
    assert param in json.dumps(error), error
    assert script.log() == []


def test_other_betas_go_on(customer, upstream):
    script = upstream.script({"output_tokens": 1})
    path, body = messages()
    beta = {"anthropic-beta": "context-management-2025-06-27,effort-2025-11-24"}
    assert customer.post(path, marked(body, script.mark), **beta).status == 200
    assert len(script.log()) == 1


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
