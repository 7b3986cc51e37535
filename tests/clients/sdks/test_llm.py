"""`llm`, the command line program, in an environment of its own, installed into `.clients`."""

import pathlib
import subprocess

import pytest

from tests.clients.programs.seen import Seen, charged, used

pytestmark = pytest.mark.timeout(900)  # the first test installs it

SECONDS = 180.0
MODELS = """\
- {{model_id: chat, model_name: "{model}", api_base: "{origin}/v1", api_key_name: yiyuan}}
- {{model_id: legacy, model_name: "{model}", api_base: "{origin}/v1", api_key_name: yiyuan,
   completion: true}}
- {{model_id: responses, model_name: "{model}", api_base: "{origin}/v1", api_key_name: yiyuan,
   responses: true}}
"""


class Llm:
    """An installed `llm` with a home of its own."""

    def __init__(self, command: str, environment: dict[str, str], home: pathlib.Path) -> None:
        """`home` gets its models and keys."""
        self._command, self.home = command, home
        self._environment = environment | {"LLM_USER_PATH": str(home)}
        home.mkdir()

    def set_up(self, origin: str, key: str, model: str) -> None:
        """Its models in a file, its key by its command."""
        (self.home / "extra-openai-models.yaml").write_text(
            MODELS.format(origin=origin, model=model)
        )
        assert self("keys", "set", "yiyuan", "--value", key).returncode == 0

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run(
            [self._command, *arguments],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )


@pytest.fixture
def llm(installed, own_home, tmp_path):
    return Llm(installed("llm").command("llm"), own_home, tmp_path / "llm")


@pytest.mark.checks("llm", "OTHERS 2")
@pytest.mark.parametrize(
    ("kind", "model"),
    [("legacy", "gpt-4"), ("legacy", "claude-2"), ("chat", "gpt-4"), ("responses", "claude-2")],
)
def test_a_prompt(llm, gateway, customer, upstream, kind, model):
    """Streamed, where it asks for the usage on legacy completions too, and whole."""
    llm.set_up(gateway.origin, customer.key, model)
    script = upstream.script({"text": "Hello there.", "input_tokens": 10})
    for flags in ((), ("--no-stream",)):
        done = llm("-m", kind, *flags, "--usage", script.mark)
        assert (done.returncode, done.stdout.strip()) == (0, "Hello there."), done
        if kind != "legacy":  # it asks for the usage there, too, but never shows it
            assert "10 input, 2 output" in done.stderr, done.stderr
    total = used(customer)
    assert (total["requests"], total["input_tokens"], total["output_tokens"]) == (2, 20, 4)


@pytest.mark.checks("llm", "OTHERS 2")
def test_without_a_balance(llm, gateway):
    poor = gateway.customer(0)
    llm.set_up(gateway.origin, poor.key, "gpt-4")
    seen = Seen(gateway)
    done = llm("-m", "legacy", "Hi")
    assert done.returncode == 1
    assert "Insufficient balance: " in done.stderr
    assert seen.statuses() == [402]
    assert charged(poor) == []
