"""Small requests with large answers, many at once: they take little more memory than one."""

import concurrent.futures
import threading
import time

import pytest

from tests.support.catalogs import GPT_4, model, table
from tests.support.gateway_process import Gateway, running_gateway
from tests.support.upstreams.raw_server import JSON, raw_server

NUMBERS, AT_ONCE = 2_000_000, 8
VECTOR = b"0.12345678," * NUMBERS + b"0.1"
ANSWER = (
    b'{"object":"list","data":[{"index":0,"object":"embedding","embedding":['
    + VECTOR
    + b']}],"usage":{"prompt_tokens":9,"total_tokens":9}}'
)
"""Twenty megabytes, of which a request of a hundred bytes was answered."""
BODY = {"model": "vectors", "input": "hi", "encoding_format": "float"}


@pytest.fixture
def place(cli, tmp_path):
    with raw_server() as server:
        server.say(ANSWER, content_type=JSON)
        channel = {"name": "raw", "provider": "openai", "api_key": "upkey-odd-5"}
        channel |= {"base_url": server.origin + "/v1", "models": {"vectors": "up"}}
        catalog = table("channel", **channel) + model("vectors", GPT_4)
        with running_gateway(tmp_path / "home", cli, catalog) as running:
            yield running


def peak_bytes(gateway: Gateway, ask, count: int) -> int:
    """How much more memory so many requests at once take than an idle gateway."""
    idle, peak, is_over = gateway.rss_bytes(), [0], threading.Event()

    def watch() -> None:
        while not is_over.is_set():
            peak[0] = max(peak[0], gateway.rss_bytes())
            time.sleep(0.002)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with concurrent.futures.ThreadPoolExecutor(count) as pool:
            answers = [pool.submit(ask) for _ in range(count)]
            assert [each.result() for each in answers] == [(200, NUMBERS + 1)] * count
    finally:
        is_over.set()
        watcher.join()
    return peak[0] - idle


def test_many_at_once_take_little_more_than_one(place):
    customer = place.customer()

    def ask() -> tuple[int, int]:
        answer = customer.post("/v1/embeddings", BODY)
        return answer.status, len(answer.json()["data"][0]["embedding"])

    ask()
    alone = peak_bytes(place, ask, 1)
    together = peak_bytes(place, ask, AT_ONCE)
    assert together <= 3 * alone + 64 * 2**20, (alone, together)
    assert customer.spent == (AT_ONCE + 2) * 9 * 30
    (line,) = (line for line in place.metrics().splitlines() if line.startswith("yiyuan_answer_b"))
    assert float(line.split()[1]) == 0
