"""The wheel carries everything that the installed program needs, the documentation included."""

import subprocess
import sys
import zipfile

import pytest

from tests.project.tidy.tree import ROOT
from yiyuan.documentation.content.sources import page_names


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> set[str]:
    """The files in a wheel that was built as the documentation says."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("yiyuan-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_it_has_every_page(names) -> None:
    pages = {f"yiyuan/documentation/pages/{la}/{n}.md" for la in ("en", "zh") for n in page_names()}
    assert pages <= names
    changes = {f"yiyuan/documentation/pages/CHANGELOG{la}.md" for la in ("", ".zh")}
    assert changes <= names


def test_it_has_every_file_of_the_source(names) -> None:
    source = ROOT / "src"
    kinds = (".py", ".sql", ".toml", ".html", ".css", ".js", ".svg", ".typed")
    wanted = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*")
        if path.suffix in kinds or path.name == "py.typed"
    }
    assert wanted - names == set()
