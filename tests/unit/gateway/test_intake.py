"""What a body may cost before anybody pays: its values, its memory, and being refused."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiyuan.gateway.request.body import parse_body, parse_heavy
from yiyuan.gateway.request.body_budget import UNCOUNTED_BYTES, BodyBudget
from yiyuan.gateway.request.refusals import LARGE_BYTES_PER_MINUTE, Refusals
from yiyuan.gateway.request.values import (
    CONTAINERS_MAX,
    HEAVY_CONTAINERS,
    PIECE_BYTES,
    SMALL_BYTES,
    STRINGS_MAX,
    VALUES_MAX,
    check_values,
    is_heavy,
)
from yiyuan.kernel.errors import InvalidRequest, Overloaded
from yiyuan.kernel.limit_errors import RefusedTooOften, TooMuchAtOnce

MIB = 1024 * 1024
MARKS = '{"a": [1, 2, {"b": "c"}], "d": "e"}'
FINE = {
    "one long text": {"a": "x" * 9 * MIB},
    "a text of marks": {"a": MARKS * 200_000},
    "a text of quotes": {"a": '"' * 2 * MIB},
    "a text of back slashes": {"a": "\\" * 2 * MIB, "b": MARKS * 50_000},
    "a text that ends in back slashes": {"a": MARKS * 50_000 + "\\\\", "b": [1, 2]},
    "many ids of tokens": {"a": list(range(VALUES_MAX - 10))},
    "many messages": [{"a": 1}] * (CONTAINERS_MAX - 10),
}
TOO_MANY = {
    "empty objects": b"[" + b"{}," * 3_400_000 + b"{}]",
    "empty lists": b"[" + b"[]," * CONTAINERS_MAX + b"[]]",
    "nested lists": b"[" * 60_000,
    "numbers": b"[" + b"1," * VALUES_MAX + b"1]",
    "texts": b"[" + b'"",' * VALUES_MAX + b'""]',
    "names": b"{" + b'"a":1,' * (VALUES_MAX // 2) + b'"a":1}',
    "objects beside a text of marks": orjson.dumps({"t": MARKS * 9, "a": [{}] * CONTAINERS_MAX}),
    "objects after escapes": orjson.dumps({"t": '\\"' * 99, "a": [{}] * CONTAINERS_MAX}),
}


@pytest.mark.parametrize("document", FINE.values(), ids=FINE)
def test_texts_of_any_length_are_read(document):
    check_values(orjson.dumps(document))


@pytest.mark.parametrize("body", TOO_MANY.values(), ids=TOO_MANY)
def test_too_many_values_are_refused_without_being_read(body):
    with pytest.raises(InvalidRequest) as refused:
        check_values(body)
    assert (refused.value.status, refused.value.code) == (400, "too_many_values")


def test_what_is_heavy():
    assert not is_heavy(b"{" * 10_000)
    assert not is_heavy(b"x" * 200_000)
    assert is_heavy(b"x" * 300_000)
    assert is_heavy(b"{}" * 9_000)


def test_bodies_have_a_budget_together_and_each_account_its_own():
    budget = BodyBudget(total_bytes=10 * MIB, account_bytes=6 * MIB)
    mine, another, third = budget.share("a"), budget.share("a"), budget.share("b")
    mine.grow_to(4 * MIB)
    with pytest.raises(TooMuchAtOnce) as refused:
        another.grow_to(3 * MIB)
    assert refused.value.status == 429
    assert ("retry-after", "1") in refused.value.headers
    third.grow_to(5 * MIB)
    with pytest.raises(Overloaded) as full:
        budget.share("c").grow_to(2 * MIB)
    assert full.value.status == 503
    assert dict(full.value.headers)["retry-after"] == "2"
    mine.close()
    mine.close()
    budget.share("c").grow_to(2 * MIB)
    assert budget.used_bytes == 7 * MIB


def test_one_body_alone_always_fits_and_small_ones_are_not_counted():
    budget = BodyBudget(total_bytes=MIB, account_bytes=MIB)
    for _ in range(100):
        budget.share("a").grow_to(UNCOUNTED_BYTES)
    assert budget.used_bytes == 0
    large = budget.share("a")
    for size in range(MIB, 9 * MIB, MIB):
        large.grow_to(size)
    assert budget.used_bytes == 8 * MIB
    large.close()
    assert budget.used_bytes == 0


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now

    def wall_ms(self):
        return 0


def wait_of(refusals, account):
    """Whole seconds until the account may send again; 0: now."""
    try:
        refusals.check(account)
    except RefusedTooOften as refused:
        assert (refused.status, refused.code) == (429, "rate_limit_exceeded")
        return int(dict(refused.headers)["retry-after-ms"]) / 1000
    return 0


def test_refused_requests_have_a_limit_that_fills_up_within_a_minute():
    clock = Clock()
    refusals = Refusals(60, clock)
    for _ in range(59):
        refusals.note("a", 402, 100)
    assert wait_of(refusals, "a") == 0
    refusals.note("a", 400, 100)
    assert 0 < wait_of(refusals, "a") <= 1
    assert wait_of(refusals, "b") == 0
    clock.now += 1.01
    assert wait_of(refusals, "a") == 0
    for _ in range(2):
        refusals.note("a", 402, 100)
    assert wait_of(refusals, "a") > 0
    clock.now += 60
    for _ in range(59):
        refusals.note("a", 402, 100)
    assert wait_of(refusals, "a") == 0


def test_large_refused_bodies_have_one_too_whatever_refused_them():
    clock = Clock()
    refusals = Refusals(600, clock)
    for status in (402, 429, 400, 413, 429, 402, 429, 402):
        assert wait_of(refusals, "a") == 0
        refusals.note("a", status, LARGE_BYTES_PER_MINUTE // 8)
    assert wait_of(refusals, "a") > 0
    clock.now += 5
    assert wait_of(refusals, "a") == 0


@pytest.mark.parametrize("status", [200, 429, 500, 503])
def test_what_is_no_refusal_of_the_accounts_own_is_not_counted(status):
    refusals = Refusals(1, Clock())
    for _ in range(50):
        refusals.note("a", status, 100)
    assert wait_of(refusals, "a") == 0


def test_nought_is_no_limit():
    refusals = Refusals(0, Clock())
    for _ in range(50):
        refusals.note("a", 402, 10 * MIB)
    assert wait_of(refusals, "a") == 0


PARTS = [{"type": "text", "text": f"字{number}"} for number in range(1_500)]
HEAVY = {
    "many messages": {"model": "m", "messages": [{"role": "user", "content": "é\n"}] * 5_000},
    "many parts": {"messages": [{"role": "user", "content": PARTS}], "n": 1, "x": None},
    "wide and deep": {"a": [[{"b": {"c": [{"d": [PARTS, PARTS]}, 1.5, "ü" * 20_000]}}]]},
    "one text": {"model": "m", "prompt": "x" * 300_000, "list": [1, True, False, None]},
    "wider below than is taken apart": {"a": [[[[[[[[[[PARTS]]]]]]]]]]},
}


@pytest.mark.parametrize("document", HEAVY.values(), ids=HEAVY)
def test_a_heavy_body_is_read_as_any_other(document):
    for body in (orjson.dumps(document), json.dumps(document, indent=1).encode()):
        assert parse_heavy(b" \n" + body + b" ") == parse_body(body) == document


BROKEN = {
    "cut": (b'{"a":[' + b"{}," * 2_000, "invalid_json"),
    "a comma too many": (b'{"a":[' + b"{}," * 2_000 + b"]}", "invalid_json"),
    "more behind it": (b'{"a":[' + b"{}," * 2_000 + b"{}]} {}", "invalid_json"),
    "no number": (b'{"a":[' + b"{}," * 2_000 + b'{"b":NaN}]}', "invalid_json"),
    "a name that is none": (b'{"a":[' + b"{}," * 2_000 + b"{b:1}]}", "invalid_json"),
    "a list": (b"[" + b"{}," * 2_000 + b"{}]", "body_not_object"),
    "too deep": (b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}", "invalid_json"),
    "an escape that is none": (b'{"a":[' + b"{}," * 2_000 + rb'"\x"]}', "invalid_json"),
}


@pytest.mark.parametrize(("body", "code"), BROKEN.values(), ids=BROKEN)
def test_a_heavy_body_is_refused_as_any_other(body, code):
    said = []
    for read in (parse_heavy, parse_body):
        with pytest.raises(InvalidRequest) as refused:
            read(body)
        assert refused.value.code == code
        said.append(refused.value.message("en"))
    assert said[0] == said[1]


def test_a_heavy_body_has_the_last_of_two_names_and_odd_bytes_repaired():
    many = b"[" + b"{}," * 2_000 + b"{}]"
    assert parse_heavy(b'{"a":1,"a":' + many + b',"b":1,"b":2}')["b"] == 2
    odd = b'\xef\xbb\xbf{"a":' + many + rb',"b":"\ud800"}'
    assert parse_heavy(odd) == parse_body(odd)
    assert parse_heavy(odd)["b"] == "\ufffd"


def test_what_a_body_weighs():
    assert check_values(b"{}" * 100) == 0
    assert check_values(orjson.dumps({"a": [{}] * 10_000})) == 10_002
    assert check_values(orjson.dumps({"a": [{}] * 10_000, "b": MARKS * 900})) == 10_002
    with pytest.raises(InvalidRequest):
        check_values(orjson.dumps({"a": [""] * (STRINGS_MAX + 1)}))


ESCAPES = st.lists(st.sampled_from(['"', "\\", "{", "[", ",", ":", "a", "字", '\\"', "{}"]))


@given(st.lists(st.tuples(ESCAPES, st.integers(0, 3)), min_size=1, max_size=30))
def test_what_is_counted_is_what_there_is(texts):
    """However escapes and strings lie over the pieces that are looked at one by one."""
    items = [["".join(text) * 700, *[{}] * extra] for text, extra in texts]
    body = orjson.dumps({"a": items, "b": [{}] * HEAVY_CONTAINERS})
    containers = 2 + len(items) + sum(extra for _, extra in texts) + HEAVY_CONTAINERS + 1
    assert check_values(body + b" " * SMALL_BYTES) == containers


@pytest.mark.parametrize("before", range(-3, 4))
@pytest.mark.parametrize("slashes", [1, 2, 3, PIECE_BYTES, PIECE_BYTES + 1])
def test_escapes_at_the_edge_of_a_piece(before, slashes):
    text = "x" * (PIECE_BYTES - 7 + before) + "\\" * slashes + '"'
    body = orjson.dumps({"a": text, "b": [{}] * (HEAVY_CONTAINERS + 5)})
    assert check_values(body) == HEAVY_CONTAINERS + 7
