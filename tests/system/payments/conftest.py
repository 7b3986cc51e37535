"""Servers on both engines, and a scripted provider of each kind."""

from collections.abc import Iterator

import pytest

from tests.support.gateway_process import Gateway
from tests.support.payment_gateways.partner import KINDS, Partner
from tests.system.payments.shop import ENGINES, PaidShop, database_of, start_gateway


def pytest_collection_modifyitems(config, items):
    """Leave out what a test is not about; nothing is skipped that could have been seen."""
    out = {item for item in items if not _is_wanted(item)}
    if out:
        config.hook.pytest_deselected(items=list(out))
        items[:] = [item for item in items if item not in out]


def _is_wanted(item: pytest.Item) -> bool:
    marker, call = item.get_closest_marker("kinds"), getattr(item, "callspec", None)
    provider = None if call is None else call.params.get("provider")
    return marker is None or provider is None or provider in marker.args


@pytest.fixture(scope="session", params=ENGINES)
def server(request, cli, tmp_path_factory) -> Iterator[Gateway]:
    """One server of each engine for all tests."""
    home = tmp_path_factory.mktemp(f"pay-{request.param}") / "home"
    with start_gateway(home, cli, **database_of(request.param)) as gateway:
        yield gateway
        gateway.verify()


@pytest.fixture(scope="module", params=KINDS)
def provider(request) -> Iterator[Partner]:
    """One provider after the other."""
    with Partner(request.param) as started:
        yield started


@pytest.fixture
def shop(server, provider) -> Iterator[PaidShop]:
    """A new instance of the provider's method, with an account of its own.

    However a test has gone about it, in the end the ledger verifies, and what came in is
    credited or in review.
    """
    provider.do("forget")
    made = PaidShop(server, provider)
    yield made
    made.check_books()


@pytest.fixture(params=ENGINES)
def alone(request, cli, tmp_path) -> Iterator[PaidShop]:
    """A server of its own, to be killed; books as for `shop`."""
    environment = database_of(request.param)
    with (
        start_gateway(tmp_path / "home", cli, **environment) as gateway,
        Partner("epay_md5") as partner,
    ):
        made = PaidShop(gateway, partner)
        yield made
        made.check_books()
