"""A scripted provider of each kind, shared by the tests of a file."""

from collections.abc import Iterator

import pytest

from tests.support.payment_gateways.partner import KINDS, Partner


@pytest.fixture(scope="module", params=KINDS)
def partner(request) -> Iterator[Partner]:
    """One provider after the other."""
    with Partner(request.param) as started:
        yield started
