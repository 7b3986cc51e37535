"""Channels as people look at them, and their keys one at a time."""

import pytest

from tests.unit.services.conftest import CATALOG
from yiyuan.routing.router import Router
from yiyuan.services.catalog import edit
from yiyuan.services.catalog.catalog import load_catalog


async def channel(operator):
    (found,) = (await operator("channel.list"))["channels"]
    return found


async def test_a_channel_is_listed_without_its_secrets(operator):
    await operator.apply(CATALOG)
    found = await channel(operator)
    assert (found["name"], found["enabled"], found["models"]) == (
        "openai",
        True,
        {"gpt-4": "gpt-4.1"},
    )
    assert found["health"] == "unknown", "no server runs here"
    assert "CANARY" not in str({**found, "keys": [key["id"] for key in found["keys"]]})


async def test_a_key_is_added_drained_and_removed(operator):
    await operator.apply(CATALOG)
    added = await operator("channel.key_add", name="openai", key="sk-another-key-of-1234")
    assert added["hint"] == "****1234"
    again = await operator.refused("channel.key_add", name="openai", key="sk-another-key-of-1234")
    assert again.code == "already_exists"
    await operator("channel.key_drain", name="openai", key="1234")
    assert [key["draining"] for key in (await channel(operator))["keys"]] == [False, True]
    (loaded,) = (await load_catalog(operator.context)).channels
    assert [key.is_draining for key in loaded.keys] == [False, True]
    await operator("channel.key_remove", name="openai", key=added["id"])
    (left,) = (await channel(operator))["keys"]
    refused = await operator.refused("channel.key_remove", name="openai", key=left["id"])
    assert refused.code == "last_key"
    assert (
        await operator.refused("channel.key_add", name="none", key="x" * 20)
    ).code == "not_found"


async def test_a_key_is_added_until_a_day(operator):
    await operator.apply(CATALOG)
    added = await operator(
        "channel.key_add", name="openai", key="sk-another-key-of-1234", expires="2099-01-31"
    )
    assert added["expires_at"] == "2099-01-31T00:00:00.000Z"
    assert (await channel(operator))["keys"][1]["expires_at"] == added["expires_at"]
    wrong = await operator.refused(
        "channel.key_add", name="openai", key="sk-one-more-key-of-99", expires="soon"
    )
    assert (wrong.code, "expires" in str(wrong)) == ("invalid_argument", True)


async def test_a_key_is_ended_and_goes_on_after_all(operator):
    await operator.apply(CATALOG)
    first = (await channel(operator))["keys"][0]["id"]
    ended = await operator("channel.key_expire", name="openai", key=first, expires="2001-01-31")
    assert ended["expires_at"] == "2001-01-31T00:00:00.000Z"
    catalog = await load_catalog(operator.context)
    assert list(Router().candidates(catalog, "gpt-4")) == []
    again = await operator("channel.key_expire", name="openai", key=first)
    assert again["expires_at"] is None
    catalog = await load_catalog(operator.context)
    assert [each.key.id for each in Router().candidates(catalog, "gpt-4")] == [first]
    wrong = await operator.refused("channel.key_expire", name="openai", key=first, expires="soon")
    assert (wrong.code, "expires" in str(wrong)) == ("invalid_argument", True)


async def test_a_draining_key_is_used_again_as_the_others(operator):
    await operator.apply(CATALOG)
    first = (await channel(operator))["keys"][0]["id"]
    await operator("channel.key_drain", name="openai", key=first)
    undone = await operator("channel.key_drain", name="openai", key=first, draining=False)
    assert undone["draining"] is False
    assert [key["draining"] for key in (await channel(operator))["keys"]] == [False]


async def test_a_draining_key_is_tried_last(operator):
    await operator.apply(CATALOG)
    await operator("channel.key_add", name="openai", key="sk-another-key-of-1234")
    first = (await channel(operator))["keys"][0]["id"]
    await operator("channel.key_drain", name="openai", key=first)
    catalog = await load_catalog(operator.context)
    for _ in range(20):
        tried = [each.key.id for each in Router().candidates(catalog, "gpt-4")]
        assert len(tried) == 2
        assert tried[-1] == first


async def test_draining_lasts_when_the_channel_is_changed(operator):
    await operator.apply(CATALOG)
    await operator("channel.key_add", name="openai", key="sk-another-key-of-1234")
    await operator("channel.key_drain", name="openai", key="1234")
    changed = await edit.put_channel(operator.context, "openai", {"weight": 3})
    assert changed.row.weight == 3
    assert [key["draining"] for key in (await channel(operator))["keys"]] == [False, True]


