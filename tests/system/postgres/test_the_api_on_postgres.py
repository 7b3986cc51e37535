"""Whatever of the API's suites a database has a part in, once more on PostgreSQL.

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
API = "tests/system/public_api"
# What these are about is over before a database is asked, or after it has answered: the bytes
# of requests and answers, windows in memory, what single vendors want.
LEFT_OUT = {
    f"{API}/test_{name}.py"
    for name in (
        "bad_input",
        "calls_of_a_request",
        "google_clients",
        "limits",
        "nobody_slows_the_others",
        "odd_bytes",
        "paths_and_headers",
        "traces",
        "upstream_errors_survive",
        "vendors",
        "vendors_fail_in_their_own_way",
        "what_is_told_of_models",
    )
}
SUITES = {
    "api": sorted(
        name
        for path in ROOT.glob(f"{API}/**/test_*.py")
        if (name := path.relative_to(ROOT).as_posix()) not in LEFT_OUT
    ),
    "faults": ["tests/faults/test_a_client_that_leaves.py", "tests/faults/test_kill_minus_9.py"],
}


def test_what_is_left_out_is_there() -> None:
    assert all((ROOT / name).is_file() for name in LEFT_OUT)


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
