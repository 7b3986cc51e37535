"""kill -9 between any two steps of an order's life: a new process makes good what is half-done.

Steps are writes to database and ledger; the provider is asked between them, so that an
end after its answer and before our note of it is among them.
"""

import json
import os
import subprocess
import sys

import pytest

from tests.project.tidy.tree import ROOT
from tests.support.gateway_process import Gateway
from tests.support.payment_gateways.partner import KINDS
from tests.system.payments.shop import ENGINES, database_of

STEPS_LEAST = 20
EVERY = int(os.environ.get("YIYUAN_TEST_EVERY_STEP", "4"))
"""Of the methods that take no more ways than Stripe only every fourth is killed; 1 is all."""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("engine", "kind", "every"),
    [
        *((engine, "stripe_checkout", 1) for engine in ENGINES),
        *(("sqlite", kind, EVERY) for kind in KINDS if kind != "stripe_checkout"),
    ],
)
def test_10_killed_between_any_two_steps(engine, kind, every, cli, tmp_path):
    settings = {
        "YIYUAN_HOME": str(tmp_path / "home"),
        "YIYUAN_PUBLIC_URL": "http://127.0.0.1:8000",
        **database_of(engine),
    }
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.payment_gateways.steps"],
        input=json.dumps({"environment": settings, "kind": kind, "every": every}),
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
        check=True,
    )
    found = json.loads(run.stdout)
    assert not found["wrong"], "\n\n".join(found["wrong"])
    assert found["writes"] >= STEPS_LEAST
    Gateway(tmp_path / "home", cli, **database_of_run(settings)).verify()


def database_of_run(settings: dict[str, str]) -> dict[str, str]:
    """The same database, for the command line."""
    return {name: settings[name] for name in ("YIYUAN_DATABASE_URL",) if name in settings}
