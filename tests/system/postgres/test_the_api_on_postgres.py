"""The suites of the API once more, on PostgreSQL: the same tests, the same answers.

They run in a pytest of their own with `YIYUAN_TEST_DATABASE=postgres`, which is also how
a person runs any other suite on PostgreSQL.
"""

import os
import pathlib
import subprocess
import sys

import pytest

from tests.support.gateway_process import ON_POSTGRES

ROOT = pathlib.Path(__file__).parents[3]
# These wait for minutes to pass, and the windows that they are about know no database.
LEFT_OUT = ("tests/system/public_api/test_limits.py",)
SUITES = {
    "api": sorted(
        name
        for path in ROOT.glob("tests/system/public_api/**/test_*.py")
        if (name := path.relative_to(ROOT).as_posix()) not in LEFT_OUT
    ),
    "faults": ["tests/faults/test_a_client_that_leaves.py", "tests/faults/test_kill_minus_9.py"],
}


@pytest.mark.slow
@pytest.mark.timeout(2400)
@pytest.mark.skipif(ON_POSTGRES, reason="the whole run is on PostgreSQL")
@pytest.mark.parametrize("suite", SUITES)
def test_suite(suite, postgres):
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    } | {"YIYUAN_TEST_DATABASE": "postgres"}
    options = ("-q", "-p", "no:xdist", "-p", "no:cacheprovider", "--maxfail=5", "-m", "not timing")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *SUITES[suite]],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert " passed" in done.stdout
