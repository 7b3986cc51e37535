"""Fixtures that every suite with real processes shares."""

import os

import pytest
from hypothesis import HealthCheck, settings

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import Cli, running_gateway
from tests.support.postgres_server import NoPostgres, shared_server
from tests.support.upstreams.control import running_upstream

# The same cases every time, so that a red run is red again; `make test-random` has new ones.
# No deadlines: how long an example takes says what else the machine does.
TIMELESS = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("fixed", derandomize=True, database=None, **TIMELESS)
settings.register_profile("random", database=None, print_blob=True, **TIMELESS)
settings.load_profile("random" if "YIYUAN_TEST_RANDOM" in os.environ else "fixed")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than 20 seconds")
    config.addinivalue_line("markers", "random: plays seeds, from YIYUAN_TEST_FIRST_SEED on")
    config.addinivalue_line("markers", "timing: measures time, so nothing else runs beside it")
    config.addinivalue_line("markers", "kinds(*names): payment methods that a test is about")
    config.addinivalue_line("markers", "checks(client, *ids): answers for these ids of a checklist")


@pytest.fixture(scope="session")
def upstream():
    """One scripted upstream for the whole run; scenarios keep its tests apart."""
    with running_upstream() as running:
        yield running


@pytest.fixture(scope="session")
def cli():
    """The `yiyuan` command."""
    running = Cli()
    yield running
    running.close()


@pytest.fixture(scope="session")
def gateway(upstream, cli, tmp_path_factory):
    """The gateway of all tests that need nothing special; its ledger is verified at the end."""
    home = tmp_path_factory.mktemp("main") / "home"
    with running_gateway(home, cli, main_catalog(upstream)) as running:
        yield running


@pytest.fixture
def customer(gateway):
    """A fresh account with 1,000 元 and a token."""
    return gateway.customer()


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server for the whole run."""
    try:
        return shared_server()
    except NoPostgres as reason:
        pytest.skip(str(reason))
