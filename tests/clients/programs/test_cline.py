"""Cline CLI, driven without a screen; `gpt-4` is served by an upstream that speaks Anthropic's.

Cline retries what is limited a second later, six times, and shows of an error
its message alone. What it prints is a JSON document a line.
"""

import json
import pathlib
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.clients.programs.seen import Seen, charged, used
from tests.support.catalogs import GPT_4, anthropic_channel, model
from tests.support.drivers import CHAT
from tests.support.gateway_process import Customer, running_gateway

CLIENT = "cline"
SECONDS = 180.0
PROVIDER, RESPONSES_PROVIDER = "openai-compatible", "openai-native"


@dataclass(slots=True)
class Told:
    """What one run of Cline printed, and how it ended."""

    code: int
    lines: list[dict[str, Any]]

    @property
    def last(self) -> dict[str, Any]:
        """The closing line."""
        return self.lines[-1]

    @property
    def error(self) -> str:
        """The message of the error that ended it."""
        assert self.last["finishReason"] == "error", self.last
        events = [line["event"] for line in self.lines if line["type"] == "agent_event"]
        message: str = next(e["error"]["message"] for e in events if e["type"] == "error")
        return message

    @property
    def usage(self) -> tuple[int, int]:
        """Input and output tokens as Cline shows them."""
        usage = self.last["usage"]
        return usage["inputTokens"], usage["outputTokens"]


class Cline:
    """An installed Cline with state of its own."""

    def __init__(self, command: str, environment: dict[str, str], folder: pathlib.Path) -> None:
        """`folder` gets its state and the directory that it works in."""
        self._command, self._environment = command, environment
        self.data, self.work = folder / "data", folder / "work"
        self.data.mkdir()
        self.work.mkdir()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [self._command, *arguments],
            cwd=self.work,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def sign_in(self, origin: str, key: str, provider: str = PROVIDER) -> None:
        """`cline auth`: the base URL with `/v1`."""
        flags = ("-p", provider, "-k", key, "-m", "gpt-4", "-b", f"{origin}/v1")
        done = self.run("auth", *flags, "--data-dir", str(self.data))
        assert done.returncode == 0, done

    def settings(self) -> dict[str, Any]:
        """What it remembers of its provider."""
        text = (self.data / "settings" / "providers.json").read_text()
        settings: dict[str, Any] = json.loads(text)
        return settings

    def ask(self, prompt: str) -> Told:
        """Give it a task."""
        done = self.run("--data-dir", str(self.data), "--json", prompt)
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, done
        return Told(done.returncode, lines)


@pytest.fixture
def cline(installed, own_home, tmp_path):
    folder = tmp_path / "cline"
    folder.mkdir()
    return Cline(installed("cline").command("cline"), own_home, folder)


def shell(command: str) -> dict[str, Any]:
    """What the model says to have Cline run a command."""
    call = {"name": "run_commands", "arguments": json.dumps({"commands": [command]})}
    return {"tool_calls": [call], "empty": True}


@pytest.mark.checks("cline", "CLI-CLINE 1")
def test_it_is_configured_and_answers(cline, gateway, customer, upstream):
    cline.sign_in(gateway.origin, customer.key)
    kept = json.dumps(cline.settings())
    assert f"{gateway.origin}/v1" in kept
    assert "gpt-4" in kept
    script = upstream.script({"text": "Hello there.", "input_tokens": 900})
    told = cline.ask(f"Say hello {script.mark}")
    assert (told.code, told.last["finishReason"]) == (0, "completed"), told.last
    assert told.last["text"] == "Hello there."
    assert told.last["model"] == {"id": "gpt-4", "provider": PROVIDER}
    sent = script.only()
    assert sent["path"] == "/v1/messages"
    assert sent["body"]["model"] == "claude-up"
    total = used(customer)
    assert told.usage == (total["input_tokens"], total["output_tokens"]) == (900, 2)
    assert total["charge"] == 900 * 30 + 2 * 60


@pytest.mark.checks("cline", "CLI-CLINE 2")
def test_a_tool_makes_a_file(cline, gateway, customer, upstream):
    cline.sign_in(gateway.origin, customer.key)
    script = upstream.script(shell("echo hi > made.txt"), {"text": "Made it."})
    told = cline.ask(f"Create made.txt {script.mark}")
    assert told.code == 0, told.last
    assert told.last["text"] == "Made it."
    assert (cline.work / "made.txt").read_text() == "hi\n"
    result = script.log()[1]["body"]["messages"][-1]["content"][0]
    assert (result["type"], result["tool_use_id"]) == ("tool_result", "toolu_0")
    total = used(customer)
    assert total["requests"] == len(script.log()) == 2
    assert told.usage == (total["input_tokens"], total["output_tokens"])