async def test_a_key_that_a_file_took_from_a_variable_stays_when_the_channel_is_changed(operator):
    await operator.apply(CATALOG)
    before = (await channel(operator))["keys"]
    await edit.put_channel(operator.context, "openai", {"priority": 7})
    after = await channel(operator)
    assert (after["priority"], after["keys"]) == (7, before)
    exported = await operator("catalog.export")
    assert exported["catalog"]["channel"][0]["api_key"] == {"env": "OPENAI_API_KEY"}


async def test_a_breaker_that_keeps_requests_away_is_told(operator):
    await operator.apply(CATALOG)
    operator.context.router = router = Router()
    assert (await channel(operator))["health"] == "ok"
    catalog = await load_catalog(operator.context)
    (candidate,) = router.candidates(catalog, "gpt-4")
    router.report_failure(candidate)
    router.report_probed(candidate, 30.0)
    found = await channel(operator)
    assert found["health"] == "open"
    (paused,) = found["paused"]
    assert (paused["model"], paused["failures"]) == ("gpt-4", 1)
    assert 0 < paused["retry_seconds"] <= 30


async def test_models_are_listed_with_what_serves_them(operator):
    await operator.apply(CATALOG)
    (model,) = (await operator("model.list"))["models"]
    assert model["name"] == "gpt-4"
    assert (model["price"]["input"], model["price"]["output"]) == ("30", "60")
    assert (model["rpm"], model["channels"]) == (500, ["openai"])


GROUPED = """
[[group]]
name = "vip"
price_factor = "0.8"
channels = ["openai", "spare"]

[[channel]]
name = "spare"
provider = "demo"
models = { "gpt-4" = "gpt-4" }
"""


async def groups(operator):
    return (await operator("catalog.export"))["catalog"]["group"]


async def test_a_channel_takes_another_name_with_its_groups(operator):
    await operator.apply(CATALOG + GROUPED)
    before = (await operator("channel.list"))["channels"][0]
    renamed = await operator("channel.rename", name="openai", new_name="openai-eu")
    assert renamed == {"id": before["id"], "name": "openai-eu", "before": "openai"}
    (after,) = [c for c in (await operator("channel.list"))["channels"] if c["id"] == before["id"]]
    assert after == {**before, "name": "openai-eu"}
    assert (await groups(operator))[0]["channels"] == ["openai-eu", "spare"]
    taken = await operator.refused("channel.rename", name="spare", new_name="openai-eu")
    assert taken.code == "already_exists"
    wrong = await operator.refused("channel.rename", name="spare", new_name=" x")
    assert wrong.code == "invalid_argument"


async def test_a_removed_channel_frees_its_name_and_keeps_its_row(operator):
    await operator.apply(CATALOG + GROUPED)
    first = (await operator("channel.list"))["channels"][0]
    await operator("channel.remove", name="openai")
    assert [c["name"] for c in (await operator("channel.list"))["channels"]] == ["spare"]
    assert (await groups(operator))[0]["channels"] == ["spare"]
    assert (await operator.refused("channel.remove", name="spare")).code == "last_channel"
    rows = await operator.context.database.read(
        "SELECT name, enabled, headers, proxy, removed_at IS NULL FROM channels WHERE id = ?",
        (first["id"],),
    )
    assert tuple(rows[0]) == (f"openai #{first['id'][-6:]}", 0, "{}", None, 0)
    for table in ("channel_keys", "channel_models"):
        left = await operator.context.database.read(
            f"SELECT count(*) FROM {table} WHERE channel_id = ?",
            (first["id"],),
        )
        assert left[0][0] == 0, table
    await operator.apply(CATALOG)
    again = {c["name"]: c["id"] for c in (await operator("channel.list"))["channels"]}
    assert again["openai"] != first["id"]


@pytest.mark.parametrize("command", ["channel.rename", "channel.remove", "channel.history"])
async def test_a_channel_that_is_not_there(operator, command):
    more = {"new_name": "x"} if command == "channel.rename" else {}
    assert (await operator.refused(command, name="none", **more)).code == "not_found"


async def test_a_channels_day_is_empty_without_tries(operator):
    await operator.apply(CATALOG)
    (found,) = (await operator("channel.history", name="openai"))["channels"]
    assert len(found["hours"]) == 24
    assert {hour["requests"] for hour in found["hours"]} == {0}
    assert found["last_error"] is None
