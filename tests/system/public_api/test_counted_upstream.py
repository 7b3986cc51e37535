"""A part of unseen size is held for as the whole context, or as its upstream counts it.

The upstream is asked where the balance does not cover the context, and only there: its
answer, and a little more, is what is held and what a charge can be at most.
"""

import json

import pytest

from tests.support.catalogs import ANTHROPIC_KEY, anthropic_channel, model, openai_channel, table
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.google_server import Vertex, gemini
from tests.support.upstreams.serving import Answered, serving

PRICE = {"input": "10", "output": "100"}
CONTEXT, OUTPUT, PAGE = 200_000, 20, 1500
LITTLE = 60_000  # far less than the context costs, more than one page and its answer
PDF = "JVBERi0x" * 50


def messages(name, mark, document):
    content = [{"type": "text", "text": mark}, {"type": "document", "source": document}]
    said = [{"role": "user", "content": content}]
    return "/v1/messages", {"model": name, "max_tokens": OUTPUT, "messages": said}


def base64_document():
    return {"type": "base64", "media_type": "application/pdf", "data": PDF}


def chat(name, mark, file):
    content = [{"type": "text", "text": mark}, {"type": "file", "file": file}]
    said = [{"role": "user", "content": content}]
    return "/v1/chat/completions", {"model": name, "max_tokens": OUTPUT, "messages": said}


def google(name, mark, part):
    contents = [{"role": "user", "parts": [{"text": mark}, part]}]
    body = {"contents": contents, "generationConfig": {"maxOutputTokens": OUTPUT}}
    return f"/v1beta/models/{name}:generateContent", body


URL = {"type": "url", "url": "https://x.invalid/a.pdf"}
FILE = {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}
INLINE = {"inlineData": {"mimeType": "application/pdf", "data": PDF}}
BY_URI = {"fileData": {"mimeType": "video/mp4", "fileUri": "https://x.invalid/v"}}
COUNTED = {
    "messages: a document": lambda mark: messages("claude", mark, base64_document()),
    "messages: by its address": lambda mark: messages("claude", mark, URL),
    "google: a document": lambda mark: google("gemini", mark, INLINE),
    "google: a video by its address": lambda mark: google("gemini", mark, BY_URI),
    "google: on vertex": lambda mark: google("vertex-gemini", mark, INLINE),
    "messages: on vertex": lambda mark: messages("vertex-claude", mark, base64_document()),
}


class Google:
    """A Google server that says how long a document is; `counts` is what it was asked."""

    def __init__(self) -> None:
        self.counts = []
        self.vertex = Vertex()
        self._gemini = gemini()

    def handle(self, asked):
        is_count = asked.path.endswith((":countTokens", "/count-tokens:rawPredict"))
        if is_count:
            self.counts.append(asked)
            name = "totalTokens" if asked.path.endswith(":countTokens") else "input_tokens"
            return Answered(200, {name: PAGE})
        on_vertex = asked.path.startswith(("/token", self.vertex.base))
        return (self.vertex.handle if on_vertex else self._gemini)(asked)


@pytest.fixture(scope="module")
def googles():
    scripted = Google()
    with serving(scripted.handle) as server:
        scripted.vertex.origin = scripted.origin = server.origin
        yield scripted


@pytest.fixture(scope="module")
def shop(upstream, googles, cli, tmp_path_factory):
    def claude(name, served, **more):
        return anthropic_channel(upstream, {served: "up-claude"}, name=name, **more)

    def served_by(provider, base, key, *names):
        models = {name: f"{'claude' if 'claude' in name else 'gemini'}-3" for name in names}
        more = {"base_url": base, "api_key": key, "models": models}
        return table("channel", name=provider, provider=provider, **more)

    vertex = googles.vertex
    channels = [
        claude("one", "claude"),
        claude("two", "mixed"),
        openai_channel(upstream, {"mixed": "up-gpt", "gpt": "up-gpt"}),
        anthropic_channel(upstream, {"renamed": "up-a"}, name="three"),
        anthropic_channel(upstream, {"renamed": "up-b"}, name="four"),
        claude("five", "unknown"),
        served_by("gemini", googles.origin, "upkey-google", "gemini"),
        served_by(
            "vertex",
            googles.origin + vertex.base,
            vertex.secret(),
            "vertex-gemini",
            "vertex-claude",
        ),
    ]
    names = ["claude", "mixed", "gpt", "renamed", "gemini", "vertex-gemini", "vertex-claude"]
    models = [model(name, PRICE, context_tokens=CONTEXT) for name in names]
    models.append(table("model", name="unknown", price=PRICE, max_output_tokens=100))
    home = tmp_path_factory.mktemp("counted") / "home"
    with running_gateway(home, cli, "".join([*channels, *models])) as running:
        yield running


def counts_of(log):
    return [entry for entry in log if entry["path"].endswith("/count_tokens")]


@pytest.mark.parametrize("kind", COUNTED)
def test_its_upstreams_count_is_held(shop, upstream, googles, kind):
    script = upstream.script({"input_tokens": PAGE, "output_tokens": OUTPUT})
    path, body = COUNTED[kind](script.mark)
    poor = shop.customer(LITTLE)
    googles.counts.clear()
    answer = poor.post(path, body)
    assert answer.status == 200, answer.body
    assert len(counts_of(script.log())) + len(googles.counts) == 1
    row = shop.usage(answer.request_id)
    assert PAGE * 10 < row["hold_amount"] <= LITTLE
    assert row["shortfall"] == 0
    asked = [each.body for each in googles.counts] or [counts_of(script.log())[0]["body"]]
    assert (PDF in json.dumps(asked)) == ("address" not in kind)


