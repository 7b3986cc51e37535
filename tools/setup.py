"""Make `.venv`: a virtual environment with the locked packages and this project in it.

    python3 tools/setup.py runtime     what `yiyuan serve` needs
    python3 tools/setup.py dev         that, and what tests and linters need
    python3 tools/setup.py dev --this  the same with this very Python (make setup PYTHON=…)

A new environment gets the quickest Python of the machine; one that stands keeps its own.
Runs on the bare interpreter. Nothing asks for root; packages come from wherever the
machine's own pip configuration points, and must match the hashes in the lock file.
A stamp in `.venv` remembers what was installed, so a second call takes no time.
Older interpreters can read this file, so that it can tell them what is missing.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import interpreters

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
MEASURED = VENV / "interpreters.json"
"""What was measured when the environment was made."""
OLDEST = (3, 11)
NEWEST_TRIED = 19
SETS = ("runtime", "dev")
THIS = "--this"

NO_PYTHON = """\
yiyuan needs Python 3.11 or later; this is {version} ({path}).
  macOS          brew install python, or the installer of python.org
  Debian 12+     it is the system's python3
  anything else  uv python install 3.12, then: make setup PYTHON="$(uv python find 3.12)"
With another interpreter already on the machine: make setup PYTHON=/path/to/python3.12
"""

NO_VENV = """\
This Python ({path}) cannot make a virtual environment with pip, and no other way was found.
Any one of these will do, then run the same command again:
  Debian, Ubuntu  sudo apt install python3-venv
  without root    install uv or virtualenv, or use another Python: make setup PYTHON=...
What was tried:
{tried}
"""


def main() -> None:
    """Bring `.venv` up to date with the lock file named on the command line."""
    wanted, *flags = sys.argv[1:] or ["dev"]
    if wanted not in SETS or flags not in ([], [THIS]):
        sys.exit(__doc__)
    if sys.version_info < OLDEST:
        use_newer_python()
    fcntl.flock(os.open(ROOT, os.O_RDONLY), fcntl.LOCK_EX)  # two `make`s at once take turns
    standing = base_of_venv()
    base, measured = (standing, []) if standing and not flags else choose(is_told=bool(flags))
    stamps = {name: stamp_of(name, base) for name in SETS}
    is_ready = any(is_current(name, stamps[name]) for name in {wanted, "dev"})
    if not is_ready:
        if standing != base:
            make_venv(base)
            MEASURED.write_text(json.dumps(measured, indent=1) + "\n")
        install(wanted)
        for name in SETS:
            stamp_path(name).unlink(missing_ok=True)
        stamp_path(wanted).write_text(stamps[wanted])
    # The console is not needed to serve: when its build fails, that says so and this goes on.
    subprocess.run([VENV_PYTHON, ROOT / "tools" / "console.py", "build"], check=False)
    if not is_ready:
        say("ready: .venv/bin/yiyuan")


def say(text: str) -> None:
    """Print one line at once, also where the output is a file."""
    print(f"setup: {text}", flush=True)


def use_newer_python() -> None:
    """Start again with a `python3.N` of the search path, or say how to get one."""
    for minor in range(NEWEST_TRIED, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found:
            say(f"python3 is older than 3.11, so this uses {found}")
            os.execv(found, [found, *sys.argv])
    version = ".".join(map(str, sys.version_info[:2]))
    sys.exit(NO_PYTHON.format(version=version, path=sys.executable))


# Which Python -------------------------------------------------------------------------


class Base(NamedTuple):
    """A Python that environments are made with."""

    path: str
    """The program itself, no link and no environment."""
    version: str


def base_of_venv() -> Base | None:
    """What `.venv` was made with; None when there is no sound one that was made here."""
    test = (
        "import os, sys, pip; print(sys.prefix, os.path.realpath(sys.executable), sep='\\n');"
        "print(sys.version_info >= (3, 11), '.'.join(map(str, sys.version_info[:3])), sep='\\n')"
    )
    try:
        answer = subprocess.run(
            [VENV_PYTHON, "-c", test], capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    prefix, path, is_new_enough, version = (answer.stdout.splitlines() + [""] * 4)[:4]
    return Base(path, version) if (prefix, is_new_enough) == (str(VENV), "True") else None


def choose(*, is_told: bool) -> tuple[Base, list[dict[str, object]]]:
    """The running Python when told so, else the quickest of the machine; says which and why."""
    say("measuring the Pythons of this machine")
    own, *others = found = interpreters.measure(interpreters.search_path())
    best = own if is_told else interpreters.quickest(found)
    if best is not own:
        share = round(100 * best.micros / own.micros)
        say(f"taking {best.title}: {share} % of the time of {own.title}")
        say(f"to take another: make setup PYTHON={own.path}")
    elif others and not is_told:
        say(f"taking {own.title}: of {len(found)} none is clearly quicker")
    return Base(best.path, ".".join(map(str, best.version))), [each._asdict() for each in found]


# What was installed -------------------------------------------------------------------


def stamp_path(name: str) -> Path:
    """Where the memory of a finished installation lies."""
    return VENV / f"setup-{name}"


def stamp_of(name: str, base: Base) -> str:
    """Everything that, when it changes, asks for a new installation."""
    import tomllib  # noqa: PLC0415 – not in interpreters older than 3.11, which never come here

    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    parts = [ROOT, base, document["project"], document["build-system"], read_lock(name)]
    return hashlib.sha256(repr(parts).encode()).hexdigest() + "\n"


def read_lock(name: str) -> str:
    """The text of a lock file."""
    return (ROOT / "requirements" / f"{name}.lock").read_text()


def is_current(name: str, stamp: str) -> bool:
    """Whether `.venv` holds exactly what `stamp` stands for."""
    try:
        return stamp_path(name).read_text() == stamp and VENV_PYTHON.exists()
    except OSError:
        return False


# The virtual environment --------------------------------------------------------------


def make_venv(base: Base) -> None:
    """Make `.venv` by the first way that works on this machine."""
    say(f"making .venv with Python {base.version}")
    tried = []
    for way in (by_venv, by_virtualenv, by_uv, by_some_pip, by_apt_download):
        shutil.rmtree(VENV, ignore_errors=True)
        failure = way(base.path)
        if failure is None and base_of_venv() == base:
            return
        tried.append(f"  {(way.__doc__ or '').rstrip('.')}: {failure or 'it made none with pip'}")
    shutil.rmtree(VENV, ignore_errors=True)
    sys.exit(NO_VENV.format(path=base.path, tried="\n".join(tried)))


def attempt(*command: str | Path, folder: str | None = None) -> str | None:
    """Run a command; None when it worked, else the last line that it printed."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    except OSError as error:
        return str(error)
    lines = done.stdout.strip().splitlines() or [f"exit status {done.returncode}"]
    return lines[-1] if done.returncode else None


