"""Whatever an upstream of Google's format gets is charged as it states, or not sent.

It states a token for each byte of text, what its vendor counts for a picture, and the whole
context for what has no visible size; and all of the output that it was allowed.
"""

import json

import pytest

from tests.support.catalogs import model, table
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.google_server import Vertex
from tests.support.upstreams.serving import Answered, serving
from tests.system.public_api.test_nothing_runs_below_its_cost import (
    DENSE,
    OUTPUT,
    PICTURE,
    PICTURE_TOKENS,
    SCHEMA,
    bytes_of,
    chat,
    messages,
    responses,
)
from tests.system.public_api.test_nothing_runs_below_its_cost import picture as chat_picture

PRICE = {"input": "10", "output": "100"}
CONTEXT = 50_000
MODELS = ("gemini", "vertex")
PDF = {"mimeType": "application/pdf", "data": "JVBERi0x" * 50}
VIDEO = {"fileUri": "https://x.invalid/v", "mimeType": "video/mp4"}
BLOB = {"mimeType": "image/png", "data": PICTURE}
CALL = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a": DENSE}}}]}


class Billing:
    """Google's server that states the worst; `sent` is what it got last."""

    def __init__(self) -> None:
        self.vertex = Vertex()
        self.sent = None

    def handle(self, asked):
        if asked.path == "/token":
            return self.vertex.handle(asked)
        if asked.path.endswith(":countTokens"):
            return Answered(404, {"error": {"message": "no such method"}})
        self.sent = asked.body
        if "mbed" in asked.path.rpartition(":")[2]:
            vectors = [{"values": [0.5]} for _ in asked.body.get("requests", [1])]
            return Answered(200, {"embeddings": vectors})
        counts = {"promptTokenCount": worst(asked.body), "candidatesTokenCount": OUTPUT}
        counts["totalTokenCount"] = sum(counts.values())
        parts = [{"text": " one" * OUTPUT}]
        candidate = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP"}
        return Answered(200, {"candidates": [candidate], "usageMetadata": counts})


def worst(body) -> int:
    """As many tokens as the body can be at most."""
    told = json.dumps(body)
    if any(kind in told for kind in ("fileData", "file_data", "application/pdf")):
        return CONTEXT
    return bytes_of(body) + told.count(PICTURE) * PICTURE_TOKENS


@pytest.fixture(scope="module")
def google():
    scripted = Billing()
    with serving(scripted.handle) as server:
        scripted.vertex.origin = scripted.origin = server.origin
        yield scripted


@pytest.fixture(scope="module")
def place(google, cli, tmp_path_factory):
    def served_by(provider, base, key):
        more = {"base_url": base, "api_key": key, "models": {provider: "gemini-2.5-pro"}}
        return table("channel", name=provider, provider=provider, **more)

    vertex = google.vertex
    parts = [
        served_by("gemini", google.origin, "upkey-google"),
        served_by("vertex", google.origin + vertex.base, vertex.secret()),
        *(model(name, PRICE, context_tokens=CONTEXT) for name in MODELS),
    ]
    home = tmp_path_factory.mktemp("google") / "home"
    with running_gateway(home, cli, "".join(parts)) as running:
        yield running


def own(*parts, **more):
    """A request in Google's own format."""

    def make(name):
        contents = [{"role": "user", "parts": [{"text": "hi"}, *parts]}]
        config = {"maxOutputTokens": OUTPUT}
        body = {"contents": contents, "generationConfig": config} | more
        return f"/v1beta/models/{name}:generateContent", body

    return make


def answered(*parts):
    """A request that gives a function's answer back, with these parts."""
    answer = {"name": "f", "response": {"a": DENSE}, "parts": list(parts)}
    said = [{"role": "user", "parts": [{"text": "hi"}]}, CALL]
    return own(contents=[*said, {"role": "user", "parts": [{"functionResponse": answer}]}])