@pytest.mark.parametrize("used", [PAGE, PAGE + PAGE // 50 + 64])
def test_what_it_then_uses_is_charged(shop, upstream, used):
    script = upstream.script(
        {"input_tokens": PAGE}, {"input_tokens": used, "output_tokens": OUTPUT}
    )
    answer = shop.customer(LITTLE).post(*messages("claude", script.mark, URL))
    assert answer.status == 200, answer.body
    row = shop.usage(answer.request_id)
    assert row["charge"] == used * 10 + OUTPUT * 100
    assert row["shortfall"] == 0


def test_who_can_pay_the_context_is_not_counted(shop, upstream):
    script = upstream.script({"input_tokens": CONTEXT, "output_tokens": OUTPUT})
    answer = shop.customer(CONTEXT * 10 + 100_000).post(*messages("claude", script.mark, URL))
    assert answer.status == 200, answer.body
    assert counts_of(script.log()) == []
    assert shop.usage(answer.request_id)["charge"] == CONTEXT * 10 + OUTPUT * 100


def test_who_can_pay_nothing_is_not_counted(shop, upstream):
    script = upstream.script({"input_tokens": PAGE})
    assert shop.customer(1000).post(*messages("claude", script.mark, URL)).status == 402
    assert script.log() == []


BROKEN = {
    "too long": {"input_tokens": 7_000},
    "an error": {"status": 500},
    "too often": {"status": 429},
    "no count": {"body": {"tokens": 3}},
    "zero": {"body": {"input_tokens": 0}},
    "a negative count": {"body": {"input_tokens": -4}},
    "a text": {"body": {"input_tokens": "12"}},
    "no JSON": {"body": "counted"},
    "a reset": {"reset_before_head": True},
    "no answer": {"hang": True},
}


@pytest.mark.parametrize("kind", BROKEN)
def test_without_a_count_that_fits_it_is_402(shop, upstream, kind):
    script = upstream.script(BROKEN[kind])
    poor = shop.customer(LITTLE)
    answer = poor.post(*messages("claude", script.mark, URL))
    assert (answer.status, answer.error["code"]) == (402, "insufficient_balance")
    assert answer.error.get("file_tokens_max", CONTEXT) == CONTEXT
    assert script.log() == counts_of(script.log()) != [], "nothing but the count was asked"
    assert (poor.balance, poor.show()["held"]) == (LITTLE, 0)


@pytest.mark.parametrize("name", ["gpt", "mixed"])
def test_where_a_channel_does_not_count_the_context_stays(shop, upstream, name):
    script = upstream.script({"input_tokens": PAGE, "output_tokens": 1})
    path, body = chat(name, script.mark, FILE)
    poor = shop.customer(LITTLE)
    refused = poor.post(path, body)
    assert (refused.status, refused.error["code"]) == (402, "insufficient_balance")
    assert refused.error["file_tokens_max"] == CONTEXT
    assert refused.error["message"].startswith("Insufficient balance: ")
    assert f"this file may need up to {CONTEXT:,} tokens" in refused.error["message"]
    chinese = poor.post(path, body, **{"Accept-Language": "zh"}).error["message"]
    assert chinese.startswith("余额不足：")
    assert f"{CONTEXT:,} 个 tokens" in chinese
    assert [e for e in script.log() if not e["path"].endswith("/count_tokens")] == []


def test_each_name_that_the_model_has_is_counted_and_the_largest_holds(shop, upstream):
    script = upstream.script({"input_tokens": 100}, {"input_tokens": 3000}, {"output_tokens": 1})
    answer = shop.customer(LITTLE).post(*messages("renamed", script.mark, URL))
    assert answer.status == 200, answer.body
    names = {entry["body"]["model"] for entry in counts_of(script.log())}
    assert names == {"up-a", "up-b"}
    assert shop.usage(answer.request_id)["hold_amount"] > 3000 * 10


def test_an_unknown_context_stays_400(shop, upstream):
    script = upstream.script({"input_tokens": PAGE})
    answer = shop.customer(LITTLE).post(*messages("unknown", script.mark, URL))
    assert answer.status == 400
    assert script.log() == []


def test_its_key_and_betas_go_along_and_nothing_unknown(shop, upstream):
    script = upstream.script({"input_tokens": PAGE}, {"output_tokens": 1})
    path, body = messages("claude", script.mark, {"type": "file", "file_id": "file_1"})
    beta = "files-api-2025-04-14"
    more = {"brand_new": 1, "metadata": {"user_id": "u"}}
    answer = shop.customer(LITTLE).post(path, body | more, **{"anthropic-beta": beta})
    assert answer.status == 200, answer.body
    [asked] = counts_of(script.log())
    assert asked["headers"]["x-api-key"] == ANTHROPIC_KEY
    assert asked["headers"]["anthropic-beta"] == beta
    assert set(asked["body"]) == {"model", "messages"}


def test_an_account_has_so_many_counted_a_minute(shop, upstream):
    script = upstream.script({"input_tokens": 7_000})
    path, body = messages("claude", script.mark, URL)
    poor = shop.customer(LITTLE)
    assert {poor.post(path, body).status for _ in range(65)} <= {402, 429}
    assert 0 < len(counts_of(script.log())) <= 60
