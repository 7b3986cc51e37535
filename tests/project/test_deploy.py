"""What `deploy/` offers is read by the tools that it is for; where one is missing, it says so.

nginx's configuration is brought up in front of two real nodes, and the wheel is started
as `uvx yiyuan serve --starter` would. The container runs where a container engine does.
"""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.project.node import DEPLOY, Node, chat, free_port, get, run, tool

# The unit of systemd --------------------------------------------------------------------


def test_the_unit_is_one_that_systemd_understands(tmp_path) -> None:
    unit = (DEPLOY / "yiyuan.service").read_text()
    command = re.search(r"^ExecStart=(\S+)", unit, re.MULTILINE)
    assert command is not None
    copy = tmp_path / "yiyuan.service"
    copy.write_text(unit.replace(command[1], sys.executable))
    verified = run(tool("systemd-analyze"), "verify", copy)
    assert (verified.returncode, verified.stderr) == (0, "")


def test_the_unit_leaves_the_service_little_to_do_harm_with() -> None:
    analyze = tool("systemd-analyze")
    shown = run(analyze, "security", "--offline=true", "--no-pager", DEPLOY / "yiyuan.service")
    level = re.search(r"exposure level for yiyuan.service: ([0-9.]+)", shown.stdout)
    if level is None:
        pytest.skip(f"this systemd-analyze cannot judge a file: {shown.stderr.strip()}")
    assert float(level[1]) <= 2.0


# Kubernetes -----------------------------------------------------------------------------


def test_the_manifests_are_put_together() -> None:
    built = run(tool("kubectl"), "kustomize", DEPLOY / "kubernetes")
    assert built.returncode == 0, built.stderr
    assert "image: registry.example/yiyuan:0.1.0" in built.stdout
    _assert_hardened(built.stdout)
    assert "replicas: 1" in built.stdout


POSTGRES = ("--set", "existingSecret=shop", "--set", "postgresql=true")


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(tool("helm"), *arguments)


@pytest.mark.parametrize("values", [(), (*POSTGRES, "--set", "replicas=3")])
def test_the_chart_is_linted(values) -> None:
    linted = helm("lint", "--strict", str(DEPLOY / "chart"), *values)
    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_the_chart_refuses_what_sqlite_cannot_do() -> None:
    refused = helm("template", "shop", str(DEPLOY / "chart"), "--set", "replicas=2")
    assert refused.returncode != 0
    assert "replicas > 1 needs PostgreSQL" in refused.stderr


def test_the_chart_refuses_postgresql_without_its_address() -> None:
    refused = helm("template", "shop", str(DEPLOY / "chart"), "--set", "postgresql=true")
    assert "needs existingSecret" in refused.stderr


def test_the_chart_refuses_a_value_that_it_does_not_know() -> None:
    refused = helm("template", "shop", str(DEPLOY / "chart"), "--set", "replica=2")
    assert refused.returncode != 0


def test_one_replica_is_a_stateful_set_with_a_volume() -> None:
    made = helm("template", "shop", str(DEPLOY / "chart"), "--set", "drainSeconds=90")
    assert made.returncode == 0, made.stderr
    assert "kind: StatefulSet" in made.stdout
    assert "volumeClaimTemplates:" in made.stdout
    assert "terminationGracePeriodSeconds: 100" in made.stdout
    assert "PodDisruptionBudget" not in made.stdout
    _assert_hardened(made.stdout)


def test_many_replicas_are_replaced_one_by_one_after_migrating() -> None:
    values = (*POSTGRES, "--set", "replicas=3", "--set", "ingress.enabled=true")
    made = helm("template", "shop", str(DEPLOY / "chart"), *values)
    assert made.returncode == 0, made.stderr
    for wanted in (
        "kind: Deployment",
        "replicas: 3",
        "maxUnavailable: 0",
        "args: [migrate]",
        "kind: PodDisruptionBudget",
        "kind: Ingress",
        'secretRef: {name: "shop"}',
    ):
        assert wanted in made.stdout
    assert "volumeClaimTemplates" not in made.stdout
    _assert_hardened(made.stdout)


def _assert_hardened(manifest: str) -> None:
    for wanted in (
        "runAsNonRoot: true",
        "readOnlyRootFilesystem: true",
        "allowPrivilegeEscalation: false",
        "automountServiceAccountToken: false",
        "/healthz",
        "/readyz",
    ):
        assert wanted in manifest


# The wheel ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def node(unpacked, tmp_path_factory) -> Iterator[Node]:
    folder = tmp_path_factory.mktemp("node") / "home"
    environment = {"PYTHONPATH": str(unpacked), "YIYUAN_HOME": str(folder / "data")}
    started = Node([sys.executable, "-P", "-m", "yiyuan"], folder, free_port(), **environment)
    yield started
    started.end()


def test_the_wheel_alone_serves_a_first_request_console_and_documentation(node) -> None:
    pieces = chat(node.port, node.api_token(), stream=False)
    document = json.loads(b"".join(piece for _, piece in pieces))
    assert document["usage"]["charge"] > 0
    assert get(node.port, "/docs/en/")[0] == 200
    status, page = get(node.port, "/console")
    assert status == 200
    assert b"<title>" in page


# nginx ----------------------------------------------------------------------------------

PIECES = 5
PAUSE_SECONDS = 0.1


class SlowStream(BaseHTTPRequestHandler):
    """A node whose answers take their time, piece by piece."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(PIECES):
            self.wfile.write(b"6\r\ndata:\n\r\n")
            self.wfile.flush()
            time.sleep(PAUSE_SECONDS)
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *_) -> None:
        """Nothing: the test's output is its own."""


@contextmanager
def nginx_before(node_port: int, folder: Path) -> Iterator[int]:
    """The port of an nginx with our configuration; its second node is not there."""
    nginx = tool("nginx")
    port = free_port()
    text = (DEPLOY / "nginx.conf").read_text()
    for old, new in (
        ("node-1:8000", f"127.0.0.1:{node_port}"),
        ("node-2:8000", f"127.0.0.1:{free_port()}"),
        ("listen 8000", f"listen 127.0.0.1:{port}"),
        ("/tmp/", f"{folder}/"),
    ):
        assert old in text
        text = text.replace(old, new)
    configuration = folder / "nginx.conf"
    configuration.write_text(f"daemon off;\n{text}")
    command = [nginx, "-p", str(folder), "-e", "stderr", "-c", str(configuration)]
    tested = run(*command, "-t")
    assert tested.returncode == 0, tested.stderr
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def test_nginx_passes_streams_on_as_they_come(tmp_path) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SlowStream)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        with nginx_before(server.server_port, tmp_path) as port:
            connection = HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", "/")
            answer = connection.getresponse()
            times = []
            while answer.read1(65536):
                times.append(time.monotonic())
            connection.close()
    finally:
        server.shutdown()
        server.server_close()
    assert len(times) == PIECES
    assert times[-1] - times[0] > PAUSE_SECONDS * (PIECES - 1) * 0.8


def test_nginx_takes_the_other_node_where_one_is_not_there(node, tmp_path) -> None:
    with nginx_before(node.port, tmp_path) as port:
        for _ in range(6):
            assert get(port, "/readyz")[0] == 200
            assert chat(port, node.api_token(), stream=True)
