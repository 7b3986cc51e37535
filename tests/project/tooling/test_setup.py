"""The set-up script can be read by old interpreters, knows when nothing is to be done."""

import ast
import subprocess
import sys

from tests.project.tidy.tree import ROOT

SETUP = ROOT / "tools" / "setup.py"


def test_an_old_interpreter_can_read_it() -> None:
    """It must run far enough there to say which Python is needed."""
    ast.parse(SETUP.read_text(), feature_version=(3, 7))


def test_it_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, SETUP, "nonsense"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "tools/setup.py runtime" in done.stderr
