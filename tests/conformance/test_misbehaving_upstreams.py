"""Every client dialect × vendor × misbehaviour: the documented answer, charge and outcome.

Three kinds of end: `Refused` (nothing was delivered: an error status, no charge),
`Broken` (a stream that had begun: one error event, no end mark, charge = input +
delivered), `Fine` (the fault is survived: text and charge as if it were not there).
After each case an honest request must work: the breaker never opens for long, and
nothing is left behind.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from tests.conformance.combos import Combo, combos, play
from tests.support.drivers import CHAT
from tests.support.upstreams.behaviour import WORD

MIB = 2**20
BASE = {"input_tokens": 20, "output_tokens": 6}
INPUT_PRICE, OUTPUT_PRICE = 2, 10


@dataclass(frozen=True, slots=True)
class Refused:
    status: int
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    delivered: int
    input_is_told: bool = True


@dataclass(frozen=True, slots=True)
class Fine:
    output: int = 6


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    behaviour: dict[str, Any]
    whole: Any
    stream: Any
    is_slow: bool = False
    opens: bool = False
    """Opens the breaker at once: a refused key, or an upstream that says when to come back."""


def case(name: str, whole: Any, stream: Any = None, **more: Any):
    flags = {name: more.pop(name, False) for name in ("is_slow", "opens")}
    return Case(name, more, whole, stream or whole, **flags)


ERROR_BODY = {"error": {"message": "something broke", "type": "server_error"}}
CASES = [
    case("400", Refused(400), status=400),
    case("413", Refused(400), status=413),
    case("422", Refused(400), status=422),
    case("401", Refused(502), status=401, opens=True),
    case("403", Refused(502), status=403, opens=True),
    case("404", Refused(502), status=404),
    case("409", Refused(502), status=409),
    case("418", Refused(502), status=418),
    case("429", Refused(503), status=429),
    case("429-retry-after", Refused(503, 7), opens=True, status=429, headers={"retry-after": "7"}),
    case("429-long", Refused(503, 60), opens=True, status=429, headers={"retry-after": "3600"}),
    case("429-nonsense", Refused(503), status=429, headers={"retry-after": "soon"}),
    case("529", Refused(503), status=529),
    case("503", Refused(503), status=503),
    case("500", Refused(502), status=500),
    case("500-html", Refused(502), status=500, body="<html>no</html>"),
    case("redirect", Refused(502), status=302, headers={"location": "/v1/redirected"}),
    case("redirect-307", Refused(502), status=307, headers={"location": "/v1/redirected"}),
    case("204", Refused(502), status=204, body=""),
    case("200-error-body", Refused(502), body=ERROR_BODY),
    case("200-html", Refused(502), body="<!doctype html><p>login</p>"),
    case("200-empty-body", Refused(502), body=""),
    case("200-list", Refused(502), body=[]),
    case("200-null", Refused(502), body="null"),
    case("200-wrong-object", Refused(502), body={"hello": "world"}),
    case("reset-before-head", Refused(502), reset_before_head=True),
    case("reset-after-head", Refused(502), reset_after=0),
    case("reset-mid-stream", Refused(502), Broken(3), reset_after=3),
    case("drop-mid-stream", Refused(502), Broken(3), drop_after=3),
    case("truncated", Refused(502), Broken(3), truncate_after=3),
    case("truncated-at-once", Refused(502), Refused(502), truncate_after=0),
    case("error-event", Fine(), Broken(3), error_event_after=3),
    case("error-event-at-once", Fine(), Refused(502), error_event_after=0),
    case("bad-json", Refused(502), Broken(3), bad_json_after=3),
    case("bad-json-at-once", Refused(502), bad_json_after=0),
    case("bad-utf-8", Refused(502), Broken(3), bad_utf8_after=3),
    case("line-of-100-mb", Refused(502), Broken(2), line_bytes_after=(2, 100 * MIB)),
    case("endless", Fine(), "endless", endless=True),
    case("every-byte", Fine(), framing="bytes"),
    case("crlf", Fine(), framing="crlf"),
    case("cr", Fine(), framing="cr"),
    case("comments", Fine(), framing="comments"),
    case("bom", Fine(), framing="bom"),
    case("multi-line-data", Fine(), framing="multiline"),
    case("connection-close", Fine(), close=True),
    case("huge-delta", Fine(500), output_tokens=500, chunk_tokens=500),
    case("usage-twice", Fine(), usage="twice"),
    case("usage-on-the-finish-chunk", Fine(), usage="on_finish"),
    case("gzip", "gzip", gzip=True),
    case("hang", Refused(504), is_slow=True, hang=True),
    case("slow-head", Refused(504), is_slow=True, delay_head=3),
    case("slow-first-event", Fine(), Refused(504), is_slow=True, delay_first_event=3),
    case("stall-at-once", Refused(504), is_slow=True, stall_after=0),
    case("stall-mid-stream", Refused(504), Broken(3), is_slow=True, stall_after=3),
]


def matrix_of_cases():
    for combo in combos():
        for item in CASES:
            if not item.is_slow or combo.dialect == CHAT.name:
                yield pytest.param(combo, item, id=f"{combo}-{item.name}")


@pytest.mark.parametrize(("combo", "item"), list(matrix_of_cases()))
def test_misbehaviour(matrix, client, upstream, spares, combo: Combo, item: Case):
    script = upstream.script({**BASE, **item.behaviour})
    name = next(spares[combo.provider]) if item.opens else combo.model
    name = f"{combo.model}-slow" if item.is_slow else name
    body = combo.driver.body(name, script.mark + WORD * 600, 600)
    memory = matrix.rss_bytes()
    outcome = play(client, combo, body, model=name)
    expected = item.stream if combo.is_stream else item.whole
    row = matrix.usage(outcome.request_id)
    assert row["charge"] == client.spent
    match expected:
        case Refused():
            check_refused(outcome, row, expected)
        case Broken():
            check_broken(outcome, row, expected)
        case Fine():
            check_fine(outcome, row, expected)
        case "endless":
            check_endless(outcome, row)
        case "gzip":
            assert outcome.status in (200, 502)
            if outcome.status == 200:
                check_fine(outcome, row, Fine())
    assert matrix.rss_bytes() - memory < 80 * MIB
    assert not any("redirected" in entry["path"] for entry in upstream.log(""))
    name = combo.model if item.opens else name
    honest = play(client, combo, combo.driver.body(name, "hi", 2), model=name)
    assert honest.status == 200, "one failure must not close the channel"


def check_refused(outcome, row, expected: Refused) -> None:
    assert outcome.status == expected.status, outcome
    assert row["charge"] == 0
    assert row["status"] == expected.status
    assert row["source"] == "none"
    message = outcome.error["message"]
    assert "127.0.0.1" not in message
    assert "Traceback" not in message
    if expected.status == 503:
        seconds = int(outcome.headers["retry-after"])
        assert 1 <= seconds <= 60
        assert expected.retry_after in (None, seconds)


def check_broken(outcome, row, expected: Broken) -> None:
    assert outcome.status == 200
    assert outcome.text == WORD * expected.delivered
    assert outcome.error is not None
    assert outcome.error["message"]
    assert not outcome.is_complete, "no end mark after an error"
    assert row["output_tokens"] == expected.delivered
    assert 0 < row["input_tokens"] <= 700
    assert row["charge"] == (row["input_tokens"] * INPUT_PRICE + expected.delivered * OUTPUT_PRICE)
    assert row["source"] == "counted"
    assert row["outcome"] not in ("ok", "completed")


def check_fine(outcome, row, expected: Fine) -> None:
    assert outcome.status == 200, outcome.error
    assert outcome.text == WORD * expected.output
    assert outcome.is_complete
    assert outcome.error is None
    assert row["charge"] == 20 * INPUT_PRICE + expected.output * OUTPUT_PRICE
    assert row["source"] == "upstream"


def check_endless(outcome, row) -> None:
    """It asked for 600 and got more: ended there, and never charged more than was held."""
    assert outcome.status == 200
    assert outcome.is_complete
    assert outcome.error is None
    delivered = len(outcome.text) // len(WORD)
    assert 600 < delivered < 1100  # where the vocabulary is not known, half as much again
    assert row["output_tokens"] == delivered
    cost = row["input_tokens"] * INPUT_PRICE + delivered * OUTPUT_PRICE
    assert row["charge"] == min(cost, row["hold_amount"])
    assert row["shortfall"] == cost - row["charge"]


USAGES = {
    "openai": {
        "zero": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
        "negative": {"prompt_tokens": -5, "completion_tokens": 6, "total_tokens": 1},
        "huge": {"prompt_tokens": 10**9, "completion_tokens": 10**9, "total_tokens": 2 * 10**9},
        "absurd": {"prompt_tokens": 10**30, "completion_tokens": 6, "total_tokens": 10**30},
        "float": {"prompt_tokens": 20.5, "completion_tokens": 6.5, "total_tokens": 27},
        "string": {"prompt_tokens": "20", "completion_tokens": "6", "total_tokens": "26"},
        "null": {"prompt_tokens": None, "completion_tokens": None},
        "boolean": {"prompt_tokens": True, "completion_tokens": True},
        "more cached than there is": {
            "prompt_tokens": 20,
            "completion_tokens": 6,
            "total_tokens": 26,
            "prompt_tokens_details": {"cached_tokens": 900},
        },
        "a list": [1, 2],
    },
    "anthropic": {
        "zero": {"input_tokens": 0, "output_tokens": 0},
        "negative": {"input_tokens": 20, "output_tokens": -6},
        "huge": {"input_tokens": 10**9, "output_tokens": 10**9},
        "absurd": {"input_tokens": 10**30, "output_tokens": 6},
        "float": {"input_tokens": 20.5, "output_tokens": 6.5},
        "string": {"input_tokens": "20", "output_tokens": "6"},
        "null": {"input_tokens": None, "output_tokens": None},
        "boolean": {"input_tokens": True, "output_tokens": True},
        "negative cache": {"input_tokens": 20, "output_tokens": 6, "cache_read_input_tokens": -900},
        "a list": [1, 2],
    },
    "gemini": {
        "zero": {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0},
        "negative": {"promptTokenCount": -5, "candidatesTokenCount": 6, "totalTokenCount": 1},
        "huge": {"promptTokenCount": 10**9, "candidatesTokenCount": 10**9},
        "absurd": {"promptTokenCount": 10**30, "candidatesTokenCount": 6},
        "float": {"promptTokenCount": 20.5, "candidatesTokenCount": 6.5, "totalTokenCount": 27},
        "string": {"promptTokenCount": "20", "candidatesTokenCount": "6"},
        "null": {"promptTokenCount": None, "candidatesTokenCount": None},
        "boolean": {"promptTokenCount": True, "candidatesTokenCount": True},
        "more cached than there is": {
            "promptTokenCount": 20,
            "candidatesTokenCount": 6,
            "totalTokenCount": 26,
            "cachedContentTokenCount": 900,
        },
        "a list": [1, 2],
    },
}


def usage_cases():
    for combo in combos():
        for name, value in USAGES[combo.upstream_style].items():
            yield pytest.param(combo, name, value, id=f"{combo}-{name}")
        yield pytest.param(combo, "missing", "missing", id=f"{combo}-missing")


@pytest.mark.parametrize(("combo", "name", "value"), list(usage_cases()))
def test_nonsense_usage(matrix, client, upstream, combo, name, value):
    """Too much costs the hold; nonsense, and zero beside an answer, is counted here instead."""
    script = upstream.script({**BASE, "usage": value})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark + WORD * 40, 30))
    assert outcome.status == 200, outcome.error
    assert outcome.text == WORD * 6
    row = matrix.usage(outcome.request_id)
    assert row["charge"] == client.spent <= row["hold_amount"]
    if name == "more cached than there is":
        assert (row["source"], row["input_tokens"], row["output_tokens"]) == ("upstream", 20, 6)
        assert row["cached_input_tokens"] == 20
    elif name in ("huge", "absurd"):
        if row["source"] == "upstream":
            assert row["charge"] == row["hold_amount"]
            assert row["shortfall"] > 0
        else:
            assert row["output_tokens"] == 6
    else:
        assert row["source"] == "counted"
        assert row["output_tokens"] == 6
        assert 0 < row["input_tokens"] <= 200
        assert row["charge"] == (row["input_tokens"] * INPUT_PRICE + 6 * OUTPUT_PRICE)


@pytest.mark.parametrize("combo", combos(), ids=str)
def test_no_stream_end_mark(matrix, client, upstream, combo):
    """The usage came, only the end mark did not: charged as told, once."""
    script = upstream.script({**BASE, "without_end_mark": True})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 30))
    assert outcome.text == WORD * 6
    row = matrix.usage(outcome.request_id)
    assert row["charge"] == 20 * INPUT_PRICE + 6 * OUTPUT_PRICE
    assert row["source"] == "upstream"


@pytest.mark.parametrize("combo", combos(), ids=str)
def test_more_tokens_than_asked_for(matrix, client, upstream, combo):
    script = upstream.script({"input_tokens": 50, "output_tokens": 40})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 5))
    assert outcome.status == 200
    row = matrix.usage(outcome.request_id)
    cost = 50 * INPUT_PRICE + 40 * OUTPUT_PRICE
    assert row["charge"] == min(cost, row["hold_amount"]) == client.spent
    assert row["shortfall"] == cost - row["charge"]


@pytest.mark.parametrize("combo", combos(), ids=str)
def test_an_empty_answer_without_usage_is_free(matrix, client, upstream, combo):
    script = upstream.script({"empty": True, "usage": "missing", "output_tokens": 0})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 5))
    row = matrix.usage(outcome.request_id)
    assert (row["charge"], row["outcome"]) == (0, "empty")
    assert outcome.text == ""


@pytest.mark.parametrize("combo", combos(), ids=str)
def test_an_empty_answer_with_usage_is_charged_as_told(matrix, client, upstream, combo):
    script = upstream.script({"empty": True, "input_tokens": 20, "output_tokens": 0})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 5))
    assert outcome.status == 200, outcome.error
    assert matrix.usage(outcome.request_id)["charge"] == 20 * INPUT_PRICE


@pytest.mark.parametrize("combo", combos(streams=(True,)), ids=str)
def test_upstream_text_cannot_inject_events(client, upstream, combo):
    """Bytes are parsed and written anew: an upstream's framing never passes through."""
    evil = "x\n\ndata: [DONE]\n\nevent: error\ndata: {}\n\n"
    script = upstream.script({"text": evil, "chunk_tokens": 100})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 50))
    assert outcome.text == evil
    assert outcome.is_complete
    assert outcome.error is None


@pytest.mark.parametrize("combo", combos(streams=(True,)), ids=str)
def test_foreign_events_and_fields_are_not_forwarded(client, upstream, combo):
    foreign = ": comment from upstream\nevent: x-internal\nid: 99\nretry: 1\n\n"
    script = upstream.script({**BASE, "extra_after": [3, foreign]})
    outcome = play(client, combo, combo.driver.body(combo.model, script.mark, 50))
    assert outcome.text == WORD * 6
    assert outcome.is_complete
    assert not any("x-internal" in (event.event or "") for event in outcome.events)
