"""What `doctor` says of the interpreter, by what set-up measured."""

import json
import os
import sys

import pytest

from yiyuan.services.maintenance.doctor.machine import check_python

OWN = os.path.realpath(sys.executable)


@pytest.mark.parametrize(
    ("micros", "share"),
    [({OWN: 100, "/other": 71}, "71 %"), ({OWN: 100, "/other": 95}, None), ({OWN: 100}, None)],
)
def test_a_clearly_quicker_one_is_named(tmp_path, micros, share):
    file = tmp_path / "interpreters.json"
    file.write_text(json.dumps([{"path": path, "micros": m} for path, m in micros.items()]))
    check = check_python(file)
    assert check.is_ok is True
    assert ("make setup PYTHON=/other" in str(check.advice)) is (share is not None)
    assert share is None or share in str(check.detail)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[1]", '[{"path": "/other", "micros": 1}]', "x"])
def test_without_a_measure_nothing_is_said(tmp_path, text):
    file = tmp_path / "interpreters.json"
    file.write_text(text)
    assert check_python(file).advice == ""
    assert check_python(tmp_path / "none").advice == ""
