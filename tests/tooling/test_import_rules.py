"""Each import rule of pyproject.toml is kept, and breaks when it is broken on purpose.

A rule that cannot fail protects nothing. The violations are written into a copy of
the source; the tool itself runs in a process of its own.
"""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT

VIOLATIONS = {
    "rooms": ("kernel/ids.py", "import yiyuan.ledger"),
    "money": ("pricing/price.py", "import yiyuan.providers"),
    "pure": ("ledger/core.py", "import time"),
    "ground": ("kernel/ids.py", "import orjson"),
    "drivers": ("console/usage.py", "import sqlite3"),
    "http": ("gateway/parse.py", "import httptools"),
    "pages": ("console/usage.py", "import pygments"),
    "people": ("console/usage.py", "import click"),
    "vendors": ("providers/openai.py", "import yiyuan.providers.anthropic"),
}


def contracts() -> list[str]:
    """The ids in pyproject.toml."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["id"] for contract in document["tool"]["importlinter"]["contracts"]]


def check(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tool on the source below `root`, which shadows the installed one."""
    program = "import sys; sys.path.insert(0, 'src'); from importlinter import cli; "
    program += "cli.lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", *options],
        cwd=root,
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with its configuration."""
    root = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", root)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", root / "src", ignore=ignored)
    return root


def test_every_rule_has_a_violation_here() -> None:
    assert set(contracts()) == set(VIOLATIONS)


def test_all_rules_are_kept(copy: Path) -> None:
    done = check(copy)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("rule", VIOLATIONS)
def test_a_violation_breaks_the_rule(rule: str, copy: Path) -> None:
    name, line = VIOLATIONS[rule]
    path = copy / "src/yiyuan" / name
    before = path.read_text()
    path.write_text(f"{before}\n{line}\n")
    try:
        done = check(copy, "--contract", rule)
    finally:
        path.write_text(before)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout


def test_a_room_outside_the_map_is_noticed(copy: Path) -> None:
    room = copy / "src/yiyuan/helpers"
    room.mkdir()
    (room / "__init__.py").write_text('"""A room that is on no map."""\n')
    try:
        done = check(copy, "--contract", "rooms")
    finally:
        shutil.rmtree(room)
    assert done.returncode == 1
    assert "helpers" in done.stdout
