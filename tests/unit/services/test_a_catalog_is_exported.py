"""`export` writes what `apply` takes back and finds nothing to change; never a key."""

import asyncio
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.services.conftest import CATALOG, Operator
from yiyuan.kernel.settings import load
from yiyuan.services.catalog.document import placeholder
from yiyuan.services.catalog.export import catalog_values, to_toml
from yiyuan.services.catalog.reading.file import read_catalog
from yiyuan.services.catalog.reading.toml_fields import Source
from yiyuan.services.shared.opening import open_context

NOTHING = {"created": [], "changed": [], "left": []}


async def test_it_comes_back_unchanged(operator):
    await operator.apply(CATALOG)
    exported = (await operator("catalog.export"))["toml"]
    assert exported == CATALOG
    assert await operator.apply(exported) == NOTHING
    assert await operator.apply(exported, prune=True) == NOTHING


async def test_keys_given_themselves_become_references_that_stand_for_them(operator):
    text = CATALOG.replace('{ env = "OPENAI_API_KEY" }', '["sk-CANARY-1", "sk-CANARY-2"]')
    await operator.apply(text)
    exported = (await operator("catalog.export"))["toml"]
    assert "CANARY" not in exported
    assert '[{ env = "UPSTREAM_KEY_OPENAI" }, { env = "UPSTREAM_KEY_OPENAI__2" }]' in exported
    assert await operator.apply(exported) == NOTHING
    operator.env["UPSTREAM_KEY_OPENAI__2"] = "sk-CANARY-3"
    assert (await operator.apply(exported))["changed"] == ["channel openai"]
    assert await operator.apply(exported) == NOTHING


async def test_a_stored_key_does_not_follow_to_another_address(operator):
    text = CATALOG.replace('{ env = "OPENAI_API_KEY" }', '"sk-CANARY-1"')
    await operator.apply(text)
    exported = (await operator("catalog.export"))["toml"]
    for moved in (
        exported.replace("api.openai.com", "elsewhere.example"),
        exported.replace("models = {", 'proxy = "http://elsewhere:1"\nmodels = {'),
        exported.replace('provider = "openai"', 'provider = "anthropic"'),
    ):
        error = await operator.refused(
            "catalog.apply", text=moved, file="c.toml", environment=operator.env
        )
        assert "the key must be given again: set UPSTREAM_KEY_OPENAI" in error.message
    renamed = exported.replace('name = "openai"', 'name = "renamed"')
    error = await operator.refused(
        "catalog.apply", text=renamed, file="c.toml", environment=operator.env
    )
    assert "UPSTREAM_KEY_OPENAI is not set" in error.message


async def test_what_is_disabled_is_not_exported(operator):
    await operator.apply(CATALOG)
    await operator.apply("", prune=True)
    assert await operator("catalog.export") == {
        "toml": "",
        "catalog": {"channel": [], "model": [], "tier": [], "group": []},
    }


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.integers(0, 3)), unique=True))
def test_placeholders_of_different_keys_differ(keys):
    names = [placeholder(channel, position) for channel, position in keys]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.replace("_", "A").isalnum() for name in names)


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
MODEL_NAMES = NAMES.filter(lambda name: "," not in name and name.isprintable())
MONEY = st.integers(0, 10**9).map(str) | st.integers(0, 999_999).map(lambda n: f"0.{n:06d}")
LIMITS = st.none() | st.integers(1, 10**9)
METERS = st.fixed_dictionaries(
    {"input": MONEY, "output": MONEY},
    optional={"cached_input": MONEY, "cache_write_1h": MONEY, "request": st.integers(0, 10**6)},
)
PRICES = st.builds(
    lambda base, steps, hours: (
        base
        | ({"steps": [{"min_input_tokens": n, "input": "1"} for n in steps]} if steps else {})
        | ({"hours": [{"utc": hours, "output": "2"}]} if hours else {})
    ),
    METERS,
    st.lists(st.integers(1, 10**6), unique=True, max_size=2),
    st.sampled_from(["", "16:30-00:30", "01:00-02:00"]),
)
KEYS = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30),
    st.sampled_from([{"env": "ONE"}, {"env": "TWO"}]),
)