def by_venv(python: str) -> str | None:
    """The standard library's venv."""
    return attempt(python, "-m", "venv", VENV)


def by_virtualenv(python: str) -> str | None:
    """An installed virtualenv."""
    return attempt(python, "-m", "virtualenv", "--quiet", VENV)


def by_uv(python: str) -> str | None:
    """An installed uv."""
    return attempt("uv", "venv", "--quiet", "--seed", "--python", python, VENV)


def by_some_pip(python: str) -> str | None:
    """A venv without pip, filled by a pip from outside it."""
    failure = attempt(python, "-m", "venv", "--without-pip", VENV)
    pip_outside = (python, "-m", "pip", "--python", VENV_PYTHON)
    return failure or attempt(*pip_outside, "install", "--quiet", "pip")


def by_apt_download(python: str) -> str | None:
    """A venv without pip, filled from Debian's pip package, unpacked without root."""
    failure = attempt(python, "-m", "venv", "--without-pip", VENV)
    with tempfile.TemporaryDirectory() as folder:
        failure = failure or attempt("apt-get", "download", "python3-pip-whl", folder=folder)
        for package in Path(folder).glob("*.deb"):
            failure = failure or attempt("dpkg-deb", "-x", package, folder)
        for wheel in Path(folder).glob("usr/share/python-wheels/pip-*.whl"):
            runs_itself = wheel / "pip"
            return failure or attempt(
                VENV_PYTHON, runs_itself, "install", "--quiet", "--no-index", wheel
            )
    return failure or "Debian's package holds no pip"


# The packages -------------------------------------------------------------------------


def install(name: str) -> None:
    """Install a lock file, hashes checked, and then this project as editable."""
    total = sum(line[:1].isalnum() for line in read_lock(name).splitlines())
    say(f"installing {total} locked packages")
    pip("install", "--require-hashes", "-r", f"requirements/{name}.lock", total=total)
    pip("install", "--no-build-isolation", "--no-deps", "-e", ".")


def pip(*arguments: str, total: int = 0) -> None:
    """Run the environment's pip with a line of progress; on failure show all it said."""
    process = subprocess.Popen(
        [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", *arguments],
        cwd=ROOT,
        env={**os.environ, "PIP_USER": "0", "PYTHONNOUSERSITE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said = []
    collected = 0
    for line in process.stdout or ():
        said.append(line)
        if line.startswith("Collecting ") and total:
            collected += 1
            show_progress(collected, total, line.split()[1].partition("=")[0])
        elif line.startswith("Installing collected") and total:
            say("unpacking them")
    if process.wait():
        sys.stdout.writelines(said)
        sys.exit("setup: pip failed; what it said is above. Run the same command again.")


def show_progress(collected: int, total: int, name: str) -> None:
    """Say where the download stands: every package on a terminal, else every tenth."""
    if sys.stdout.isatty():
        end = "\r\033[K" if collected == total else ""
        print(f"\r\033[K  {collected}/{total} {name}{end}", end="", flush=True)
    elif collected % 10 == 0:
        say(f"{collected} of {total} packages")


if __name__ == "__main__":
    main()
