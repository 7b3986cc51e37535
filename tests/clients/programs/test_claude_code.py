"""Claude Code, driven without a screen: over an upstream that speaks Anthropic's, and OpenAI's.

Its base URL has no `/v1`. It asks `HEAD /` first, sends betas by header and query, and wants
32,000 tokens of output at most. A 401 and a 429 it repeats for minutes, so these are not run.
"""

import json
import pathlib
import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from tests.clients.programs.seen import Seen, charged, used

SECONDS = 240.0
MODELS = pytest.mark.parametrize("model", ["claude-2", "gpt-3.5-turbo"])


@dataclass(slots=True)
class Told:
    """What one run printed, and how it ended."""

    code: int
    document: dict[str, Any]

    @property
    def result(self) -> str:
        """The closing text."""
        return self.document["result"]


class ClaudeCode:
    """An installed Claude Code with a home of its own."""

    def __init__(self, command: str, environment: dict[str, str], work: pathlib.Path) -> None:
        """`work` is the directory it works in."""
        self._command, self._environment, self.work = command, environment, work

    def ask(self, origin: str, prompt: str, *flags: str, **variables: str) -> Told:
        """Give it a prompt; `variables` hold the key."""
        environment = {
            **self._environment,
            "ANTHROPIC_BASE_URL": origin,
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
            **variables,
        }
        done = subprocess.run(
            [self._command, "-p", prompt, "--output-format", "json", *flags],
            cwd=self.work,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.stdout.startswith("{"), done
        return Told(done.returncode, json.loads(done.stdout))


@pytest.fixture
def claude(installed, own_home, tmp_path):
    work = tmp_path / "work"
    work.mkdir()
    return ClaudeCode(installed("claude-code").command("claude"), own_home, work)


@pytest.mark.checks("claude-code", "CLAUDE-CODE 1", "CLAUDE-CODE 4", "CLAUDE-CODE 5")
@pytest.mark.parametrize("variable", ["ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_API_KEY"])
@MODELS
def test_a_prompt(claude, gateway, customer, upstream, model, variable):
    """With a Bearer and with `x-api-key`; its betas and new fields arrive, or are left out."""
    script = upstream.script({"text": "Hello there.", "input_tokens": 20_000})
    seen = Seen(gateway)
    told = claude.ask(
        gateway.origin,
        f"Say hello {script.mark}",
        **{variable: customer.key, "ANTHROPIC_MODEL": model},
    )
    assert (told.code, told.document["is_error"]) == (0, False), told.document
    assert told.result == "Hello there."
    usage = told.document["usage"]
    total = used(customer)
    assert (usage["input_tokens"], usage["output_tokens"]) == (20_000, 2)
    assert (total["requests"], total["input_tokens"], total["output_tokens"]) == (1, 20_000, 2)
    assert [(r["endpoint"], r["status"]) for r in seen.requests()] == [("/messages", 200)]
    sent = script.only()
    if model == "claude-2":
        assert sent["body"]["context_management"], "new fields go along"
        assert sent["headers"]["anthropic-beta"].startswith("claude-code-"), "and so do betas"
    else:
        assert "context_management" not in sent["body"]


@pytest.mark.checks("claude-code", "CLAUDE-CODE 2")
@MODELS
def test_a_tool_makes_a_file(claude, gateway, customer, upstream, model):
    arguments = {"command": "echo hi > made.txt", "description": "Makes a file"}
    call = {"name": "Bash", "arguments": json.dumps(arguments)}
    script = upstream.script(
        {"text": "I will.", "tool_calls": [call], "input_tokens": 900},
        {"text": "Made it.", "input_tokens": 1_000},
    )
    told = claude.ask(
        gateway.origin,
        f"Create made.txt {script.mark}",
        "--allowedTools",
        "Bash",
        ANTHROPIC_AUTH_TOKEN=customer.key,
        ANTHROPIC_MODEL=model,
    )
    assert (told.code, told.result) == (0, "Made it."), told.document
    assert (claude.work / "made.txt").read_text() == "hi\n"
    second = json.dumps(script.log()[1]["body"]["messages"])
    assert '"tool_use_id"' in second or '"tool_call_id"' in second
    total = used(customer)
    assert total["requests"] == len(script.log()) == 2
    assert total["input_tokens"] == 1_900


@pytest.mark.checks("claude-code", "CLAUDE-CODE 2")
def test_its_helper_asks_for_the_model_that_was_set(claude, gateway, customer, upstream):
    """Left alone it would ask for a Haiku by its full name."""
    asked = {"description": "Look", "prompt": "Look [[helper]]", "subagent_type": "Explore"}
    script = upstream.script(
        {"tool_calls": [{"name": "Agent", "arguments": json.dumps(asked)}], "empty": True},
        {"text": "I looked."},
        {"text": "It is done."},
        name="helper",
    )
    seen = Seen(gateway)
    told = claude.ask(
        gateway.origin,
        f"Look around {script.mark}",
        ANTHROPIC_AUTH_TOKEN=customer.key,
        ANTHROPIC_MODEL="claude-2",
        ANTHROPIC_DEFAULT_HAIKU_MODEL="gpt-3.5-turbo",
    )
    assert (told.code, told.result) == (0, "It is done."), told.document
    served = [(request["model"], request["status"]) for request in seen.requests()]
    assert served == [("claude-2", 200), ("gpt-3.5-turbo", 200), ("claude-2", 200)]
    assert used(customer)["requests"] == 3


@pytest.mark.checks("claude-code", "CLAUDE-CODE 3")
def test_without_a_balance_it_posts_once(claude, gateway):
    customer = gateway.customer(0)
    seen = Seen(gateway)
    told = claude.ask(
        gateway.origin,
        "Say hello",
        ANTHROPIC_AUTH_TOKEN=customer.key,
        ANTHROPIC_MODEL="claude-2",
    )
    assert told.document["is_error"] is True
    assert told.document["api_error_status"] == 402
    assert "Insufficient balance: " in told.result
    assert seen.statuses() == [402]
    assert charged(customer) == []


@pytest.mark.checks("claude-code", "CLAUDE-CODE 6")
def test_a_small_balance_gets_a_fair_answer(claude, gateway, upstream):
    """Its maximum is explicit, so it is refused with what would be affordable; a token made
    with `--clamp-explicit` gets the answer.
    """
    customer = gateway.customer(600_000)
    script = upstream.script({"text": "Hello.", "input_tokens": 20_000})
    ask = {"ANTHROPIC_MODEL": "claude-2"}
    prompt = f"Say hello {script.mark}"
    told = claude.ask(gateway.origin, prompt, ANTHROPIC_AUTH_TOKEN=customer.key, **ask)
    assert told.document["api_error_status"] == 402, told.document
    assert "max_tokens" in told.result, "it says what would do"
    assert script.log() == []
    patient = customer.another_token(clamp_explicit=True)
    told = claude.ask(gateway.origin, prompt, ANTHROPIC_AUTH_TOKEN=patient.key, **ask)
    assert (told.code, told.result) == (0, "Hello."), told.document
    assert 1_024 <= script.only()["body"]["max_tokens"] < 32_000
    assert used(customer)["requests"] == 1
