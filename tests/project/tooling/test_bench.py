"""The benchmark's own parts: the load generator notices wrong answers, the report is whole."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.project.tidy.tree import ROOT
from tests.support.waiting import wait_for

if not sys.platform.startswith("linux"):
    pytest.skip("the benchmark runs on Linux only", allow_module_level=True)

from bench import upstream
from bench.load import drive, drive_paced, drive_streams, is_complete, open_streams
from bench.machine import busy_seconds, cores, free_port
from bench.measure import EXPECTED, Load, Memory
from bench.peers import LiteLlm, Portkey, own_peer
from bench.report import FULL, NORMAL, Report
from bench.targets import Nginx, Target, YiyuanFull, YiyuanNormal

Address = tuple[str, int]


@pytest.fixture(scope="module")
def mock() -> Iterator[Address]:
    """The mock upstream as a process."""
    port = free_port()
    command = [sys.executable, "-m", "bench.upstream", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(lambda: is_listening(port), what="the mock upstream")
        yield "127.0.0.1", port
    finally:
        process.kill()
        process.wait()


def is_listening(port: int) -> bool:
    try:
        return drive(("127.0.0.1", port), [request()], EXPECTED, 1, 0.01).requests > 0
    except OSError:
        return False


def request(*, stream: bool = False, model: str = "bench") -> bytes:
    """A request as a target would send it."""
    body = b'{"model":"%b","stream":%b}' % (model.encode(), b"true" if stream else b"false")
    return b"POST / HTTP/1.1\r\nhost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def test_answers_are_counted_and_checked(mock: Address) -> None:
    result = drive(mock, [request()], EXPECTED, 4, 0.2)
    assert result.requests > 10
    assert result.errors == 0
    assert 0 < result.percentile_ms(50) <= result.percentile_ms(99)
    wrong = drive(mock, [request()], b"something else", 4, 0.05)
    assert wrong.requests == 0
    assert wrong.errors > 0
    assert wrong.first_error.startswith(b"HTTP/1.1 200")


def test_streams_are_read_to_their_end(mock: Address) -> None:
    result = drive_streams(
        mock, request(stream=True), upstream.DELTA_MARK, 2, upstream.STREAM_CHUNKS
    )
    assert (result.requests, result.errors) == (2, 0)
    assert result.chunks == 2 * upstream.STREAM_CHUNKS


def test_open_streams_have_begun(mock: Address) -> None:
    slow = request(stream=True, model=upstream.IDLE_MODEL.decode())
    with open_streams(mock, slow, upstream.DELTA_MARK, 5, 5.0) as begun:
        assert begun == 5


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", False),
        (b"HTTP/1.1 200 OK\r\ncontent-len", False),
    ],
)
def test_the_end_of_an_answer(answer: bytes, whole: bool) -> None:
    assert is_complete(answer) is whole


def test_the_report_says_what_was_missed() -> None:
    measured, _ = cores()
    assert busy_seconds(measured) > 0
    report = Report("Benchmark", ["a machine"], [])
    for name, rate in ((Nginx.name, 1000.0), (FULL, 190.0), (NORMAL, 140.0)):
        figures = {"rates": [rate], "cpu_us": [1.0], "busy": [1.0], "p50_ms": [1.0]}
        load = Load(**figures, p99_ms=[2.0], foreign=[0.0])
        report.low[name] = report.high[name] = report.chunks[name] = load
        report.memories[name] = Memory(50_000_000, 60_000_000, 2000, 2000, 70_000_000)
        report.start_up[name] = [0.5]
    page = report.page()
    assert "| FULL, share of nginx ≥ 0.18 | 0.190 | met |" in page
    assert "| NORMAL, share of nginx ≥ 0.20 | 0.140 | **missed** |" in page
    assert "| CPU a request, FULL, of nginx ≤ 5.6 | 1.00 | met |" in page
    assert "| FULL ≥ 7 × Portkey | – |  |" in page


def test_answers_and_streams_in_anthropics_format(mock: Address) -> None:
    whole = request().replace(b"POST / ", b"POST /v1/messages ")
    assert drive(mock, [whole], b'"stop_reason":"end_turn"', 2, 0.1).errors == 0
    stream = request(stream=True).replace(b"POST / ", b"POST /v1/messages ")
    mark = b'"type":"content_block_delta"'
    with open_streams(mock, stream, mark, 2, 5.0) as begun:
        assert begun == 2


def test_requests_are_paced(mock: Address) -> None:
    result = drive_paced(mock, request(), EXPECTED, 4, 0.5, 100.0)
    assert result.errors == 0
    assert 10 <= result.requests <= 51


def test_another_gateway_can_be_set_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    assert own_peer() is None
    monkeypatch.setenv("BENCH_PEER", "bifrost=/usr/bin/bifrost -port {port} -up {upstream}/x")
    kind = own_peer()
    assert kind is not None
    target = kind(0, None, 1234, ROOT)  # type: ignore[arg-type] - no mock runs here
    words = target.command()
    assert words[:2] == ["/usr/bin/bifrost", "-port"]
    assert words[4] == "http://127.0.0.1:1234/v1/x"
    assert kind.name == "bifrost"


def test_every_target_has_its_name() -> None:
    kinds: tuple[type[Target], ...] = (Nginx, YiyuanFull, YiyuanNormal, LiteLlm, Portkey)
    assert len({kind.name for kind in kinds}) == len(kinds)
    assert (YiyuanFull.name, YiyuanNormal.name) == (FULL, NORMAL)
