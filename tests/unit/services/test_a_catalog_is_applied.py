"""`apply`: idempotent, all or nothing, and what the file does not name stays."""

import asyncio
import json

import pytest

from tests.unit.services.conftest import CATALOG
from yiyuan.services.catalog.catalog import load_catalog
from yiyuan.store.tables.catalog import read_version

ALL = ["model gpt-4", "channel openai", "tier 0"]


async def prices(operator):
    return await operator.context.database.read(
        "SELECT id, model, document FROM prices ORDER BY id"
    )


async def test_the_first_time_creates_and_the_second_changes_nothing(operator):
    nothing = {"created": [], "changed": [], "left": []}
    assert await operator.apply(CATALOG) == {**nothing, "created": ALL}
    version = await read_version(operator.context.database)
    assert await operator.apply(CATALOG) == nothing
    assert await read_version(operator.context.database) == version


async def test_a_dry_run_changes_nothing(operator):
    planned = await operator.apply(CATALOG, dry_run=True)
    assert planned["created"] == ALL
    assert (await load_catalog(operator.context)).models == {}
    assert await operator.apply(CATALOG) == planned


async def test_every_field_reaches_the_gateway(operator):
    text = (
        CATALOG
        + """
[[channel]]
name = "second"
provider = "openai"
base_url = "http://127.0.0.1:9/v1/"
api_key = ["sk-a", { env = "OPENAI_API_KEY" }]
models = { "gpt-4" = "other", "gpt-x" = "x" }
native_completions = ["gpt-x"]
priority = -2
weight = 0
timeout = 1.5
proxy = "socks5://127.0.0.1:1080"
headers = { "X-One" = "1", "x-two" = "2" }
allow_private = false
on_disconnect = "drain"
stream_usage = false
cost = { "gpt-x" = { input = "1", output = "2" } }

[[model]]
name = "gpt-x"
rpm = 1
tpm = 2
concurrency = 3
context_tokens = 4
max_output_tokens = 5
image_tokens = 6
input_factor = "1.25"
price = { input = "1", output = "2", request = 7, hours = [{ utc = "16:30-00:30", input = "0" }] }

[[tier]]
min_balance = 100000000
rate = "2.5"
price_factor = "0.9"
"""
    )
    await operator.apply(text)
    catalog = await load_catalog(operator.context)
    first, second = catalog.channels
    assert [key.secret for key in first.keys] == ["sk-upstream-CANARY"]
    assert first.allow_private
    assert [key.secret for key in second.keys] == ["sk-a", "sk-upstream-CANARY"]
    assert len({key.id for key in (*first.keys, *second.keys)}) == 3
    assert second.base_url == "http://127.0.0.1:9/v1"
    assert second.models == {"gpt-4": "other", "gpt-x": "x"}
    assert second.native_completions == {"gpt-x"}
    assert (second.priority, second.weight, second.timeout_seconds) == (-2, 0, 1.5)
    assert second.proxy == "socks5://127.0.0.1:1080"
    assert second.headers == (("X-One", "1"), ("x-two", "2"))
    assert (second.allow_private, second.on_disconnect, second.stream_usage) == (
        False,
        "drain",
        False,
    )
    assert second.costs["gpt-x"].base.output == 2_000_000
    model = catalog.models["gpt-x"]
    assert (model.rpm, model.tpm, model.concurrency) == (1, 2, 3)
    assert (model.context_tokens, model.max_output_tokens, model.image_tokens) == (4, 5, 6)
    assert model.input_factor_ppm == 1_250_000
    assert model.price.base.request_micros == 7
    assert model.price.id.startswith("price_")
    assert model.price.hours[0].utc_minutes == (990, 30)
    assert [(t.min_balance_micros, t.rate_ppm, t.price_factor_ppm) for t in catalog.tiers] == [
        (0, 1_000_000, 1_000_000),
        (100_000_000, 2_500_000, 900_000),
    ]


@pytest.mark.parametrize(
    ("old", "new", "label"),
    [
        ('output = "60"', 'output = "61"', "model gpt-4"),
        ("rpm = 500", "rpm = 501", "model gpt-4"),
        ("gpt-4.1", "gpt-4.2", "channel openai"),
        ('api_key = { env = "OPENAI_API_KEY" }', 'api_key = "sk-new"', "channel openai"),
        ('api_key = { env = "OPENAI_API_KEY" }', "", "channel openai"),
        ('{ env = "OPENAI_API_KEY" }', '{ env = "SAME" }', "channel openai"),
        ("rate = 1", "rate = 3", "tier 0"),
    ],
)
async def test_what_differs_is_changed_and_nothing_else(operator, old, new, label):
    operator.env["SAME"] = operator.env["OPENAI_API_KEY"]
    await operator.apply(CATALOG)
    changed = CATALOG.replace(old, new)
    assert await operator.apply(changed) == {"created": [], "changed": [label], "left": []}
    assert await operator.apply(changed) == {"created": [], "changed": [], "left": []}


