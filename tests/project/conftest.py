"""What several files here need."""

import sys
import zipfile
from pathlib import Path

import pytest

from tests.project.node import ROOT, run


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory) -> Path:
    """The wheel's content, as an installer would put it into site-packages."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        folder,
        cwd=ROOT,
        timeout=100,
    )
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("yiyuan-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"
