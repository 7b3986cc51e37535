"""Which Python is taken: real ones, a slow one, and what is no Python at all."""

import os
import sys

import pytest
from tools.interpreters import Interpreter, measure, quickest, search_path

OWN = os.path.realpath(sys.executable)


def of(micros: float, path: str = "/python") -> Interpreter:
    return Interpreter(path, (3, 11, 2), micros, is_whole=True)


@pytest.mark.parametrize(
    ("micros", "taken"),
    [((100,), 0), ((100, 99), 0), ((100, 94), 0), ((100, 90), 1), ((100, 90, 80), 2)],
)
def test_another_is_taken_when_it_is_clearly_quicker(micros, taken):
    found = [of(each) for each in micros]
    assert quickest(found) is found[taken]


def test_the_own_one_comes_first_and_each_once(tmp_path):
    for name in ("python3", "python3.11"):
        (tmp_path / name).symlink_to(OWN)
    found = measure([str(tmp_path), str(tmp_path / "none")])
    assert [each.path for each in found] == [OWN]
    assert found[0].version == sys.version_info[:3]
    assert found[0].micros > 0
    assert found[0].title.startswith("Python 3.")


@pytest.mark.parametrize(
    "program",
    [
        "#!/bin/sh\nexit 1\n",
        "#!/bin/sh\necho nonsense\n",
        "#!/bin/sh\necho '[\"/old\", [3, 9, 1], 1.0, true]'\n",
        "#!/bin/sh\necho '[\"/half\", [3, 12, 1], 1.0, false]'\n",
        "#!/bin/sh\necho '[\"/later\", [3, 99, 1], 1.0, true]'\n",
        "no program",
    ],
    ids=["fails", "nonsense", "too old", "without ensurepip", "without wheels", "no program"],
)
def test_what_cannot_serve_is_left_out(program, tmp_path):
    path = tmp_path / "python3"
    path.write_text(program)
    path.chmod(0o755)
    assert [each.path for each in measure([str(tmp_path)])] == [OWN]


def test_nothing_is_found_when_not_even_the_own_one_answers(tmp_path):
    with pytest.raises(RuntimeError):
        measure([], own=str(tmp_path / "gone"))


def test_the_search_path_has_the_system_s_own_place(monkeypatch):
    monkeypatch.setenv("PATH", "/a:/b::/a")
    assert search_path()[:3] == ["/a", "/b", "/usr/bin"]
