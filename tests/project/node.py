"""What the tests of deployments share: tools that may be missing, and a node of a command's own."""

import json
import os
import re
import shutil
import socket
import subprocess
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"


def run(*command: object, timeout: float = 60, **options) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=timeout, **options
    )


def tool(name: str) -> str:
    """The path of a program, or a skipped test that says which one is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed here")
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Node:
    """`yiyuan serve`, started by a command of its own."""

    def __init__(self, command: list[str], folder: Path, port: int, **environment: str) -> None:
        """`command` is what comes before `serve`; `folder` must not be there yet."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("YIYUAN_")}
        folder.mkdir()
        self.port = port
        self.output = folder / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [*command, "serve", "--starter", "--port", str(port)],
                cwd=folder,
                env=kept | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            self.wait_until_ready()
        except BaseException:
            self.process.kill()
            self.process.wait(10)
            raise

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.output.read_text()
            try:
                if get(self.port, "/readyz")[0] == 200:
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(self.output.read_text())

    def api_token(self) -> str:
        """The starter's, which is printed once the server answers."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = re.search(r"sk-[A-Za-z0-9_-]{20,}", self.output.read_text())
            if found is not None:
                return found[0]
            time.sleep(0.05)
        raise AssertionError(self.output.read_text())

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def chat(port: int, api_token: str, *, stream: bool) -> list[tuple[float, bytes]]:
    """A chat, as the pieces of the answer with the time at which each came."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    body = {"model": "gpt-4", "stream": stream, "messages": [{"role": "user", "content": "Hello"}]}
    headers = {"Authorization": f"Bearer {api_token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        answer = connection.getresponse()
        pieces = []
        while piece := answer.read1(65536):
            pieces.append((time.monotonic(), piece))
        assert answer.status == 200, pieces
        return pieces
    finally:
        connection.close()
