"""NextChat's requests, replayed: through a server like its own, and from a page in a browser.

It is in no registry. What it sends was recorded and read from its source at 706a18b.
"""

import datetime as dt
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.clients.sdks.foreign_page import in_browser
from tests.support import wire
from tests.support.catalogs import GPT_4, GPT_35, model, openai_channel
from tests.support.drivers import CHAT
from tests.support.gateway_process import running_gateway
from tests.support.upstreams.behaviour import WORD
from tests.support.waiting import wait_for

SERVER = Path(__file__).with_name("nextchat_server.mjs")
USAGE, SUBSCRIPTION = "/dashboard/billing/usage", "/dashboard/billing/subscription"
SAMPLING = {"temperature": 0.5, "presence_penalty": 0, "frequency_penalty": 0, "top_p": 1}
needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")


def chat_body(text: str, name: str = "gpt-4", *, is_stream: bool = True) -> dict:
    messages = [{"role": "user", "content": text}]
    return {"messages": messages, "stream": is_stream, "model": name, **SAMPLING}


def this_month() -> str:
    today = dt.datetime.now(dt.UTC).date()
    return f"?start_date={today.replace(day=1)}&end_date={today + dt.timedelta(days=1)}"


@pytest.fixture
def server(gateway, customer):
    """Its server with BASE_URL, without `/v1`, and one key for all who use it."""
    with subprocess.Popen(
        ["node", str(SERVER), gateway.origin, customer.key], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@needs_node
@pytest.mark.checks("nextchat", "NEXTCHAT 1")
@pytest.mark.parametrize("name", ["gpt-4", "claude-2"])
def test_a_chat_through_its_server(server, customer, upstream, name):
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    path = "/api/openai/v1/chat/completions"
    with wire.EventStream(server, path, chat_body(script.mark, name)) as stream:
        assert stream.status == 200, stream.answer().body
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = stream.rest()
    assert CHAT.stream_text(events) == WORD * 3
    assert CHAT.is_complete(events)
    assert CHAT.stream_told(events) is None
    usage = customer.gateway.cli("usage", customer.name)["total"]
    assert (usage["requests"], usage["charge"]) == (1, customer.spent)
    assert (usage["input_tokens"], usage["output_tokens"]) == (10, 3)


@needs_node
@pytest.mark.checks("nextchat", "NEXTCHAT 2")
def test_its_balance_equals_the_books(server, customer, upstream):
    """In the settings: used / total, in 元; its server drops the range that was asked for."""
    script = upstream.script({"input_tokens": 1_000, "output_tokens": 2_000})
    answer = customer.post(CHAT.path, chat_body(script.mark, is_stream=False))
    assert answer.status == 200, answer.body
    statement = customer.gateway.cli("ledger", "statement", customer.name)
    charged = -sum(e["amount"] for e in statement["entries"] if e["kind"] == "charge")
    total = customer.gateway.cli("usage", customer.name)["total"]["charge"]
    assert charged == total == answer.charge == 150_000
    for prefix in ("", "/v1"):
        used = customer.get(prefix + USAGE + this_month()).json()["total_usage"]
        limit = customer.get(prefix + SUBSCRIPTION).json()["hard_limit_usd"]
        assert round(used * 10_000) == charged
        assert round((limit - used / 100) * 1_000_000) == customer.balance
    through = wire.call(server, "GET", f"/api/openai{USAGE}{this_month()}").json()
    assert through["total_usage"] == used
    through = wire.call(server, "GET", f"/api/openai{SUBSCRIPTION}").json()
    assert through["hard_limit_usd"] == limit


READ_ALL = """
async function ask(key, body) {
  const answer = await fetch(given.origin + "/v1/chat/completions", {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      Authorization: `Bearer ${key}`,
    },
    body: JSON.stringify(body),
  });
  const seen = Object.fromEntries(answer.headers);
  return { status: answer.status, headers: seen, text: await answer.text() };
}
"""


@pytest.mark.checks("nextchat", "NEXTCHAT 3")
def test_a_page_on_another_origin_reads_everything(gateway, customer, upstream):
    limited, poor = gateway.customer(rpm=1), gateway.customer(0)
    assert limited.post(CHAT.path, chat_body("Hi", is_stream=False)).status == 200
    script = upstream.script({"input_tokens": 10, "output_tokens": 3})
    breaks = upstream.script({"output_tokens": 6, "error_event_after": 2, "delay_fault": 2.0})
    given = {
        "origin": gateway.origin,
        "asked": [
            [customer.key, chat_body(script.mark)],
            ["sk-wrong", chat_body("Hi")],
            [poor.key, chat_body("Hi")],
            [limited.key, chat_body("Hi")],
            [customer.key, chat_body(breaks.mark)],
        ],
        "usage": gateway.origin + USAGE + this_month(),
        "key": customer.key,
    }
    found = in_browser(
        READ_ALL
        + """
        const answers = [];
        for (const [key, body] of given.asked) answers.push(await ask(key, body));
        const headers = { Authorization: `Bearer ${given.key}` };
        const usage = await (await fetch(given.usage, { headers })).json();
        return { answers, usage };
        """,
        given,
    )
    stream, wrong, empty, busy, broken = found["answers"]
    assert [a["status"] for a in found["answers"]] == [200, 401, 402, 429, 200]
    assert stream["headers"]["content-type"].startswith("text/event-stream")
    assert stream["text"].rstrip().endswith("data: [DONE]")
    assert json.loads(wrong["text"])["error"]["code"] == "invalid_api_key"
    assert json.loads(empty["text"])["error"]["message"].startswith("Insufficient balance: ")
    assert empty["headers"]["x-should-retry"] == "false"
    assert int(busy["headers"]["retry-after"]) >= 1
    assert int(busy["headers"]["retry-after-ms"]) >= 1
    assert '"error"' in broken["text"]
    assert "[DONE]" not in broken["text"]
    for answer in found["answers"]:
        assert answer["headers"]["x-request-id"] == answer["headers"]["request-id"]
    wait_for(lambda: customer.show()["held"] == 0, what="the broken stream to be settled")
    assert round(found["usage"]["total_usage"] * 10_000) == customer.spent
    assert customer.gateway.cli("usage", customer.name)["total"]["requests"] == 2
    assert poor.spent == 0


@pytest.mark.checks("nextchat", "NEXTCHAT 5")
def test_without_a_maximum_the_hold_is_what_the_balance_covers(gateway, upstream):
    customer = gateway.customer(20_000)
    script = upstream.script({"gate_after": 1, "input_tokens": 10, "output_tokens": 3})
    with customer.stream(CHAT.path, chat_body(script.mark)) as stream:
        assert stream.status == 200
        stream.take(1)
        assert 0 < customer.show()["held"] <= 20_000
        assert int(stream.headers["x-yiyuan-max-tokens-clamped"]) < 4096
        script.open_gate()
        assert CHAT.is_complete(stream.rest())
    assert customer.balance == 20_000 - 10 * 30 - 3 * 60


@pytest.mark.checks("nextchat", "NEXTCHAT 7")
def test_its_title_model_is_one_more_name(upstream, cli, tmp_path):
    """Titles of chats with gpt models go to `gpt-4o-mini`: a name for what a channel has."""
    names = {"gpt-4": "gpt-4.1", "gpt-4o-mini": "gpt-4.1-mini"}
    catalog = openai_channel(upstream, names) + model("gpt-4", GPT_4) + model("gpt-4o-mini", GPT_35)
    with running_gateway(tmp_path / "home", cli, catalog) as gateway:
        customer = gateway.customer()
        script = upstream.script({"text": "Greetings", "input_tokens": 20})
        body = chat_body(f"four to five word title {script.mark}", "gpt-4o-mini", is_stream=False)
        answer = customer.post(CHAT.path, body)
        assert answer.status == 200, answer.body
        assert answer.json()["model"] == "gpt-4o-mini"
        assert answer.json()["choices"][0]["message"]["content"] == "Greetings"
        assert script.only()["body"]["model"] == "gpt-4.1-mini"
        assert customer.spent == answer.charge > 0


@pytest.mark.checks("nextchat", "NEXTCHAT 8")
def test_no_path_redirects(customer):
    paths = ("models", "chat/completions", "dashboard/billing/usage", "nothing", "")
    for prefix in ("/", "/v1/", "/v1/v1/"):
        for path in paths:
            for tail in ("", "/", "?a=b"):
                for method in ("GET", "POST", "HEAD", "OPTIONS"):
                    asked = f"{prefix}{path}{tail}"
                    answer = wire.call(customer.gateway.origin, method, asked, key=customer.key)
                    assert not 300 <= answer.status < 400, (method, asked, answer.status)
                    assert "location" not in answer.headers
