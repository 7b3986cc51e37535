"""The Pythons of this machine and how quick each is: builds of one version differ by half.

Debian's own Python is built with profile-guided optimisation, and `sysconfig` does not say
so: only a measure tells. `tools/setup.py` chooses by it and keeps it beside the environment,
where `yiyuan doctor` reads it. Needs nothing that has to be installed.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

OLDEST: Final = (3, 11)
NEWEST: Final = (3, 13)
"""The lock file has wheels up to here; a later one is used where it is the only one."""
ROUNDS: Final = 6
PATIENCE_SECONDS: Final = 10.0
WORTH: Final = 0.93
"""Another interpreter is taken when it needs at most this share of the time."""

# What a request is made of: coroutines, small objects, look-ups, integers.
_PROBE: Final = """
import json, os, sys, time
class Thing:
    __slots__ = ("number", "names")
    def __init__(self, number):
        self.number = number
        self.names = {"a": number, "b": self}
    def find(self, name):
        return self.names[name] + self.number
async def inner(thing):
    return thing.find("a")
async def outer(count):
    total = 0
    for number in range(count):
        total += await inner(Thing(number))
    return total
def run(count):
    job = outer(count)
    try:
        job.send(None)
    except StopIteration:
        pass
least, until = 9.0, time.monotonic() + 0.03
while time.monotonic() < until:
    began = time.process_time()
    run(2000)
    least = min(least, time.process_time() - began)
try:
    import ensurepip, venv, ssl, sqlite3
    is_whole = True
except ImportError:
    is_whole = False
path = os.path.realpath(sys.executable)
print(json.dumps([path, list(sys.version_info[:3]), least * 1e6, is_whole]))
"""


class Interpreter(NamedTuple):
    """One Python of this machine."""

    path: str
    """Its program, no link and no environment."""
    version: tuple[int, int, int]
    micros: float
    """Processor time of the same small work; only to be compared within one measure."""
    is_whole: bool
    """Whether it can make an environment and has what a server needs."""

    @property
    def title(self) -> str:
        """For people: the version and the place."""
        return f"Python {'.'.join(map(str, self.version))} ({self.path})"


def measure(folders: Sequence[str], own: str = sys.executable) -> list[Interpreter]:
    """`own` first, then every other Python of `folders` that can serve, each measured.

    Takes a tenth of a second for each. Raises RuntimeError when not even `own` answers.
    """
    minors = range(OLDEST[1], NEWEST[1] + 1)
    names = ("python3", *(f"python3.{minor}" for minor in minors))
    places = (Path(folder) / name for folder in folders for name in names)
    found: dict[str, Interpreter] = {}
    for program in (own, *(str(place) for place in places if place.exists())):
        probed = _probe(program)
        if probed is None and not found:
            raise RuntimeError(f"{own} does not answer")
        if probed is None or probed.path in found:
            continue
        if found and not (probed.is_whole and OLDEST <= probed.version[:2] <= NEWEST):
            continue
        found[probed.path] = probed
    # In turns, so that a busy moment of the machine meets all of them.
    for _ in range(ROUNDS - 1):
        for path, known in found.items():
            again = _probe(path)
            if again is not None:
                found[path] = known._replace(micros=min(known.micros, again.micros))
    return list(found.values())


def quickest(found: Sequence[Interpreter]) -> Interpreter:
    """The one to use of what `measure` found: the first, unless another is clearly quicker."""
    best = min(found, key=lambda each: each.micros)
    return best if best.micros <= found[0].micros * WORTH else found[0]


def search_path() -> list[str]:
    """The folders in which programs are looked for, and where systems keep their own Python."""
    folders = [*os.get_exec_path(), "/usr/bin", "/usr/local/bin"]
    return list(dict.fromkeys(folder for folder in folders if folder))


def _probe(path: str) -> Interpreter | None:
    try:
        done = subprocess.run(
            [path, "-I", "-S", "-c", _PROBE],
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=True,
        )
        program, version, micros, is_whole = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(program, (version[0], version[1], version[2]), micros, is_whole)
