"""Put a client into a folder of its own under `.clients/`, in bounded time, or say why not.

A stamp remembers what was installed, so a second run takes no time. Whatever goes wrong –
no network, no npm, too slow – is `NotInstalled` with its reason, never a failed test.
"""

import fcntl
import functools
import os
import pathlib
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence

from tests.clients.programs.clients import Client

ROOT = pathlib.Path(__file__).resolve().parents[3]
FOLDER = pathlib.Path(os.environ.get("YIYUAN_TEST_CLIENTS_FOLDER", ROOT / ".clients"))
INSTALL_SECONDS = 600.0
UV = "uv==0.13.9"
LAST_LINES = 12


WHY_NOT: dict[str, str] = {}
"""Client → why it could not be installed in this run, for the report."""


class NotInstalled(Exception):
    """A client could not be installed; the text says why."""


class Folder:
    """Where one installed client lies."""

    def __init__(self, client: Client, parent: pathlib.Path = FOLDER) -> None:
        """Nothing is made yet."""
        self.client = client
        self.path = parent / client.name
        self.stamp = self.path / "installed"

    @property
    def wanted(self) -> str:
        """What the stamp says once everything is there."""
        client = self.client
        return repr((client.package, client.version, client.left_out, client.companions))

    def is_current(self) -> bool:
        """Whether exactly this is installed."""
        return self.stamp.exists() and self.stamp.read_text() == self.wanted

    def command(self, name: str) -> str:
        """An executable that the client brought."""
        places = (self.path / "node_modules" / ".bin", self.path / "venv" / "bin")
        found = next((place / name for place in places if (place / name).exists()), None)
        if found is None:
            raise NotInstalled(f"{self.client.package} brought no command {name}")
        return str(found)


@functools.cache
def attempt(client: Client) -> Folder | None:
    """The client's folder, tried once a run; None, and the reason in WHY_NOT, without it."""
    try:
        return install(client)
    except NotInstalled as reason:
        WHY_NOT[client.name] = str(reason)
        return None


def install(
    client: Client, parent: pathlib.Path = FOLDER, seconds: float = INSTALL_SECONDS
) -> Folder:
    """The client's folder, filled. Raises NotInstalled."""
    folder = Folder(client, parent)
    parent.mkdir(exist_ok=True)
    with (parent / f"{client.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once take turns
        if not folder.is_current():
            shutil.rmtree(folder.path, ignore_errors=True)
            folder.path.mkdir()
            ways = {"npm": _by_npm, "python": _by_uv}
            ways[client.registry](folder, seconds)
            folder.stamp.write_text(folder.wanted)
    return folder


def _by_npm(folder: Folder, seconds: float) -> None:
    client = folder.client
    if shutil.which("npm") is None:
        raise NotInstalled("there is no npm on this machine")
    (folder.path / "package.json").write_text('{"private": true}\n')
    packages = (f"{client.package}@{client.version}", *client.companions)
    options = ("--no-audit", "--no-fund", "--loglevel=error")
    run_bounded(["npm", "install", *options, *packages], folder.path, seconds)


def _by_uv(folder: Folder, seconds: float) -> None:
    client = folder.client
    uv, venv = _uv(folder.path.parent, seconds), folder.path / "venv"
    overrides = folder.path / "overrides.txt"
    overrides.write_text("".join(f"{n}; python_version < '3'\n" for n in client.left_out))
    run_bounded([str(uv), "venv", "--quiet", "--python", sys.executable, str(venv)], None, seconds)
    packages = (f"{client.package}=={client.version}", *client.companions)
    command = [str(uv), "pip", "install", "--quiet", "--python", str(venv / "bin" / "python")]
    run_bounded([*command, "--override", str(overrides), *packages], folder.path, seconds)


def _uv(parent: pathlib.Path, seconds: float) -> pathlib.Path:
    """The installer itself, which several clients share: the first one brings it."""
    tool = parent / "uv"
    with (parent / "uv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (tool / "bin" / "uv").exists():
            pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tool), UV]
            run_bounded(pip, parent, seconds)
    return tool / "bin" / "uv"


def run_bounded(command: Sequence[str], folder: pathlib.Path | None, seconds: float) -> None:
    """Run one step with everything it starts; past its time all of it is ended."""
    environment = {**os.environ, **_index_for_uv()}
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise NotInstalled(f"{command[0]}: {error}") from None
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise NotInstalled(f"{command[0]} took more than {seconds:.0f} seconds") from None
    if process.returncode != 0:
        last = "\n".join(said.strip().splitlines()[-LAST_LINES:])
        raise NotInstalled(f"{command[0]} ended with {process.returncode}:\n{last}")


def _index_for_uv() -> dict[str, str]:
    """uv reads no pip configuration: hand the machine's own index on to it."""
    if any(name.startswith(("UV_INDEX", "UV_DEFAULT_INDEX")) for name in os.environ):
        return {}
    asked = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
    )
    index = asked.stdout.strip() or os.environ.get("PIP_INDEX_URL", "")
    return {"UV_DEFAULT_INDEX": index} if index else {}
