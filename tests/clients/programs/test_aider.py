"""aider, driven without a screen: it streams without asking for the usage, and is charged."""

import subprocess

import pytest

from tests.clients.programs.seen import Seen, charged, used

SECONDS = 300.0
FLAGS = (
    *("--yes-always", "--no-git", "--no-check-update", "--analytics-disable"),
    *("--no-show-model-warnings", "--no-pretty", "--no-auto-lint", "--map-tokens", "0"),
)
EDIT = """Here it is.

made.txt
```
hi
```
"""


@pytest.fixture
def aider(installed, own_home, gateway, tmp_path):
    """`aider(KEY, MODEL, MESSAGE)` runs it to its end in a folder of its own."""
    command = installed("aider").command("aider")
    work = tmp_path / "work"
    work.mkdir()

    def run(key: str, model: str, message: str, *flags: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, "--model", f"openai/{model}", "--message", message, *FLAGS, *flags],
            cwd=work,
            env=own_home
            | {"OPENAI_API_BASE": f"{gateway.origin}/v1", "OPENAI_API_KEY": key, "TERM": "dumb"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    return run


@pytest.mark.checks("aider", "OTHERS 3")
@pytest.mark.parametrize("model", ["gpt-3.5-turbo", "claude-2"])
def test_it_edits_a_file_and_is_charged(aider, customer, upstream, tmp_path, model):
    script = upstream.script({"text": EDIT, "input_tokens": 900})
    flags = ("--edit-format", "whole", "made.txt")
    done = aider(customer.key, model, f"Create made.txt {script.mark}", *flags)
    assert done.returncode == 0, done
    assert (tmp_path / "work" / "made.txt").read_text() == "hi\n", done.stdout
    assert "stream_options" not in str(script.log()[0]["headers"])
    total = used(customer)
    assert total["requests"] == len(script.log()) >= 1
    assert total["input_tokens"] == 900 * total["requests"]


@pytest.mark.checks("aider", "OTHERS 3")
def test_without_a_balance_it_shows_our_sentence(aider, gateway):
    poor = gateway.customer(0)
    seen = Seen(gateway)
    done = aider(poor.key, "claude-2", "Say hello")
    assert "Insufficient balance: " in done.stdout
    assert set(seen.statuses()) == {402}
    assert charged(poor) == []
