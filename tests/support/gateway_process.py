"""A gateway as a real process on a home of its own, and the `yiyuan` command beside it.

`Gateway` starts `yiyuan serve`, waits for `/readyz`, ends it by SIGTERM or
kills it, always by its process id. `Customer` is an account with a token.
The database is only read here, and only by what the ledger's design promises.
"""

import contextlib
import itertools
import json
import os
import pathlib
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from tests.support import wire
from tests.support.postgres_server import query, shared_server
from tests.support.waiting import wait_for
from yiyuan.store.postgres.placeholders import numbered

BIN = pathlib.Path(sys.executable).parent
READY_SECONDS = 60.0
# `YIYUAN_TEST_DATABASE=postgres` runs every suite that uses a `Gateway` on PostgreSQL.
ON_POSTGRES = os.environ.get("YIYUAN_TEST_DATABASE") == "postgres"
_CLI_SERVER = pathlib.Path(__file__).with_name("cli_server.py")


def clean_environment(**extra: str) -> dict[str, str]:
    """The environment without our settings, proxies, foreign keys and the reader's language."""
    unwanted = ("YIYUAN_", "OPENAI_", "ANTHROPIC_", "LANG", "LC_")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(unwanted) and not name.lower().endswith("_proxy")
    }
    return kept | {"PYTHONUNBUFFERED": "1"} | extra


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@dataclass(slots=True)
class Said:
    """What a command said."""

    code: int
    stdout: str
    stderr: str