FUNCTION = {"name": "f", "description": DENSE, "parameters": SCHEMA}
CHAT_TOOL = {"type": "function", "function": FUNCTION}
RUN = {
    "text": own({"text": DENSE}),
    "a system's text": own(systemInstruction={"parts": [{"text": DENSE}]}),
    "a picture": own({"inlineData": BLOB}),
    "a picture in snake case": own({"inline_data": {"mime_type": "image/png", "data": PICTURE}}),
    "pictures at their finest": own(
        {"inlineData": BLOB, "mediaResolution": {"level": "MEDIA_RESOLUTION_HIGH"}}
    ),
    "text that looks like a picture": own({"text": f"data:image/png;base64,{'QUJD' * 400}"}),
    "arguments that look like a picture": own(contents=[{"parts": [{"text": "hi"}]}, CALL]),
    "functions": own(tools=[{"functionDeclarations": [FUNCTION]}]),
    "a schema": own(generationConfig={"maxOutputTokens": OUTPUT, "responseJsonSchema": SCHEMA}),
    "a document": own({"inlineData": PDF}),
    "a video": own({"fileData": VIDEO}),
    "a video in snake case": own({"file_data": {"file_uri": "x", "mime_type": "video/mp4"}}),
    "a video beside a text": own({"text": "a", "fileData": VIDEO}),
    "a function's answer": answered(),
    "a document in a function's answer": answered({"inlineData": PDF}),
    "a video in a function's answer": answered({"fileData": VIDEO}),
    "chat: text": lambda name: chat(DENSE, name),
    "chat: a picture": lambda name: chat([chat_picture()], name),
    "chat: tools": lambda name: chat("hi", name, tools=[CHAT_TOOL]),
    "messages: text": lambda name: messages(DENSE, name, system=DENSE),
    "messages: tools": lambda name: messages(
        "hi", name, tools=[{"name": "f", "input_schema": SCHEMA}]
    ),
    "responses: text": lambda name: responses(DENSE, name, instructions=DENSE),
}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("case", RUN)
def test_what_runs_is_charged(place, google, case, name):
    customer = place.customer()
    answer = customer.post(*RUN[case](name))
    assert answer.status == 200, answer.body
    row = place.usage(answer.request_id)
    stated = worst(google.sent)
    cost = stated * 10 + OUTPUT * 100
    assert (row["input_tokens"], row["output_tokens"]) == (stated, OUTPUT)
    assert row["charge"] >= cost * 0.98, (row["charge"], cost, row["hold_amount"])


LEFT_OUT = {
    "contents.cachedContent": own(contents=[{"parts": [{"text": "hi"}], "cachedContent": "c"}]),
    "contents.parts.weird": own({"text": "a", "weird": {"fileData": VIDEO}}),
    "contents.parts.FileData": own({"text": "a", "FileData": VIDEO}),
    "toolConfig.retrievalConfig": own(toolConfig={"retrievalConfig": {"languageCode": "en"}}),
    "generationConfig.MaxOutputTokens": own(
        generationConfig={"maxOutputTokens": OUTPUT, "MaxOutputTokens": 9}
    ),
    "tools.functionDeclarations.googleSearch": own(
        tools=[{"functionDeclarations": [FUNCTION | {"googleSearch": {}}]}]
    ),
}


@pytest.mark.parametrize("path", LEFT_OUT)
def test_what_is_unknown_is_left_out_and_named(place, google, path):
    answer = place.customer().post(*LEFT_OUT[path]("gemini"))
    assert answer.status == 200, answer.body
    assert path in answer.headers["x-yiyuan-dropped-params"]
    assert path.rpartition(".")[2] not in json.dumps(google.sent)


REFUSED = {
    "tools.googleSearch": own(tools=[{"googleSearch": {}}]),
    "tools.codeExecution": own(tools=[{"code_execution": {}}]),
    "tools.urlContext": own(tools=[{"urlContext": {}}]),
    "cachedContent": own(cachedContent="cachedContents/1"),
    "generationConfig.responseModalities": own(
        generationConfig={"responseModalities": ["TEXT", "IMAGE"]}
    ),
}


@pytest.mark.parametrize("param", REFUSED)
def test_what_costs_extra_is_refused(place, google, param):
    google.sent = None
    answer = place.customer().post(*REFUSED[param]("gemini"))
    assert answer.status == 400, answer.body
    assert param in answer.body.decode()
    assert google.sent is None


def test_vectors_are_of_text_alone(place, google):
    """Google states no usage of them: what was sent is counted here."""
    customer = place.customer()
    part = {"text": "many words " * 50, "fileData": VIDEO, "inlineData": PDF}
    body = {"content": {"parts": [part]}}
    answer = customer.post("/v1beta/models/gemini:embedContent", body)
    assert answer.status == 200, answer.body
    assert "Data" not in json.dumps(google.sent)
    assert place.usage(answer.request_id)["input_tokens"] >= 100