def without_none(values):
    return {name: value for name, value in values.items() if value is not None}


@st.composite
def catalogs(draw):
    models = draw(st.lists(MODEL_NAMES, unique=True, max_size=3))
    channels = []
    for name in draw(st.lists(NAMES.filter(str.isprintable), unique=True, max_size=3)):
        served = draw(st.lists(st.sampled_from(models), unique=True)) if models else []
        channels.append(
            without_none(
                {
                    "name": name,
                    "provider": draw(st.sampled_from(["openai", "anthropic"])),
                    "base_url": draw(st.sampled_from(["https://a.example/v1", "http://[::1]:80"])),
                    "api_key": draw(
                        KEYS | st.lists(KEYS, max_size=3, unique_by=str).filter(lambda k: k)
                    ),
                    "models": {m: draw(MODEL_NAMES) for m in served},
                    "priority": draw(st.none() | st.integers(-5, 5)),
                    "weight": draw(st.none() | st.integers(0, 5)),
                    "timeout": draw(st.none() | st.sampled_from([1, 0.5, 600, 600.0])),
                    "proxy": draw(st.none() | st.just("socks5h://p:1")),
                    "headers": draw(st.none() | st.just({"X-A": 'q"\\', "b": "2"})),
                    "allow_private": draw(st.none() | st.booleans()),
                    "on_disconnect": draw(st.none() | st.sampled_from(["cancel", "drain"])),
                    "stream_usage": draw(st.none() | st.booleans()),
                    "cost": {m: draw(PRICES) for m in served[:1]},
                }
            )
        )
    described = [
        without_none(
            {
                "name": name,
                "price": draw(PRICES),
                "rpm": draw(LIMITS),
                "tpm": draw(LIMITS),
                "concurrency": draw(LIMITS),
                "image_tokens": draw(st.none() | st.integers(0, 9)),
                "input_factor": draw(st.none() | st.sampled_from([1, "1.5", "0.000001"])),
            }
        )
        for name in models
    ]
    tiers = [
        without_none(
            {
                "min_balance": least,
                "rate": draw(st.sampled_from([1, 5, "0.5", "2.000001"])),
                "price_factor": draw(st.none() | st.sampled_from([0, 1, "0.9"])),
            }
        )
        for least in draw(st.lists(st.integers(0, 2**63 - 1), unique=True, max_size=3))
    ]
    groups = [
        {"name": f"group-{place}", "price_factor": "0.8", "channels": [channels[0]["name"]]}
        for place in range(draw(st.integers(0, 2)) if channels else 0)
    ]
    return {"channel": channels, "model": described, "tier": tiers, "group": groups}


ENVIRONMENT = {"ONE": "sk-one-of-the-environment", "TWO": "sk-two-of-the-environment"}


@given(catalogs())
def test_the_text_says_what_was_meant(values):
    text = to_toml(values)
    parsed = {"channel": [], "model": [], "tier": [], "group": [], **tomllib.loads(text)}
    assert parsed == values
    first = read_catalog(Source(text, "a"), ENVIRONMENT)
    again = read_catalog(Source(to_toml(catalog_values(first)), "b"), ENVIRONMENT)
    assert again.models == first.models
    assert again.tiers == first.tiers
    assert again.groups == first.groups
    assert [channel.models for channel in again.channels] == [c.models for c in first.channels]


@settings(max_examples=20)
@given(catalogs())
def test_any_catalog_goes_through_the_database_and_back(values):
    async def round_trip(home):
        async with open_context(load({}, home=home)) as context:
            operator = Operator(context)
            operator.env = ENVIRONMENT
            text = to_toml(values)
            created = await operator.apply(text)
            assert len(created["created"]) == sum(map(len, values.values()))
            assert await operator.apply(text) == NOTHING
            exported = (await operator("catalog.export"))["toml"]
            assert await operator.apply(exported, prune=True) == NOTHING
            assert (await operator("catalog.export"))["toml"] == exported

    with TemporaryDirectory() as home:
        asyncio.run(round_trip(Path(home)))