async def test_a_changed_price_is_a_new_row_and_the_old_one_stays(operator):
    await operator.apply(CATALOG)
    (before,) = await prices(operator)
    await operator.apply(CATALOG.replace("rpm = 500", "rpm = 7"))
    assert len(await prices(operator)) == 1
    await operator.apply(CATALOG.replace('"60"', '"61"'))
    rows = await prices(operator)
    assert [json.loads(row["document"])["output"] for row in rows] == ["60", "61"]
    assert tuple(rows[0]) == tuple(before)
    assert (await load_catalog(operator.context)).models["gpt-4"].price.id == rows[1]["id"]


async def test_an_unchanged_key_keeps_its_id_and_a_new_one_gets_another(operator):
    await operator.apply(CATALOG)
    (channel,) = (await load_catalog(operator.context)).channels
    operator.env["SECOND"] = "sk-second"
    both = CATALOG.replace(
        '{ env = "OPENAI_API_KEY" }', '[{ env = "SECOND" }, { env = "OPENAI_API_KEY" }]'
    )
    await operator.apply(both)
    (after,) = (await load_catalog(operator.context)).channels
    assert after.id == channel.id
    assert [key.secret for key in after.keys] == ["sk-second", "sk-upstream-CANARY"]
    assert after.keys[1].id == channel.keys[0].id != after.keys[0].id


async def test_what_the_file_does_not_name_is_left_and_listed(operator):
    await operator.apply(CATALOG)
    other = '[[model]]\nname = "b"\nprice = { input = "0", output = "0" }\n'
    answer = await operator.apply(other)
    assert answer == {"created": ["model b"], "changed": [], "left": ALL}
    catalog = await load_catalog(operator.context)
    assert catalog.models["gpt-4"].enabled
    assert catalog.channels_for("gpt-4")


async def test_prune_disables_and_naming_again_enables(operator):
    await operator.apply(CATALOG)
    first = await load_catalog(operator.context)
    other = '[[model]]\nname = "b"\nprice = { input = "0", output = "0" }\n'
    assert await operator.apply(other, prune=True) == {
        "created": ["model b"],
        "changed": ALL,
        "left": [],
    }
    catalog = await load_catalog(operator.context)
    assert not catalog.models["gpt-4"].enabled
    assert catalog.channels_for("gpt-4") == ()
    assert catalog.tiers == ()
    assert await operator.apply(other, prune=True) == {"created": [], "changed": [], "left": []}
    assert await operator.apply(other) == {"created": [], "changed": [], "left": []}
    again = await operator.apply(CATALOG)
    assert again["changed"] == ["model gpt-4", "channel openai"]
    revived = await load_catalog(operator.context)
    assert revived.channels_for("gpt-4")[0].id == first.channels[0].id
    assert revived.models["gpt-4"].price.id == first.models["gpt-4"].price.id


async def test_a_model_of_a_channel_must_be_described(operator):
    channel = CATALOG[: CATALOG.index("[[model]]")]
    error = await operator.refused("catalog.apply", text=channel, file="c.toml", environment={})
    assert "OPENAI_API_KEY is not set" in error.message
    error = await operator.refused(
        "catalog.apply", text=channel, file="c.toml", environment=operator.env
    )
    assert error.message == (
        'c.toml:6: channel.models.gpt-4: there is no [[model]] "gpt-4", here or in the database'
    )
    await operator.apply(CATALOG)
    assert await operator.apply(channel) == {
        "created": [],
        "changed": [],
        "left": ["model gpt-4", "tier 0"],
    }
    # With --prune the database's own would be disabled by this very command.
    error = await operator.refused(
        "catalog.apply", text=channel, file="c.toml", environment=operator.env, prune=True
    )
    assert "there is no [[model]]" in error.message


async def test_a_wrong_file_changes_nothing(operator):
    wrong = CATALOG + '\n[[tier]]\nmin_balance = 5\nrate = "many"\n'
    error = await operator.refused(
        "catalog.apply", text=wrong, file="c.toml", environment=operator.env
    )
    assert error.code == "invalid_catalog"
    assert error.message.startswith("c.toml:19: tier.rate: ")
    assert (await operator("catalog.export"))["toml"] == ""
    assert await read_version(operator.context.database) == 0


async def test_two_at_once_do_not_mix(operator):
    answers = await asyncio.gather(*(operator.apply(CATALOG) for _ in range(5)))
    assert sum(answer["created"] == ALL for answer in answers) == 1
    assert len(await prices(operator)) == 1


async def test_the_server_is_told_of_changes_only(operator):
    told = []

    async def reload():
        told.append((await load_catalog(operator.context)).version)

    operator.context.reload = reload
    await operator.apply(CATALOG)
    await operator.apply(CATALOG)
    await operator.apply(CATALOG.replace("500", "501"), dry_run=True)
    await operator.apply(CATALOG.replace("500", "501"))
    assert told == [1, 2]


async def test_the_same_key_twice_is_refused_wherever_it_comes_from(operator):
    operator.env["OTHER"] = operator.env["OPENAI_API_KEY"]
    twice = CATALOG.replace(
        '{ env = "OPENAI_API_KEY" }', '[{ env = "OPENAI_API_KEY" }, { env = "OTHER" }]'
    )
    error = await operator.refused(
        "catalog.apply", text=twice, file="c.toml", environment=operator.env
    )
    assert error.message == "c.toml:5: channel.api_key[1]: is the same key once more"
