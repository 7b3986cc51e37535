"""Files and functions stay small enough to be read in one go.

Soft limits are kept by everything that is not listed in `ratchet.toml`; what is
listed may shrink and may not grow, and leaves the list when it keeps the limit.
Hard limits have no list.
"""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project.tidy.tree import ROOT, files, functions, text_of

RATCHET = "tests/project/tidy/ratchet.toml"
FILE_LINES_SOFT, FILE_LINES_HARD = 300, 500
FUNCTION_LINES_SOFT, FUNCTION_LINES_HARD = 40, 60
CONSOLE_LINES_HARD = 250
ENTRIES_MAX = 15
LISTS = (
    "src/yiyuan",
    "src/yiyuan/store/migrations",
    "src/yiyuan/integrations/providers/presets",
)
"""Folders that are lists of their kind: the rooms, what changed, the vendors."""
PLACES = {
    "src/yiyuan/app/process.py": 200,
    "src/yiyuan/gateway/relay.py": 300,
    "src/yiyuan/providers/": 60,
}
OWN_DIALECT = ("src/yiyuan/integrations/providers/demo.py",)
"""Vendors that speak no known format, so that their file holds that, too."""


def is_product(path: Path) -> bool:
    """Whether a file belongs to what users run; others have only the hard limits."""
    return path.parts[0] == "src"


def measured_files() -> dict[str, int]:
    """Lines by path."""
    return {p.as_posix(): text_of(p).count("\n") for p in files(".py", ".sql")}


def measured_functions(*, is_wanted: Callable[[Path], bool]) -> dict[str, int]:
    """Lines by `path qualified.name`; nested functions count for themselves, too."""
    return {
        f"{path.as_posix()} {name}": (node.end_lineno or 0) - node.lineno + 1
        for path in files(".py")
        if is_wanted(path)
        for name, node in functions(path)
    }


def complaints(measured: dict[str, int], listed: dict[str, int], soft: int) -> list[str]:
    """Where the measures and the ratchet disagree, with the remedy."""
    found = []
    for name, lines in measured.items():
        allowed = listed.get(name)
        if lines > soft and allowed is None:
            found.append(f"{name} has {lines} lines, more than {soft}: split it")
        elif allowed is not None and lines > allowed:
            found.append(f"{name} grew from {allowed} to {lines} lines: split it")
        elif allowed is not None and lines <= soft:
            found.append(f"{name} keeps the limit now: run tools/ratchet.py")
        elif allowed is not None and lines < allowed:
            found.append(f"{name} shrank to {lines} lines: run tools/ratchet.py")
    found += [f"{name} is gone: run tools/ratchet.py" for name in listed.keys() - measured]
    return found


def ratchet(table: str) -> dict[str, int]:
    """One table of the ratchet."""
    return tomllib.loads((ROOT / RATCHET).read_text()).get(table, {})


def test_files_keep_the_soft_limit() -> None:
    product = {n: lines for n, lines in measured_files().items() if is_product(Path(n))}
    found = complaints(product, ratchet("files"), FILE_LINES_SOFT)
    assert not found, "\n" + "\n".join(found)


def test_pages_of_the_console_keep_the_limit() -> None:
    files_of_the_console = files(".ts", ".tsx", under="console/src/")
    lines = {p.as_posix(): text_of(p).count("\n") for p in files_of_the_console}
    assert lines, "the console has no files"
    too_long = {name: count for name, count in lines.items() if count > CONSOLE_LINES_HARD}
    assert not too_long


def test_functions_keep_the_soft_limit() -> None:
    product = measured_functions(is_wanted=is_product)
    found = complaints(product, ratchet("functions"), FUNCTION_LINES_SOFT)
    assert not found, "\n" + "\n".join(found)


def test_no_file_passes_the_hard_limit() -> None:
    over = {n: lines for n, lines in measured_files().items() if lines > FILE_LINES_HARD}
    assert not over, "split them"


def test_no_function_passes_the_hard_limit() -> None:
    measured = measured_functions(is_wanted=lambda path: path.parts[0] != "tests")
    over = {n: lines for n, lines in measured.items() if lines > FUNCTION_LINES_HARD}
    assert not over, "split them"


@pytest.mark.parametrize(("place", "limit"), PLACES.items())
def test_places_with_their_own_limit(place: str, limit: int) -> None:
    over = {
        name: lines
        for name, lines in measured_files().items()
        if name.startswith(place) and name not in OWN_DIALECT and lines > limit
    }
    assert not over, f"{place} keeps to {limit} lines a file"


def test_folders_are_seen_at_one_look() -> None:
    entries: dict[Path, set[str]] = {}
    for path in files(under="src/yiyuan/"):
        for folder, entry in zip(path.parents, path.parts[::-1], strict=False):
            entries.setdefault(folder, set()).add(entry)
    crowded = {
        folder.as_posix(): len(found - {"__init__.py"})
        for folder, found in entries.items()
        if folder.as_posix().startswith("src/yiyuan") and folder.as_posix() not in LISTS
    }
    assert {name: count for name, count in crowded.items() if count > ENTRIES_MAX} == {}