@pytest.mark.checks("cline", "CLI-CLINE 3")
def test_without_a_balance_it_asks_once_and_shows_our_sentence(cline, gateway):
    customer = gateway.customer(0)
    cline.sign_in(gateway.origin, customer.key)
    seen = Seen(gateway)
    told = cline.ask("Say hello")
    assert told.code == 1
    assert told.error.startswith("Insufficient balance: ")
    assert seen.statuses() == [402]
    assert charged(customer) == []


@pytest.mark.checks("cline", "CLI-CLINE 4")
def test_with_a_wrong_key_it_asks_once(cline, gateway):
    cline.sign_in(gateway.origin, "sk-" + "0" * 48)
    seen = Seen(gateway)
    told = cline.ask("Say hello")
    assert told.code == 1
    assert "API" in told.error
    assert seen.statuses() == [401]


@pytest.mark.checks("cline", "CLI-CLINE 5")
def test_limited_once_it_recovers_and_pays_once(cline, upstream, cli, tmp_path):
    """The account's only place is taken until Cline was told to come again in a second."""
    catalog = anthropic_channel(upstream, {"gpt-4": "claude-up"})
    catalog += model("gpt-4", GPT_4, rpm=500, concurrency=1)
    with running_gateway(tmp_path / "home", cli, catalog) as limited:
        customer = limited.customer()
        cline.sign_in(limited.origin, customer.key)
        waiting = upstream.script({"gate_after": 1, "output_tokens": 2})
        script = upstream.script({"text": "Hello."})
        with customer.stream(CHAT.path, CHAT.body("gpt-4", waiting.mark)) as stream:
            stream.take(1)
            told = ask_while_limited(cline, customer, waiting, script.mark)
            assert CHAT.is_complete(stream.rest())
        assert (told.code, told.last["text"]) == (0, "Hello."), told.last
        assert len(script.log()) == 1
        assert len(charged(customer)) == 2


def ask_while_limited(cline: Cline, customer: Customer, waiting, mark: str) -> Told:
    """Ask; the place is given free once a request was refused."""
    seen = Seen(customer.gateway)
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(cline.ask, f"Say hello {mark}")
        seen.wait_for_status(429)
        waiting.open_gate()
        told = asked.result()
    assert next(s for s in seen.statuses() if s != 200) == 429
    return told


@pytest.mark.checks("cline", "CLI-CLINE 5")
def test_over_its_limit_it_waits_as_long_as_it_is_told(cline, gateway, upstream):
    """A minute's window that one request has filled: one refusal, one pause, one charge."""
    customer = gateway.customer(rpm=1)
    cline.sign_in(gateway.origin, customer.key)
    script = upstream.script({"text": "Hello."})
    assert customer.post(CHAT.path, CHAT.body("gpt-4", "Hi")).status == 200
    seen = Seen(gateway)
    told = cline.ask(f"Say hello {script.mark}")
    assert (told.code, told.last["text"]) == (0, "Hello."), told.last
    assert seen.statuses() == [429, 200]
    assert len(charged(customer)) == 2


@pytest.mark.checks("cline", "CLI-CLINE 6")
def test_its_openai_provider_uses_responses(cline, gateway, customer, upstream):
    """It sends whole items, never a reference to one, so the API can stay stateless."""
    cline.sign_in(gateway.origin, customer.key, RESPONSES_PROVIDER)
    looks = shell("cat made.txt") | {"empty": False, "text": "Looking.", "reasoning_tokens": 2}
    script = upstream.script(shell("echo hi > made.txt"), looks, {"text": "Made it."})
    seen = Seen(gateway)
    told = cline.ask(f"Create made.txt {script.mark}")
    assert (told.code, told.last["text"]) == (0, "Made it."), told.last
    assert (cline.work / "made.txt").read_text() == "hi\n"
    requests = seen.requests()
    assert [(r["endpoint"], r["status"]) for r in requests] == [("/responses", 200)] * 3
    total = used(customer)
    assert told.usage == (total["input_tokens"], total["output_tokens"])
    assert len(script.log()) == total["requests"] == 3
