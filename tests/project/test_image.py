"""The image: how it is described, and its root as it would be, which serves on this machine.

Where a container engine is, it is built and run by that. Everywhere else what the Dockerfile
does is done with this machine's Python, and the root that comes out is entered by `chroot`.
"""

import json
import os
import re
import stat
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tests.project.node import DEPLOY, ROOT, Node, chat, free_port, get, run, tool

IMAGE_BYTES_MAX = 200_000_000
"""Unpacked, as it lies on a disk."""


def engine(*plugin: str) -> str:
    """A container engine that answers, with the plugin that is asked for."""
    docker = tool("docker")
    for command in (("version",), *((plugin,) if plugin else ())):
        if run(docker, *command).returncode:
            pytest.skip(f"docker {' '.join(command)} does not answer here")
    return docker


def test_the_image_is_small_and_runs_as_nobody_on_a_read_only_disk() -> None:
    docker = engine()
    built = run(
        docker, "build", "-f", DEPLOY / "Dockerfile", "-t", "yiyuan:test", ROOT, timeout=900
    )
    assert built.returncode == 0, built.stderr[-2000:]
    (image,) = json.loads(run(docker, "image", "inspect", "yiyuan:test").stdout)
    assert image["Size"] <= IMAGE_BYTES_MAX
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


def test_the_image_is_made_in_two_stages_and_holds_nothing_of_others() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.13-slim", "scratch"]
    final = text[text.rindex("FROM ") :]
    assert "USER 65532:65532" in final
    assert "RUN " not in final
    assert "HEALTHCHECK" in final
    assert "--require-hashes" in text


def test_the_image_is_built_from_files_that_are_there() -> None:
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    for line in ignored:
        if line.startswith("!"):
            assert (ROOT / line[1:]).exists(), line


def environment(folder: Path, unpacked: Path) -> Path:
    """What the Dockerfile makes of the lock and the wheel, out of the packages that are here."""
    python = Path(sys.executable).resolve()
    made = run(python, "-m", "venv", "--without-pip", folder)
    assert made.returncode == 0, made.stderr
    (site,) = folder.glob("lib/python3.*/site-packages")
    lock = (ROOT / "requirements/runtime.lock").read_text()
    for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE):
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # of another Python or system
        for file in distribution.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                copy(Path(str(file.locate())), site / file)
    for path in unpacked.rglob("*"):
        if path.is_file():
            copy(path, site / path.relative_to(unpacked))
    return folder


def copy(path: Path, to: Path) -> None:
    """The same file once more."""
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(path.read_bytes())


@pytest.fixture(scope="module")
def root(unpacked, tmp_path_factory) -> tuple[Path, Path]:
    """The image's root folder, and the environment's path inside it."""
    for needed in ("ldd", "strip"):
        tool(needed)
    folder = tmp_path_factory.mktemp("image")
    ours = environment(folder / "yiyuan", unpacked)
    made = run(
        ours / "bin/python", ROOT / "tools/image_root.py", ours, folder / "root", timeout=300
    )
    assert made.returncode == 0, made.stderr
    return folder / "root", ours


def test_the_root_takes_at_most_200_mb_and_has_no_shell(root) -> None:
    inside, _ = root
    files = [path for path in inside.rglob("*") if path.is_file() and not path.is_symlink()]
    assert sum(path.stat().st_size for path in files) <= IMAGE_BYTES_MAX
    assert not {"sh", "bash", "dash", "apt", "pip"} & {path.name for path in files}
    assert not [path for path in files if path.stat().st_mode & (stat.S_ISUID | stat.S_IWOTH)]


def test_the_root_serves_as_nobody(root, tmp_path) -> None:
    """In it alone, as in a container: nothing of this machine's disk is in reach."""
    if os.geteuid():
        pytest.skip("only root may enter another root")
    inside, ours = root
    home = inside / "data"
    home.mkdir(mode=0o700)
    os.chown(home, 65532, 65532)
    (inside / "dev").mkdir()
    for name, minor in (("null", 3), ("urandom", 9)):
        os.mknod(inside / "dev" / name, 0o666 | stat.S_IFCHR, os.makedev(1, minor))
    enter = [tool("chroot"), "--userspec=65532:65532", str(inside), str(ours / "bin/python")]
    node = Node([*enter, "-m", "yiyuan"], tmp_path / "node", free_port(), YIYUAN_HOME="/data")
    try:
        document = json.loads(
            b"".join(piece for _, piece in chat(node.port, node.api_token(), stream=False))
        )
        assert document["usage"]["charge"] > 0
        assert get(node.port, "/docs/zh/")[0] == 200
        assert get(node.port, "/console")[0] == 200
        said = run(*enter, "-m", "yiyuan", "doctor", "--json", env={"YIYUAN_HOME": "/data"})
        assert json.loads(said.stdout)["ok"], said.stdout
        assert run(*enter, "-c", health_check().replace("8000", str(node.port))).returncode == 0
        assert run(*enter, "-c", health_check().replace("8000", str(free_port()))).returncode
    finally:
        node.end()


def health_check() -> str:
    """The program of the Dockerfile's HEALTHCHECK."""
    text = (DEPLOY / "Dockerfile").read_text()
    (command,) = re.findall(r"^HEALTHCHECK .*\n\s+CMD (\[.*\])$", text, re.MULTILINE)
    return json.loads(command)[2]
