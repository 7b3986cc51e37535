"""Which channels and keys a request is offered, in which order."""

import random
from collections import Counter

import pytest

from yiyuan.integrations.providers.contract import Provider
from yiyuan.pricing.model import Model
from yiyuan.pricing.price import parse_price
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.channel import Channel, UpstreamKey
from yiyuan.routing.evidence import Fault
from yiyuan.routing.router import Router

MODEL = Model("gpt-4", parse_price({"input": "30", "output": "60"}))


def provider(name):
    return Provider(
        name=name,
        endpoints=(),
        speaks=("openai_chat",),
        models_url=lambda base: base,
        credential=lambda key: [],
    )


def channel(name, *, keys=1, vendor="openai", model="gpt-4", **fields):
    return Channel(
        id=f"ch_{name}",
        name=name,
        provider=provider(vendor),
        base_url="https://a.example/v1",
        keys=tuple(UpstreamKey(f"{name}{i}", f"secret-{i}") for i in range(keys)),
        models={model: "upstream-" + model},
        **fields,
    )


def catalog(*channels, version=1):
    return Catalog({"gpt-4": MODEL}, (), tuple(channels), version)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def router(clock):
    return Router(randomness=random.Random(1), clock=clock)


def order(router, catalog):
    return [c.key.id for c in router.candidates(catalog, "gpt-4")]


def test_lower_priority_numbers_come_first(router):
    everything = catalog(channel("c", priority=2), channel("a"), channel("b", priority=1))
    assert [order(router, everything) for _ in range(20)] == [["a0", "b0", "c0"]] * 20


def test_equal_priorities_share_by_weight(router):
    everything = catalog(channel("a", weight=3), channel("b", weight=1), channel("z", weight=0))
    orders = Counter(tuple(order(router, everything)) for _ in range(4000))
    assert set(orders) == {("a0", "b0", "z0"), ("b0", "a0", "z0")}
    assert 2850 < orders["a0", "b0", "z0"] < 3150


def test_every_key_is_offered_and_each_comes_first_as_often(router):
    everything = catalog(channel("a", keys=3))
    orders = Counter(tuple(order(router, everything)) for _ in range(3000))
    assert set(orders) == {("a0", "a1", "a2"), ("a1", "a2", "a0"), ("a2", "a0", "a1")}
    assert min(orders.values()) > 900


def test_candidates_carry_what_the_call_needs(router):
    one = channel("a")
    candidate = next(router.candidates(catalog(one), "gpt-4"))
    assert candidate.channel is one
    assert candidate.upstream_model == "upstream-gpt-4"
    assert "secret" not in repr(candidate)


def test_disabled_channels_and_other_models_are_left_out(router):
    everything = catalog(channel("a", enabled=False), channel("b", model="other"))
    assert order(router, everything) == []
    assert router.retry_seconds(everything, "gpt-4") is None
    assert order(router, catalog()) == []


def test_demo_serves_only_what_nobody_else_lists():
    demo = channel("demo", vendor="demo", keys=0)
    assert catalog(demo).channels_for("gpt-4") == (demo,)
    real = channel("a")
    assert catalog(demo, real).channels_for("gpt-4") == (real,)
    off = channel("a", enabled=False)
    assert catalog(demo, off).channels_for("gpt-4") == (demo,)
    assert catalog(demo).channels_for("nonsense") == ()


def test_a_channel_without_keys_is_offered_once(router):
    (candidate,) = router.candidates(catalog(channel("demo", vendor="demo", keys=0)), "gpt-4")
    assert candidate.key.secret == ""


def test_a_failing_key_is_skipped_and_the_channels_others_are_not(router, clock):
    everything = catalog(channel("a", keys=2))
    bad = next(c for c in router.candidates(everything, "gpt-4") if c.key.id == "a0")
    router.report_failure(bad, fault=Fault.KEY)
    assert order(router, everything) == ["a1"]
    assert router.retry_seconds(everything, "gpt-4") == 0
    clock.now = 1.0
    assert sorted(order(router, everything)) == ["a0", "a1"]


def test_all_open_yields_nothing_and_says_when(router, clock):
    everything = catalog(channel("a"), channel("b"))
    for candidate in router.candidates(everything, "gpt-4"):
        router.report_probed(candidate, 20 if candidate.key.id == "a0" else 7)
    assert order(router, everything) == []
    assert router.retry_seconds(everything, "gpt-4") == 7
    assert {view.channel_id for view in router.snapshot()} == {"ch_a", "ch_b"}
    clock.now = 7.0
    (probe,) = router.candidates(everything, "gpt-4")
    assert order(router, everything) == []
    router.report_success(probe)
    assert order(router, everything) == ["b0"]


def test_what_one_account_causes_keeps_only_that_account_away(router, clock):
    everything = catalog(channel("a"))
    (candidate,) = router.candidates(everything, "gpt-4", account="acc_1")
    assert not router.report_failure(candidate, 20, fault=Fault.ACCOUNT)
    assert list(router.candidates(everything, "gpt-4", account="acc_1")) == []
    assert router.retry_seconds(everything, "gpt-4", account="acc_1") == 20
    assert len(list(router.candidates(everything, "gpt-4", account="acc_2"))) == 1
    assert router.retry_seconds(everything, "gpt-4", account="acc_2") == 0
    assert router.accounts_alone() == {"ch_a": 1}


def test_a_candidate_that_nobody_asked_for_is_no_probe(router, clock):
    everything = catalog(channel("a"), channel("b", priority=1))
    for candidate in router.candidates(everything, "gpt-4"):
        if candidate.key.id == "b0":
            router.report_probed(candidate, 1)
    clock.now = 1.0
    assert next(router.candidates(everything, "gpt-4")).key.id == "a0"
    assert order(router, everything) == ["a0", "b0"]


def test_an_abandoned_probe_lets_the_next_one_try(router, clock):
    everything = catalog(channel("a"))
    router.report_probed(next(router.candidates(everything, "gpt-4")), 1)
    clock.now = 1.0
    probe = next(router.candidates(everything, "gpt-4"))
    assert probe.probe
    assert order(router, everything) == []
    router.report_abandoned(probe)
    assert order(router, everything) == ["a0"]


def test_a_new_catalog_forgets_breakers_of_what_is_gone(router):
    old = catalog(channel("a"), channel("b"))
    for candidate in router.candidates(old, "gpt-4"):
        router.report_probed(candidate, 30)
    assert order(router, catalog(channel("b"), channel("c"), version=2)) == ["c0"]
    assert [view.channel_id for view in router.snapshot()] == ["ch_b"]
    assert order(router, old) == ["a0"]  # an old catalog prunes nothing
    assert [view.channel_id for view in router.snapshot()] == ["ch_b"]
