"""Gemini CLI, driven without a screen through Google's contract, over both kinds of upstream.

An address of its own makes it take a way to sign in that it then refuses itself, unless its
settings say that there is a key. What it was refused with, its exit code included, is the
status as it came.
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
SETTINGS = {"security": {"auth": {"selectedType": "gemini-api-key"}}}
FLAGS = ("--output-format", "json", "--yolo")


@dataclass(slots=True)
class Told:
    """What one run printed, and how it ended."""

    code: int
    document: dict[str, Any]

    @property
    def tokens(self) -> dict[str, int]:
        """The tokens that it counted, of all its models together."""
        models = self.document["stats"]["models"].values()
        counts = [model["tokens"] for model in models]
        return {name: sum(count[name] for count in counts) for name in ("prompt", "candidates")}


class GeminiCli:
    """An installed Gemini CLI with a home of its own."""

    def __init__(self, command: str, environment: dict[str, str], work: pathlib.Path) -> None:
        """`work` is the folder that it works in."""
        self._command, self._environment, self.work = command, environment, work
        settings = pathlib.Path(environment["HOME"]) / ".gemini" / "settings.json"
        settings.parent.mkdir()
        settings.write_text(json.dumps(SETTINGS))

    def ask(self, origin: str, key: str, model: str, prompt: str) -> Told:
        """Give it a task."""
        variables = {"GOOGLE_GEMINI_BASE_URL": origin, "GEMINI_API_KEY": key}
        variables["GEMINI_CLI_TRUST_WORKSPACE"] = "true"
        done = subprocess.run(
            [self._command, "-m", model, "-p", prompt, *FLAGS],
            cwd=self.work,
            env=self._environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        said = "\n" + (done.stderr if done.returncode else done.stdout)
        assert "\n{\n" in said, done
        return Told(done.returncode, json.loads(said[said.rindex("\n{\n") :]))


@pytest.fixture
def gemini_cli(installed, own_home, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    return GeminiCli(installed("gemini-cli").command("gemini"), own_home, work)


@pytest.mark.checks("gemini-cli", "GEMINI-CLI 1")
@MODELS
def test_a_prompt(gemini_cli, gateway, customer, upstream, model):
    script = upstream.script({"text": "Hello there.", "input_tokens": 9_000, "cached_tokens": 100})
    seen = Seen(gateway)
    told = gemini_cli.ask(gateway.origin, customer.key, model, f"Say hello {script.mark}")
    assert (told.code, told.document["response"]) == (0, "Hello there."), told.document
    total = used(customer)
    assert told.tokens == {"prompt": 9_000, "candidates": 2}
    assert (total["requests"], total["input_tokens"], total["output_tokens"]) == (1, 9_000, 2)
    [request] = seen.requests()
    assert request["status"] == 200
    assert "streamGenerateContent" in request["endpoint"]
    body = script.only()["body"]
    assert "run_shell_command" in json.dumps(body["tools"])


@pytest.mark.checks("gemini-cli", "GEMINI-CLI 2")
@MODELS
def test_a_tool_makes_a_file(gemini_cli, gateway, customer, upstream, model):
    arguments = json.dumps({"command": "echo hi > made.txt", "description": "make it"})
    call = {"name": "run_shell_command", "arguments": arguments}
    script = upstream.script(
        {"text": "I will.", "tool_calls": [call], "reasoning_tokens": 2, "input_tokens": 900},
        {"text": "Made it.", "input_tokens": 1_000},
    )
    told = gemini_cli.ask(gateway.origin, customer.key, model, f"Create made.txt {script.mark}")
    assert told.code == 0, told.document
    assert told.document["response"].endswith("Made it."), told.document
    assert (gemini_cli.work / "made.txt").read_text() == "hi\n"
    total = used(customer)
    assert total["requests"] == len(script.log()) == 2
    assert told.tokens["prompt"] == total["input_tokens"] == 1_900


@pytest.mark.checks("gemini-cli", "GEMINI-CLI 3")
def test_without_a_balance_it_asks_once_and_shows_our_sentence(gemini_cli, gateway):
    customer = gateway.customer(0)
    seen = Seen(gateway)
    told = gemini_cli.ask(gateway.origin, customer.key, "claude-2", "Say hello")
    assert told.code != 0
    error = told.document["error"]
    assert error["code"] == 402
    assert "Insufficient balance: " in error["message"]
    assert seen.statuses() == [402]
    assert charged(customer) == []
    assert customer.show()["held"] == 0


@pytest.mark.checks("gemini-cli", "GEMINI-CLI 4")
def test_with_a_wrong_key_it_asks_once(gemini_cli, gateway):
    seen = Seen(gateway)
    told = gemini_cli.ask(gateway.origin, "sk-" + "0" * 48, "claude-2", "Say hello")
    assert told.code != 0
    assert told.document["error"]["code"] == 401
    assert seen.statuses() == [401]
