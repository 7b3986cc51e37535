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

from tests.project.tidy.tree import ROOT

VIOLATIONS = {
    "rooms": ("kernel/ids.py", "import yiyuan.ledger"),
    "money": ("pricing/price.py", "import yiyuan.integrations"),
    "pure": ("ledger/rules/apply.py", "import time"),
    "ground": ("kernel/ids.py", "import orjson"),
    "sign-in-services": (
        "integrations/identity/github.py",
        "import yiyuan.integrations.identity.google",
    ),
    "drivers": ("services/accounts/usage.py", "import sqlite3"),
    "http": ("gateway/request/body.py", "import httptools"),
    "pages": ("services/accounts/usage.py", "import pygments"),
    "people": ("services/accounts/usage.py", "import click"),
    "integrations": ("integrations/providers/openai.py", "import socket"),
    "kinds": ("integrations/providers/openai.py", "import yiyuan.integrations.other"),
    "api": ("api/console/account/usage.py", "import yiyuan.store.queries.usage"),
    "families": ("dialects/openai/models.py", "import yiyuan.dialects.anthropic"),
    "inside-gateway": ("gateway/hold/bound.py", "import yiyuan.gateway.relay"),
    "inside-services": ("services/accounts/usage.py", "import yiyuan.services.commands"),
    "inside-ledger": ("ledger/rules/apply.py", "import yiyuan.ledger.sqlite"),
    "inside-store": ("store/tables/people/users.py", "import yiyuan.store.sqlite"),
    "inside-dialects": ("dialects/shared/ids.py", "import yiyuan.dialects.openai"),
    "inside-documentation": ("documentation/content/words.py", "import yiyuan.documentation.site"),
    "inside-console-api": (
        "api/console/account/usage.py",
        "import yiyuan.api.console.operator.home",
    ),
    "vendors": (
        "integrations/providers/openai.py",
        "import yiyuan.integrations.providers.anthropic",
    ),
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
    other = root / "src/yiyuan/integrations/other"
    other.mkdir()
    (other / "__init__.py").write_text('"""Another kind of outside party."""\n')
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
