"""The log of requests: one line of JSON each, and none lost without a word."""

import io
import json

from yiyuan.telemetry.request_log import FIELDS, ExchangeLog


def lines_of(log: ExchangeLog, stream: io.StringIO) -> list[dict]:
    log.start()
    log.close()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_has_every_field_in_order() -> None:
    stream = io.StringIO()
    log = ExchangeLog(stream)
    values = ["ex_1", "chat", "acct_1", None, "gpt-4", 'a "b"\n', 200, "completed", None]
    values += [True, 10, 20, 3360, 0, 1, None, 12.3]
    log.append((1_793_435_400_123, *values))
    (line,) = lines_of(log, stream)
    assert list(line) == list(FIELDS)
    assert list(line.values()) == ["2026-10-31T08:30:00.123Z", *values]


def test_what_does_not_fit_is_counted_in_the_next_line() -> None:
    stream = io.StringIO()
    log = ExchangeLog(stream, lines_max=2)
    for number in range(5):
        log.append((number, *[None] * (len(FIELDS) - 1)))
    assert (log.queued(), log.dropped_total) == (2, 3)
    assert lines_of(log, stream)[2:] == [{"log_lines_dropped": 3}]


def test_a_stream_that_is_gone_stops_nothing() -> None:
    stream = io.StringIO()
    log = ExchangeLog(stream)
    log.append((0, *[None] * (len(FIELDS) - 1)))
    stream.close()
    log.start()
    log.close()
    assert (log.queued(), log.dropped_total) == (0, 1)
