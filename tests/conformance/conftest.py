"""The gateway of the conformance suite."""

import pytest

from tests.conformance.combos import conformance_catalog, names_of, real_providers
from tests.support.gateway_process import running_gateway


@pytest.fixture(scope="session")
def matrix(upstream, cli, tmp_path_factory):
    home = tmp_path_factory.mktemp("conformance") / "home"
    with running_gateway(home, cli, conformance_catalog(upstream)) as running:
        # Upstreams lie here on purpose, all to one account, which is not to be stopped for it.
        running.cli("settings", "set", "shortfall_limit", "0")
        yield running


@pytest.fixture(scope="session")
def spares():
    """Models that no other test uses, by vendor."""
    return {name: iter(names_of(name)[1:]) for name in real_providers()}


@pytest.fixture(scope="session")
def payer(matrix):
    """One account for the whole matrix: a fresh one for each case takes longer than the case."""
    return matrix.customer(10**12)


@pytest.fixture
def client(payer):
    return payer.count_from_here()
