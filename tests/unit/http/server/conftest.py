"""The server for tests."""

import pytest

from tests.unit.http.server.serving import Serving, echo


@pytest.fixture
def serve():
    """Start servers; at the end each must stop, and have had no unexpected error."""
    running = []

    def start(handler, **options):
        serving = Serving(handler, **options)
        running.append(serving)
        return serving

    yield start
    for serving in running:
        if serving.is_running:
            serving.stop()
        assert serving.errors == []


@pytest.fixture(scope="module")
def echoing():
    """One server that echoes, for the many tests that need no more."""
    serving = Serving(echo, linger_seconds=0.5)
    yield serving
    serving.stop()
    assert serving.errors == []