class Cli:
    """The `yiyuan` command, many times; see cli_server.py."""

    def __init__(self) -> None:
        """Start the process that the commands fork from."""
        self._process = subprocess.Popen(
            [sys.executable, str(_CLI_SERVER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=clean_environment(),
        )
        self._lock = threading.Lock()
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "ready\n":
            raise CommandFailed("a module of the program cannot be imported")

    def run(self, argv: tuple[str, ...], environment: dict[str, str], stdin: str = "") -> Said:
        """Run one command."""
        request = {"argv": argv, "environment": environment, "stdin": stdin}
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with self._lock:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        assert line, "the command's process ended"
        return Said(**json.loads(line))

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


class CommandFailed(AssertionError):
    """A command that should have worked did not."""


class Gateway:
    """One home, and the server on it while it runs."""

    def __init__(self, home: pathlib.Path, cli: Cli, **environment: str) -> None:
        """`environment` adds settings."""
        self.home, self._cli = home, cli
        self.environment = clean_environment(YIYUAN_HOME=str(home), **environment)
        if ON_POSTGRES and "YIYUAN_DATABASE_URL" not in environment:
            self.environment["YIYUAN_DATABASE_URL"] = shared_server().new_database()
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self.output = home.with_name(home.name + ".output")
        self.process: subprocess.Popen[bytes] | None = None
        self.program = [str(BIN / "yiyuan")]
        self._names = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """Whatever happened, no process stays behind."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    # --- the process ---------------------------------------------------------------

    def start(self, *flags: str) -> "Gateway":
        """Start, and wait until it is ready."""
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                [*self.program, "serve", "--port", str(self.port), *flags],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=self.environment,
                cwd=self.home.parent,
            )
        wait_for(self._is_ready, timeout=READY_SECONDS, what=f"{self.home} to be ready")
        return self

    def _is_ready(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise CommandFailed(f"serve ended with {self.process.returncode}:\n{self.said()}")
        with contextlib.suppress(OSError):
            return wire.call(self.origin, "GET", "/readyz", timeout=5).status == 200
        return False

    def said(self) -> str:
        """Everything the server wrote."""
        return self.output.read_text(errors="replace")

    def terminate(self) -> None:
        """Send SIGTERM."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def stop(self, timeout: float = 40.0) -> int:
        """SIGTERM, and wait for the end."""
        assert self.process is not None
        if self.process.poll() is None:
            self.terminate()
        return self.process.wait(timeout)

    def kill(self) -> None:
        """SIGKILL, and wait for the end."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def rss_bytes(self) -> int:
        """Memory of the server at this moment."""
        assert self.process is not None
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    # --- commands ------------------------------------------------------------------

    def run(self, *argv: str, stdin: str = "") -> Said:
        """Run `yiyuan …` whatever its result."""
        return self._cli.run(argv, self.environment, stdin)

    def cli(self, *argv: str, stdin: str = "") -> Any:
        """Run `yiyuan … --json` and return its document."""
        said = self.run(*argv, "--json", stdin=stdin)
        if said.code != 0:
            raise CommandFailed(f"yiyuan {' '.join(argv)}: {said}")
        return json.loads(said.stdout)

    def apply(self, catalog: str) -> Any:
        """Apply a catalog, given as TOML."""
        file = self.home.with_name(self.home.name + ".toml")
        file.write_text(catalog)
        return self.cli("apply", str(file))

    def customer(self, balance: int = 1_000_000_000, **options: Any) -> "Customer":
        """A new account with a token; `options` are those of `token create`."""
        name = f"customer-{next(self._names)}-{time.monotonic_ns()}"
        account = self.cli("account", "create", name, "--balance", str(balance))
        customer = Customer(self, account["id"], name, "", "")
        customer.token(**options)
        return customer

    def verify(self) -> Any:
        """The document of `ledger verify --full`, which must be ok."""
        said = self.run("ledger", "verify", "--full", "--json")
        document = json.loads(said.stdout)
        assert said.code == 0, (said.code, document, said.stderr)
        assert document["ok"], document
        return document

    def settle_down(self) -> None:
        """Wait until no hold is open, then verify the ledger."""

        def quiet() -> bool:
            accounts = self.cli("account", "list")["accounts"]
            return all(account["held"] == 0 for account in accounts)

        wait_for(quiet, timeout=10, every=0.1, what="all holds to end")
        assert self.rows("SELECT count(*) AS n FROM holds")[0]["n"] == 0
        self.verify()

    # --- what it wrote -------------------------------------------------------------

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """Read the database, read-only."""
        url = self.environment.get("YIYUAN_DATABASE_URL")
        if url is not None:
            return [dict(row) for row in query(url, numbered(sql), *values)]
        uri = f"file:{self.home / 'yiyuan.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def usage(self, request_id: str, timeout: float = 10.0) -> dict[str, Any]:
        """The usage row of one request, as soon as it is there."""
        sql = "SELECT * FROM usage WHERE request_id = ?"
        found = wait_for(
            lambda: self.rows(sql, request_id), timeout=timeout, what=f"usage of {request_id}"
        )
        return found[0]

    def attempts(self, request_id: str) -> list[dict[str, Any]]:
        """The attempts of one request, in their order, once it has ended."""
        self.usage(request_id)
        return self.rows("SELECT * FROM attempts WHERE request_id = ? ORDER BY n", request_id)

    def metrics(self) -> str:
        """The text of /metrics."""
        answer = wire.call(self.origin, "GET", "/metrics")
        assert answer.status == 200, answer.body
        return answer.body.decode()


@dataclass(slots=True)
class Customer:
    """An account with a token, as a client sees it."""

    gateway: Gateway
    id: str
    name: str
    key: str
    token_id: str
    spent_before: int = 0

    def token(self, name: str = "main", *, stdin: str = "", **options: Any) -> "Customer":
        """Make a token and use it from now on; returns self."""
        flags: list[str] = []
        for option, value in options.items():
            flags.append("--" + option.replace("_", "-"))
            if value is not True:
                flags.append(str(value))
        made = self.gateway.cli("token", "create", name, "--account", self.id, *flags, stdin=stdin)
        self.key, self.token_id = made.get("key", stdin), made["id"]
        return self

    def another_token(self, **options: Any) -> "Customer":
        """The same account through a second token."""
        other = Customer(self.gateway, self.id, self.name, "", "")
        return other.token("another", **options)

    def post(self, path: str, body: Any, **headers: str) -> wire.Answer:
        """Post to the API; `headers` may use underscores for dashes."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return wire.call(self.gateway.origin, "POST", path, body, key=self.key, headers=named)

    def get(self, path: str, **headers: str) -> wire.Answer:
        """Get from the API."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return wire.call(self.gateway.origin, "GET", path, key=self.key, headers=named)

    def stream(self, path: str, body: dict[str, Any], **options: Any) -> wire.EventStream:
        """Post for a stream."""
        full = {**body, "stream": True}
        return wire.EventStream(self.gateway.origin, path, full, key=self.key, **options)

    def show(self) -> dict[str, Any]:
        """The account, as the command shows it."""
        shown: dict[str, Any] = self.gateway.cli("account", "show", self.id)
        return shown

    @property
    def balance(self) -> int:
        """Posted money, as on disk."""
        rows = self.gateway.rows("SELECT posted FROM accounts WHERE id = ?", self.id)
        balance: int = rows[0]["posted"]
        return balance

    def count_from_here(self) -> "Customer":
        """Let `spent` begin at nothing again; for an account that tests share."""
        self.spent_before += self.spent
        return self

    @property
    def spent(self) -> int:
        """The sum of its charges."""
        sql = "SELECT coalesce(-sum(amount), 0) AS spent FROM entries WHERE account_id = ?"
        rows = self.gateway.rows(sql + " AND kind IN ('charge', 'recovered')", self.id)
        spent: int = rows[0]["spent"]
        return spent - self.spent_before


@contextlib.contextmanager
def running_gateway(
    home: pathlib.Path, cli: Cli, catalog: str, *flags: str, **environment: str
) -> Iterator[Gateway]:
    """A gateway with a catalog; stopped, and its ledger verified, at the end."""
    with Gateway(home, cli, **environment) as gateway:
        gateway.apply(catalog)
        gateway.start(*flags)
        yield gateway
        gateway.settle_down()
        assert gateway.stop() == 0, gateway.said()[-4000:]
