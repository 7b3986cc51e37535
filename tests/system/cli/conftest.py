"""The command as people run it: real processes on real homes, with and without a server."""

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.gateway_process import Said, clean_environment

CATALOG = """\
[[channel]]
name = "openai"
provider = "openai"
base_url = "https://api.openai.com/v1"
api_key = { env = "OPENAI_API_KEY" }
models = { "gpt-4" = "gpt-4.1" }

[[model]]
name = "gpt-4"
rpm = 500
price = { input = "30", output = "60" }

[[tier]]
min_balance = 0
rate = 1
"""


@dataclass
class Shell:
    """A shell in which YIYUAN_HOME is set."""

    home: Path
    cli: object
    environment: dict = field(default_factory=dict)

    def __call__(self, *argv, stdin="", **environment) -> Said:
        """Run a command, in a process of its own."""
        return self.cli.run(argv, self.variables(environment), stdin)

    def variables(self, more=()):
        kept = clean_environment(YIYUAN_HOME=str(self.home))
        return kept | self.environment | dict(more)

    def json(self, *argv, **more):
        """Run a command that must succeed; its document."""
        said = self(*argv, "--json", **more)
        assert said.code == 0, said
        assert said.stderr == ""
        assert said.stdout.count("\n") == 1
        return json.loads(said.stdout)

    def refused(self, *argv, code=1, **more):
        """Run a command that must fail; its error's code and message, as programs get them."""
        said = self(*argv, *([] if "--json" in argv else ["--json"]), **more)
        assert said.code == code, said
        assert said.stdout == ""
        error = json.loads(said.stderr)["error"]
        assert list(error) == ["code", "message"]
        return error

    def start(self, *argv):
        """Start a command without the fork server: the program from its very beginning."""
        return subprocess.Popen(
            [sys.executable, "-m", "yiyuan", *argv],
            env=self.variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def server(self):
        """A server's control socket on this home, in a process of its own."""
        process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("control_server.py"), self.home],
            env=os.environ | {"PYTHONWARNINGS": "error"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.stdout.read() == "closed\n"
                assert process.wait(timeout=10) == 0
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture
def shell(cli, tmp_path):
    return Shell(tmp_path / "home", cli)


@pytest.fixture(params=["alone", "served"])
def anywhere(shell, request):
    """The same commands, without and with a running server."""
    if request.param == "alone":
        yield shell
    else:
        with shell.server():
            yield shell


@pytest.fixture
def catalog_file(tmp_path):
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOG)
    return path
