"""What several tables of cases here begin with."""

import pytest

from tests.support.upstreams.raw_server import raw_server


@pytest.fixture(scope="module")
def server():
    """An upstream that answers with the very bytes that it is told to."""
    with raw_server() as running:
        yield running
