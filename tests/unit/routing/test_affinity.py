"""A conversation keeps its channel and key; chance shares the conversations by weight."""

import math
from collections import Counter

import pytest

from tests.unit.routing.test_order import channel
from yiyuan.gateway.upstream.affinity import hint_for
from yiyuan.pricing.model import Model
from yiyuan.pricing.price import parse_price
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.evidence import Fault
from yiyuan.routing.router import Router


def catalog(*channels) -> Catalog:
    price = parse_price({"input": "1", "output": "1"})
    return Catalog(models={"gpt-4": Model("gpt-4", price)}, channels=channels, version=1)


def session(number: int) -> bytes:
    return number.to_bytes(16)


def first(router: Router, where: Catalog, affinity: bytes | None):
    return next(router.candidates(where, "gpt-4", affinity=affinity))


def place(router: Router, where: Catalog, affinity: bytes) -> tuple[str, str]:
    found = first(router, where, affinity)
    return found.channel.name, found.key.id


def test_two_hundred_turns_of_twenty_sessions_stay_on_one_key_each() -> None:
    where = catalog(channel("a", keys=3), channel("b", keys=3))
    places: dict[int, set[tuple[str, str]]] = {}
    for turn in range(200):
        router = Router()  # another node, or the same after a restart
        number = turn % 20
        places.setdefault(number, set()).add(place(router, where, session(number)))
    assert all(len(found) == 1 for found in places.values())
    assert len(set.union(*places.values())) > 3


@pytest.mark.parametrize("weights", [(1, 1), (1, 3), (5, 2)])
def test_weights_hold_within_three_sigma(weights) -> None:
    one, two = weights
    where = catalog(channel("a", weight=one), channel("b", weight=two))
    router, count = Router(), 4000
    share = one / (one + two)
    got = Counter(first(router, where, session(n)).channel.name for n in range(count))["a"]
    assert abs(got - count * share) <= 3 * math.sqrt(count * share * (1 - share))


def test_keys_share_evenly_within_three_sigma() -> None:
    where = catalog(channel("a", keys=3))
    router, count = Router(), 3000
    got = Counter(first(router, where, session(n)).key.id for n in range(count))
    for key in got.values():
        assert abs(key - count / 3) <= 3 * math.sqrt(count * 2 / 9)


def test_a_failing_key_moves_its_conversations_together_and_they_come_back() -> None:
    now = [0.0]
    router = Router(clock=lambda: now[0])
    where = catalog(channel("a", keys=3), channel("b", keys=3))
    before = {n: place(router, where, session(n)) for n in range(60)}
    broken = first(router, where, session(0))
    router.report_failure(broken, fault=Fault.KEY)
    moved = {n: place(router, where, session(n)) for n in range(60)}
    gone = (broken.channel.name, broken.key.id)
    assert all(moved[n] != gone for n in range(60))
    assert all(moved[n] == before[n] for n in range(60) if before[n] != gone)
    now[0] += 120
    probe = first(router, where, session(0))
    router.report_success(probe)
    assert {n: place(router, where, session(n)) for n in range(60)} == before


def test_a_channel_that_is_added_moves_only_its_own_share() -> None:
    router = Router()
    two = catalog(channel("a"), channel("b"))
    three = catalog(channel("a"), channel("b"), channel("c"))
    moved = [
        first(router, three, session(n)).channel.name
        for n in range(900)
        if first(router, two, session(n)).channel.name
        != first(router, three, session(n)).channel.name
    ]
    assert set(moved) == {"c"}
    assert abs(len(moved) - 300) <= 3 * math.sqrt(200)


def test_priority_and_weight_nought_still_come_first_and_last() -> None:
    where = catalog(channel("last", weight=0), channel("first"), channel("spare", priority=1))
    for n in range(50):
        names = [c.channel.name for c in Router().candidates(where, "gpt-4", affinity=session(n))]
        assert names == ["first", "last", "spare"]


def test_a_hint_cannot_be_guessed_without_the_gateways_secret() -> None:
    affinity, secret = bytes(range(16)), b"one secret of thirty-two bytes.."
    hint = hint_for(affinity, secret)
    assert hint == hint_for(affinity, secret)
    assert affinity.hex() not in hint
    guesses = {hint_for(affinity, other) for other in (b"", b"another", secret[::-1])}
    assert hint not in guesses
    assert hint_for(affinity[::-1], secret) != hint
