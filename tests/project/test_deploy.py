"""What `deploy/` offers is read by the tools that it is for; where one is missing, it says so.

nginx's configuration is brought up in front of two real nodes, and the wheel is started
as `uvx yiyuan serve --starter` would. The container runs where a container engine does.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
IMAGE_BYTES_MAX = 200 * 1024 * 1024
"""Compressed, as it is pulled. On a disk it is more: half of our part is the tokenizer's."""
BASE_BYTES = 50 * 1024 * 1024
"""`python:3.13-slim` compressed, rounded up: it is 42 to 46 MB, as the machine is."""


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


def engine(*plugin: str) -> str:
    """A container engine that answers, with the plugin that is asked for."""
    docker = tool("docker")
    for command in (("version",), *((plugin,) if plugin else ())):
        if run(docker, *command).returncode:
            pytest.skip(f"docker {' '.join(command)} does not answer here")
    return docker


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


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


# Containers -----------------------------------------------------------------------------


def test_the_image_is_small_and_runs_as_nobody_on_a_read_only_disk() -> None:
    docker = engine()
    built = run(
        docker, "build", "-f", DEPLOY / "Dockerfile", "-t", "yiyuan:test", ROOT, timeout=900
    )
    assert built.returncode == 0, built.stderr[-2000:]
    (image,) = json.loads(run(docker, "image", "inspect", "yiyuan:test").stdout)
    saved = subprocess.Popen([docker, "save", "yiyuan:test"], stdout=subprocess.PIPE)
    assert packed_bytes(iter(lambda: saved.stdout.read(1 << 20), b"")) <= IMAGE_BYTES_MAX
    assert saved.wait(60) == 0
    assert image["Config"]["User"] == "65532:65532"
    options = ("--rm", "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL")
    said = run(docker, "run", *options, "yiyuan:test", "doctor", "--json", timeout=120)
    assert '"checks"' in said.stdout


@pytest.mark.parametrize("name", ["compose.yml", "compose.many.yml"])
def test_the_compose_files_are_understood(name) -> None:
    docker = tool("docker")
    if run(docker, "compose", "version").returncode:
        pytest.skip("docker compose is not installed here")
    key = {
        "POSTGRES_PASSWORD": "p",
        "YIYUAN_SECRET_KEY": "k",
        "YIYUAN_PUBLIC_URL": "https://g.example",
    }
    read = run(docker, "compose", "-f", DEPLOY / name, "config", "-q", env={**os.environ, **key})
    assert read.returncode == 0, read.stderr


def test_the_image_is_made_in_two_stages_of_one_base_without_root() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.MULTILINE)
    assert len(bases) == 2
    assert bases[0] == bases[1] == "python:3.13-slim"
    final = text[text.rindex("FROM ") :]
    assert "USER 65532:65532" in final
    assert "RUN " not in final
    assert "HEALTHCHECK" in final
    assert "--require-hashes" in text


def packed_bytes(pieces: Iterable[bytes]) -> int:
    """What these come to compressed, as registries keep a layer."""
    packer = zlib.compressobj(level=1, wbits=31)
    return sum(len(packer.compress(piece)) for piece in pieces) + len(packer.flush())


def locked_files() -> Iterator[Path]:
    """The files of the packages that the image installs, as they are here."""
    for name in re.findall(
        r"^([\w.-]+)==", (ROOT / "requirements/runtime.lock").read_text(), re.MULTILINE
    ):
        try:
            files = metadata.distribution(name).files or ()
        except metadata.PackageNotFoundError:
            continue  # of another Python or system
        yield from (Path(str(file.locate())) for file in files if file.suffix != ".pyc")


def test_what_the_image_adds_to_its_base_leaves_it_small(unpacked) -> None:
    """An upper estimate where no engine is: nothing is stripped, and each source counts twice,
    since it stands there compiled, too."""
    ours = (path for path in unpacked.rglob("*") if path.is_file())
    pieces = (path.read_bytes() for path in (*locked_files(), *ours) if path.is_file())
    sources = sum(path.stat().st_size for path in locked_files() if path.suffix == ".py")
    assert BASE_BYTES + packed_bytes(pieces) + sources // 2 <= IMAGE_BYTES_MAX


def test_the_image_is_built_from_files_that_are_there() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    for line in ignored:
        if line.startswith("!"):
            assert (ROOT / line[1:]).exists(), line


# The wheel ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory) -> Path:
    """The wheel's content, as an installer would put it into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        folder,
        cwd=ROOT,
        timeout=100,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("yiyuan-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


class Node:
    """`yiyuan serve` out of a wheel, in a home of its own."""

    def __init__(self, site: Path, home: Path, port: int, *flags: str) -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("YIYUAN_")}
        home.mkdir()
        self.port = port
        self.output = home / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "yiyuan", "serve", "--port", str(port), *flags],
                cwd=home,
                env={**kept, "PYTHONPATH": str(site), "YIYUAN_HOME": str(home / "data")},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.wait_until_ready()

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


@pytest.fixture(scope="module")
def node(unpacked, tmp_path_factory) -> Iterator[Node]:
    started = Node(unpacked, tmp_path_factory.mktemp("node") / "home", free_port(), "--starter")
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
