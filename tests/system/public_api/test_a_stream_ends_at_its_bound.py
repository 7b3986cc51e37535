"""An upstream that writes on beyond the maximum: cut there, in every format, and charged."""

import pytest

from tests.support.drivers import EVERY_FORMAT
from tests.support.upstreams.behaviour import WORD

LENGTH = {
    "openai_chat": "length",
    "openai_completions": "length",
    "anthropic_messages": "max_tokens",
    "openai_responses": "length",
    "gemini": "MAX_TOKENS",
}


@pytest.mark.parametrize("name", LENGTH)
def test_it_ends_with_the_reason_length(customer, upstream, name):
    driver = EVERY_FORMAT[name]
    script = upstream.script({"output_tokens": 3000, "usage": "missing"})
    body = driver.streamed(driver.body("gpt-4", script.mark, 50))
    with customer.stream(driver.address("gpt-4", is_stream=True), body) as stream:
        events = stream.rest()
    words = driver.stream_text(events).count(WORD.strip())
    assert 50 <= words <= 50 + 64 + 32
    assert driver.stream_finish(events) == LENGTH[name]
    assert driver.is_complete(events)
    told = driver.stream_told(events)
    assert told is not None
    assert told.output == words
    assert customer.show()["held"] == 0
