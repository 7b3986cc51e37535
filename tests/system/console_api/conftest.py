"""One gateway for the console API's tests, with an owner."""

import pytest

from tests.support.catalogs import main_catalog
from tests.support.gateway_process import running_gateway
from tests.system.console_api.person import operator


@pytest.fixture(scope="module")
def shop(upstream, cli, tmp_path_factory):
    """A gateway; its ledger is verified at the end."""
    home = tmp_path_factory.mktemp("panel") / "home"
    with running_gateway(home, cli, main_catalog(upstream)) as running:
        yield running


@pytest.fixture(scope="module")
def owner(shop):
    """The owner, signed in."""
    return operator(shop, "owner@example.com")
