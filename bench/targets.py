"""What is measured: nginx as the floor, yiyuan in two durabilities, and the peers.

Each target proxies `POST /v1/chat/completions` to the mock upstream and runs with one
worker on the measured core. All of them are started before the first round and stay up,
so that rounds can be interleaved.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench import upstream
from bench.machine import ROOT, WORK, Process, free_port, output_of, wait_for

MODEL = "bench"
IDLE_MODEL = upstream.IDLE_MODEL.decode()
MANY_MODEL = upstream.MANY_MODEL.decode()
MESSAGES = [{"role": "user", "content": "Hello, world! Say something nice, please."}]
GENEROUS_BALANCE = 10**15


class NotAvailable(Exception):
    """The target cannot run on this machine; the text says why and what to do."""


class Target:
    """One gateway: its process, where it listens and how its requests look."""

    name = ""
    ready_path = "/"
    patience = 30.0
    streams = 64
    """How many streams at once the chunk measurement opens."""

    def __init__(self, core: int, mock: Process, upstream_port: int, commands: Path) -> None:
        self.core = core
        self.yiyuan_command = commands / "yiyuan"
        self.mock = mock
        self.upstream_port = upstream_port
        self.port = free_port()
        self.folder = WORK / self.name.lower().replace(" ", "-").replace(",", "")
        self.headers: dict[str, str] = {}
        self.ready_seconds = 0.0
        self.process: Process | None = None
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", self.port

    def version(self) -> str:
        """Its version, for the report."""
        return ""

    def prepare(self) -> None:
        """Write configuration; raise NotAvailable where it cannot run."""

    def command(self) -> list[str | Path]:
        """How to start it."""
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        """What it needs in its environment."""
        return {}

    def start(self) -> None:
        """Start it and wait until it is ready; keeps how long that took."""
        log = self.folder / "output.log"
        self.process = Process(self.command(), self.core, log, self.environment())
        self.ready_seconds = wait_for(self.port, self.ready_path, self.process, self.patience)

    def stop(self) -> None:
        """Stop it if it runs."""
        if self.process is not None:
            self.process.stop()
            self.process = None

    def request(
        self,
        model: str = MODEL,
        *,
        stream: bool = False,
        headers: dict[str, str] | None = None,
        size_bytes: int = 0,
    ) -> bytes:
        """The whole request, head and body; `headers` in place of the target's own.

        `size_bytes` more of a prompt in plain words.
        """
        body: dict = {"model": model, "messages": MESSAGES, "max_tokens": 256}
        if size_bytes:
            words = "benchmark " * (size_bytes // 10)
            body["messages"] = [*MESSAGES, {"role": "user", "content": words}]
        if stream:
            body |= {"stream": True, "stream_options": {"include_usage": True}}
        data = json.dumps(body).encode()
        head = {
            "host": f"127.0.0.1:{self.port}",
            "content-type": "application/json",
            "content-length": str(len(data)),
            **(self.headers if headers is None else headers),
        }
        lines = [f"{name}: {value}\r\n" for name, value in head.items()]
        return f"POST /v1/chat/completions HTTP/1.1\r\n{''.join(lines)}\r\n".encode() + data


class Nginx(Target):
    """nginx as a reverse proxy with keep-alive on both sides: what a relay costs at least."""

    name = "nginx"
    ready_path = "/healthz"

    def version(self) -> str:
        return output_of("nginx", "-v").rpartition(" ")[2] or "nginx"

    def prepare(self) -> None:
        if shutil.which("nginx") is None:
            message = "nginx is not installed: apt install nginx-light, or brew install nginx"
            raise NotAvailable(message)
        user = "user root;" if os.geteuid() == 0 else ""
        folders = "".join(
            f"{kind}_temp_path {self.folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (self.folder / "nginx.conf").write_text(
            f"""
            {user} worker_processes 1; daemon off; pid {self.folder}/nginx.pid;
            error_log {self.folder}/error.log;
            events {{ worker_connections 8192; }}
            http {{
                access_log off; {folders}
                keepalive_requests 1000000000;
                upstream mock {{
                    server 127.0.0.1:{self.upstream_port};
                    keepalive 256; keepalive_requests 1000000000;
                }}
                server {{
                    listen 127.0.0.1:{self.port} backlog=4096;
                    location = /healthz {{ return 200 "ok"; }}
                    location / {{
                        proxy_pass http://mock;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                    }}
                }}
            }}
            """
        )

    def command(self) -> list[str | Path]:
        return ["nginx", "-c", self.folder / "nginx.conf", "-e", self.folder / "error.log"]


class Yiyuan(Target):
    """This gateway with everything on: token, limits, hold, settlement, durable entries."""

    ready_path = "/readyz"
    durability = "full"
    provider, address_path = "openai", "/v1"

    def version(self) -> str:
        commit = output_of("git", "rev-parse", "--short", "HEAD") or "no commit"
        return f"{output_of(self.yiyuan_command, '--version').rpartition(' ')[2]} ({commit})"

    def prepare(self) -> None:
        home = self.folder / "home"
        shutil.rmtree(home, ignore_errors=True)
        catalog = self.folder / "catalog.toml"
        catalog.write_text(catalog_text(self.upstream_port, self.provider, self.address_path))
        self.yiyuan("apply", catalog)
        self.yiyuan("account", "create", "bench", "--balance", str(GENEROUS_BALANCE))
        made = self.yiyuan("token", "create", "bench", "--account", "bench", "--json")
        self.headers = {"authorization": f"Bearer {json.loads(made)['key']}"}

    def yiyuan(self, *arguments: str | Path) -> str:
        """Run one command of ours on this target's home."""
        done = subprocess.run(
            [self.yiyuan_command, *arguments],
            env={**os.environ, **self.environment()},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            message = f"yiyuan {arguments[0]} failed: {done.stdout}{done.stderr}"
            raise NotAvailable(message)
        return done.stdout

    def environment(self) -> dict[str, str]:
        return {
            "YIYUAN_HOME": str(self.folder / "home"),
            "YIYUAN_DURABILITY": self.durability,
            "YIYUAN_CONNECTIONS_PER_ADDRESS": "0",  # all of the load comes from one
        }

    def command(self) -> list[str | Path]:
        return [self.yiyuan_command, "serve", "--host", "127.0.0.1", "--port", str(self.port)]


class YiyuanFull(Yiyuan):
    """As it is by default: a charge survives a power cut."""

    name = "yiyuan, FULL"


class YiyuanNormal(Yiyuan):
    """A charge survives a crash of the process; a power cut may lose the last moments."""

    name = "yiyuan, NORMAL"
    durability = "normal"


class YiyuanTranslated(YiyuanFull):
    """OpenAI's clients over an upstream that speaks Anthropic's format."""

    name = "yiyuan, translated"
    provider, address_path = "anthropic", ""


class YiyuanBefore(YiyuanFull):
    """An older commit of this project, in a tree and an environment of its own."""

    name = "yiyuan before"
    commit = ""

    def version(self) -> str:
        return self.commit

    def environment(self) -> dict[str, str]:
        known = super().environment()
        del known["YIYUAN_CONNECTIONS_PER_ADDRESS"]  # it may be older than this setting
        return known

    def prepare(self) -> None:
        tree = WORK / f"before-{self.commit}"
        if not (tree / ".venv" / "bin" / "yiyuan").exists():
            tree.parent.mkdir(parents=True, exist_ok=True)
            run("git", "clone", "--quiet", "--shared", ROOT, tree)
            run("git", "-C", tree, "checkout", "--quiet", self.commit)
            run(sys.executable, tree / "tools" / "setup.py", "runtime")
        self.yiyuan_command = tree / ".venv" / "bin" / "yiyuan"
        super().prepare()


def run(*command: str | Path) -> None:
    """Run a command of the preparation. Raises NotAvailable with what it said."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        message = f"{command[0]} failed: {done.stdout}{done.stderr}"
        raise NotAvailable(message)


def catalog_text(upstream_port: int, provider: str, path: str) -> str:
    """The mock upstream as a channel, and its models without limits."""
    models = "\n".join(
        f"""
        [[model]]
        name = "{model}"
        max_output_tokens = 4096
        price = {{ input = "30", output = "60" }}
        """
        for model in (MODEL, IDLE_MODEL, MANY_MODEL)
    )
    names = ", ".join(f'"{model}" = "{model}"' for model in (MODEL, IDLE_MODEL, MANY_MODEL))
    return f"""
        [[channel]]
        name = "mock"
        provider = "{provider}"
        base_url = "http://127.0.0.1:{upstream_port}{path}"
        api_key = "sk-mock-upstream-key"
        allow_private = true
        models = {{ {names} }}
        {models}
        """
