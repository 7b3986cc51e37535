"""A slow model behind NextChat: it takes the head's absence for 60 seconds, no longer."""

import time

import pytest

from tests.support.drivers import CHAT

SILENT_SECONDS = 18.0
PATIENCE_SECONDS = 60.0


@pytest.mark.checks("nextchat", "NEXTCHAT 6")
def test_the_head_comes_while_the_model_thinks(customer, upstream):
    """A comment begins the stream after a quarter of its patience; the answer follows whole."""
    script = upstream.script({"delay_head": SILENT_SECONDS, "output_tokens": 2})
    began = time.monotonic()
    with customer.stream(CHAT.path, CHAT.body("gpt-3.5-turbo", script.mark, None)) as stream:
        assert stream.status == 200
        assert time.monotonic() - began < SILENT_SECONDS < PATIENCE_SECONDS / 3
        assert stream.headers["content-type"].startswith("text/event-stream")
        assert CHAT.is_complete(stream.rest())
    assert customer.spent > 0
