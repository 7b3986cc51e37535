"""Nothing of one machine gets into the tree, and nothing strange into the environment."""

import ast
import re
import sys
import sysconfig
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.project.tidy.tree import ROOT, files, text_of, tree_of

TEXT = (".py", ".md", ".toml", ".sql", ".sh", ".yml", ".yaml", ".json", ".lock", ".cfg", "")
MACHINE = re.compile(r"(?<![\w.])/(?:root|home|Users|work)/\w")
HOST_OF_A_REGISTRY = re.compile(
    r"(?:files\.pythonhosted|pypi|registry\.npmjs|npmmirror|deb\.debian|crates|maven)\.(?:org|com|io)"
)
INDEX_OPTION = re.compile(r"^--(?:index-url|extra-index-url|find-links|trusted-host)", re.MULTILINE)
PTH_FILES = {"_yiyuan.pth", "distutils-precedence.pth", "_virtualenv.pth"}
LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def test_no_machine_path_and_no_registry_host() -> None:
    found = [
        f"{path.as_posix()}: {match[0]}"
        for path in files(*TEXT)
        if path != Path("tests/project/tidy/test_clean.py")
        for pattern in (MACHINE, HOST_OF_A_REGISTRY)
        if (match := pattern.search(text_of(path)))
    ]
    assert not found


def locked(name: str) -> dict[str, str]:
    """Package → version of a lock file."""
    return dict(LOCKED.findall(text_of(Path(f"requirements/{name}.lock"))))


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_locks_name_hashes_and_no_index(name: str) -> None:
    text = text_of(Path(f"requirements/{name}.lock"))
    assert not INDEX_OPTION.search(text)
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_developers_lock_holds_the_runtime_lock() -> None:
    """`make run` and `make test` run the same versions."""
    dev = locked("dev")
    assert {n: v for n, v in locked("runtime").items() if dev.get(n) != v} == {}


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = tomllib.loads(text_of(Path("pyproject.toml")))
    wanted = {"runtime": project["project"]["dependencies"]}
    wanted["dev"] = wanted["runtime"] + project["dependency-groups"]["dev"]
    for name, requirements in wanted.items():
        names = {re.split(r"[<>=!~;\[ ]", line)[0].lower() for line in requirements}
        assert names <= locked(name).keys(), f"make lock: {names - locked(name).keys()}"


def test_what_is_imported_is_declared() -> None:
    """A package that is only there by chance would be missing in a fresh clone."""
    project = tomllib.loads(text_of(Path("pyproject.toml")))["project"]
    extras = project.get("optional-dependencies", {}).values()
    declared = {
        re.split(r"[<>=!~;\[ ]", line)[0].lower().replace("_", "-")
        for line in (*project["dependencies"], *(line for extra in extras for line in extra))
    }
    imported = {
        name.partition(".")[0]
        for path in files(".py", under="src/")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        )
    }
    packages = packages_distributions()
    undeclared = {
        name
        for name in imported - sys.stdlib_module_names - {"yiyuan"}
        if not {p.lower().replace("_", "-") for p in packages.get(name, [])} & declared
    }
    assert not undeclared, "name them in pyproject.toml, then: make lock"


def test_no_package_runs_code_at_every_start() -> None:
    """A `.pth` file can run code in each Python process; only known ones may be there."""
    installed = Path(sysconfig.get_path("purelib"))
    if installed.is_relative_to(ROOT):
        assert {path.name for path in installed.glob("*.pth")} <= PTH_FILES
