"""Codex CLI, driven without a screen through /v1/responses, over both kinds of upstream.

It keeps nothing at the gateway (`store: false`), sends whole items, offers tools that are
no functions, and repeats every refusal five times, a 402 included: those must cost nothing.
"""

import json
import pathlib
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from tests.clients.programs.seen import Seen, charged, used

SECONDS = 240.0
MODELS = pytest.mark.parametrize("model", ["gpt-3.5-turbo", "claude-2"])
CONFIGURATION = """\
model = "{model}"
model_provider = "yiyuan"

[model_providers.yiyuan]
name = "yiyuan"
base_url = "{origin}/v1"
env_key = "YIYUAN_API_KEY"
wire_api = "responses"
"""


@dataclass(slots=True)
class Told:
    """What one run printed, and how it ended."""

    code: int
    lines: list[dict[str, Any]]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The lines of one type."""
        return [line for line in self.lines if line["type"] == kind]

    @property
    def said(self) -> list[str]:
        """The model's messages."""
        items = [line["item"] for line in self.of("item.completed")]
        return [item["text"] for item in items if item["type"] == "agent_message"]

    @property
    def usage(self) -> dict[str, int]:
        """Tokens as Codex shows them."""
        (line,) = self.of("turn.completed")
        usage: dict[str, int] = line["usage"]
        return usage


class Codex:
    """An installed Codex with a home of its own."""

    def __init__(self, command: str, environment: dict[str, str], folder: pathlib.Path) -> None:
        """`folder` gets its configuration and the directory that it works in."""
        self._command, self._environment = command, environment
        self.home, self.work = folder / "codex-home", folder / "work"
        self.home.mkdir()
        self.work.mkdir()

    def ask(self, origin: str, key: str, model: str, prompt: str) -> Told:
        """Give it a task."""
        configuration = CONFIGURATION.format(origin=origin, model=model)
        (self.home / "config.toml").write_text(configuration)
        variables = {"CODEX_HOME": str(self.home), "YIYUAN_API_KEY": key}
        flags = ("--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox")
        done = subprocess.run(
            [self._command, "exec", *flags, "--json", prompt],
            cwd=self.work,
            env=self._environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        assert lines, done
        return Told(done.returncode, lines)


@pytest.fixture
def codex(installed, own_home, tmp_path):
    return Codex(installed("codex").command("codex"), own_home, tmp_path)


@pytest.mark.checks("codex", "CODEX 1", "CODEX 4")
@MODELS
def test_a_prompt(codex, gateway, customer, upstream, model):
    """It offers `web_search` and `namespace` beside its functions."""
    script = upstream.script({"text": "Hello there.", "input_tokens": 9_000, "cached_tokens": 100})
    seen = Seen(gateway)
    told = codex.ask(gateway.origin, customer.key, model, f"Say hello {script.mark}")
    assert (told.code, told.said) == (0, ["Hello there."]), told.lines
    total = used(customer)
    shown = told.usage
    assert (shown["input_tokens"], shown["output_tokens"]) == (9_000, 2)
    assert shown["cached_input_tokens"] == 100
    assert (total["requests"], total["input_tokens"], total["output_tokens"]) == (1, 9_000, 2)
    assert [(r["endpoint"], r["status"]) for r in seen.requests()] == [("/responses", 200)]
    tools = script.only()["body"]["tools"]
    assert any("exec_command" in json.dumps(tool) for tool in tools)
    assert not any("web_search" in json.dumps(tool) for tool in tools)


@pytest.mark.checks("codex", "CODEX 2")
@MODELS
def test_a_tool_makes_a_file(codex, gateway, customer, upstream, model):
    call = {"name": "exec_command", "arguments": json.dumps({"cmd": "echo hi > made.txt"})}
    script = upstream.script(
        {"text": "I will.", "tool_calls": [call], "reasoning_tokens": 2, "input_tokens": 900},
        {"text": "Made it.", "input_tokens": 1_000},
    )
    told = codex.ask(gateway.origin, customer.key, model, f"Create made.txt {script.mark}")
    assert (told.code, told.said[-1]) == (0, "Made it."), told.lines
    assert (codex.work / "made.txt").read_text() == "hi\n"
    total = used(customer)
    assert total["requests"] == len(script.log()) == 2
    assert told.usage["input_tokens"] == total["input_tokens"] == 1_900
    assert told.usage["output_tokens"] == total["output_tokens"]


@pytest.mark.checks("codex", "CODEX 3")
def test_without_a_balance_it_costs_nothing_and_shows_our_sentence(codex, gateway):
    customer = gateway.customer(0)
    seen = Seen(gateway)
    told = codex.ask(gateway.origin, customer.key, "claude-2", "Say hello")
    assert told.code != 0
    (failed,) = told.of("turn.failed")
    assert "Insufficient balance: " in failed["error"]["message"]
    statuses = seen.statuses()
    assert set(statuses) == {402}
    assert len(statuses) <= 6
    assert charged(customer) == []
    assert customer.show()["held"] == 0
