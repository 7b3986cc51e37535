"""A certified OpenID provider of other people's making, in a Node of its own.

Its packages are locked beside its script and installed once, under `.clients/`.
"""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import requests

from tests.project.tidy.tree import ROOT
from tests.support.gateway_process import free_port
from tests.support.identity.partner import CLIENT_ID, CLIENT_SECRET
from tests.support.waiting import wait_for

HERE = Path(__file__).parent / "strict_provider"
PLACE = ROOT / ".clients" / "strict_provider"
REDIRECTS_MAX = 12


class NoNode(Exception):
    """There is no Node, or its packages cannot be had."""


def install() -> Path:
    """The folder with the script and its packages."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise NoNode("this machine has no node and npm")
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
        stamp = PLACE / ".stamp"
        if not stamp.is_file() or stamp.read_text() != wanted:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(HERE / name, PLACE / name)
            done = subprocess.run(
                [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
                cwd=PLACE,
                capture_output=True,
                text=True,
                check=False,
                timeout=300,
            )
            if done.returncode:
                raise NoNode(f"npm ci: {done.stderr[-500:]}")
            stamp.write_text(wanted)
        shutil.copy(HERE / "server.mjs", PLACE / "server.mjs")
    return PLACE


@contextmanager
def strict_provider(redirect_uri: str) -> Iterator[str]:
    """Running; its issuer. Raises NoNode."""
    place, port = install(), free_port()
    argv = ["node", "server.mjs", str(port), CLIENT_ID, CLIENT_SECRET, redirect_uri]
    with (place / f"{port}.log").open("w+") as said:
        process = subprocess.Popen(argv, cwd=place, stdout=said, stderr=said)
        try:
            wait_for(lambda: "ready" in Path(said.name).read_text(), timeout=30, what="node")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)
    (place / f"{port}.log").unlink()


def agreed(address: str, redirect_uri: str) -> dict[str, str]:
    """Follow a browser's way through the provider; what it is sent back with."""
    with requests.Session() as browser:
        browser.trust_env = False
        for _ in range(REDIRECTS_MAX):
            answer = browser.get(address, allow_redirects=False, timeout=30)
            assert answer.status_code in (302, 303), (address, answer.text[:500])
            address = urljoin(address, answer.headers["location"])
            if address.startswith(redirect_uri):
                query = requests.utils.urlparse(address).query
                return dict(part.split("=", 1) for part in query.split("&"))
    raise AssertionError("the provider redirects for ever")
