"""Another Python to measure with: a virtual environment of its own, from the same lock."""

import hashlib
import subprocess
from pathlib import Path

from bench.machine import ROOT, WORK

LOCK = ROOT / "requirements" / "runtime.lock"


def commands_for(python: str) -> Path:
    """The folder with `yiyuan` and `python`, run by `python`; empty means the project's own."""
    if not python:
        return ROOT / ".venv" / "bin"
    key = hashlib.sha256(python.encode() + LOCK.read_bytes()).hexdigest()[:12]
    folder = WORK / f"python-{key}"
    if not (folder / "bin" / "yiyuan").exists():
        print(f"  making an environment with {python}", flush=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "-r", LOCK], check=True)
        subprocess.run([*pip, "--no-build-isolation", "--no-deps", "-e", ROOT], check=True)
    return folder / "bin"
