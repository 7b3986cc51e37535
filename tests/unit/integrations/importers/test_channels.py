"""Channels: where each type lands, whose address wins, and what comes switched off."""

import json
from fractions import Fraction

import pytest

from yiyuan.integrations.importers.contract import Shop
from yiyuan.integrations.importers.new_api.channel_types import TITLES as NEW_TITLES
from yiyuan.integrations.importers.new_api.channel_types import TYPES as NEW
from yiyuan.integrations.importers.new_api.channels import read_row
from yiyuan.integrations.importers.one_api.channel_types import TITLES as ONE_TITLES
from yiyuan.integrations.importers.one_api.channel_types import TYPES as ONE
from yiyuan.integrations.importers.one_hub.channel_types import TITLES as HUB_TITLES
from yiyuan.integrations.importers.one_hub.channel_types import TYPES as HUB
from yiyuan.integrations.importers.shared.addresses import (
    ALI,
    ANTHROPIC,
    ARK,
    CUSTOM,
    GROQ,
    OPENAI,
    OPENROUTER,
    PERPLEXITY,
    ZHIPU,
    AddressUnclear,
    base_url,
)
from yiyuan.integrations.importers.shared.channel_rows import ChannelRow, Habits
from yiyuan.integrations.importers.shared.channels import build_channels
from yiyuan.services.imports.shop_catalog import channel_document

PROGRAMS = {
    "new-api": Habits(types=NEW, titles=NEW_TITLES, follows_chains=True),
    "one-api": Habits(types=ONE, titles=ONE_TITLES, breaks_on_slash=True),
    "one-hub": Habits(types=HUB, titles=HUB_TITLES),
}

LANDS = {
    # program: (as they are, by a compatible door, unsupported)
    "one-api": (
        [1, 2, 4, 5, 6, 7, 9, 10, 12, 13, 19, 20, 25, 26, 28, 29, 30, 31, 32, 36, 39, 40, 41,
         44, 45],
        [16, 17, 35, 47, 49],
        [11, 15, 18, 21, 22, 23, 33, 34, 37, 38, 42, 46, 48, 999],
    ),
    "new-api": (
        [1, 4, 6, 7, 9, 10, 12, 13, 19, 20, 25, 27, 31, 35, 40, 42, 43, 44, 45, 48, 53],
        [16, 17, 26, 34, 46],
        [2, 5, 11, 15, 18, 21, 22, 23, 33, 36, 37, 38, 39, 41, 49, 50, 51, 52, 54, 55, 56,
         57, 58, 100, 999],
    ),
    "one-hub": (
        [1, 19, 20, 26, 27, 28, 29, 30, 31, 33, 39, 45, 56],
        [16, 17, 36, 40],
        [11, 15, 18, 21, 22, 23, 24, 32, 34, 35, 37, 38, 41, 42, 47, 51, 52, 53, 54, 55, 57,
         999],
    ),
}  # fmt: skip


def empty_shop():
    return Shop(program="x", units_per_dollar=Fraction(500_000), rounding="up")


def row(**changes):
    values = {
        "id": "7", "name": "one", "type": 1, "keys": ("sk-a",), "address": "", "models": ("m",),
        "mapping": {}, "groups": frozenset({"default"}), "priority": 0, "weight": 1, "status": 1,
    } | changes  # fmt: skip
    return ChannelRow(**values)


def built(program="new-api", **changes):
    shop = empty_shop()
    found = build_channels(shop, [row(**changes)], PROGRAMS[program])
    return (found[0][0] if found else None), {note.kind: note for note in shop.notes}


@pytest.mark.parametrize("program", LANDS)
def test_each_type_lands_where_the_table_says(program):
    as_it_is, by_door, unsupported = LANDS[program]
    for type_ in as_it_is:
        channel, notes = built(program, type=type_)
        if channel is None:
            channel, notes = built(program, type=type_, address="http://gateway.example")
        assert channel.provider == "openai", type_
        assert "channel_untested" not in notes, type_
    for type_ in by_door:
        channel, notes = built(program, type=type_)
        if type_ == 49:
            assert channel.base_url.endswith("/compatible-mode/v1")
            continue
        assert channel.provider == "openai", type_
        assert "channel_untested" in notes, type_
    for type_ in unsupported:
        channel, notes = built(program, type=type_)
        assert channel is None, type_
        assert "its models: m" in notes["channel_unsupported"].detail
    channel, _ = built(program, type=14)
    assert (channel.provider, channel.base_url) == ("anthropic", "https://api.anthropic.com")


@pytest.mark.parametrize(
    ("program", "type_", "provider", "address"),
    [
        ("new-api", 24, "gemini", "https://generativelanguage.googleapis.com/v1beta"),
        ("one-api", 24, "gemini", "https://generativelanguage.googleapis.com/v1beta"),
        ("one-hub", 25, "gemini", "https://generativelanguage.googleapis.com/v1beta"),
        ("one-api", 51, "openai", "https://generativelanguage.googleapis.com/v1beta/openai"),
    ],
)
def test_gemini_is_asked_in_its_own_format_where_it_was(program, type_, provider, address):
    channel, notes = built(program, type=type_)
    assert (channel.provider, channel.base_url) == (provider, address)
    assert notes == {}


@pytest.mark.parametrize("program", PROGRAMS)
def test_azure_is_called_by_deployment_in_the_version_that_was_set(program):
    values = {"type": 3, "address": "https://east.openai.azure.com/", "models": ("gpt-3.5",)}
    channel, notes = built(program, **values, azure_version="2024-06-01")
    assert channel.provider == "azure"
    assert channel.base_url == "https://east.openai.azure.com?api-version=2024-06-01"
    assert "channel_untested" in notes
    assert channel_document(channel)["models"] == {"gpt-3.5": "gpt-35"}
    channel, _ = built(program, **values, drops_dots=False)
    assert channel.base_url == "https://east.openai.azure.com/openai/v1"
    assert channel_document(channel)["models"] == {"gpt-3.5": "gpt-3.5"}
    channel, notes = built(program, type=3)
    assert channel is None
    assert "has no address" in notes["channel_unsupported"].detail


def test_a_vendors_own_address_is_that_vendor_with_its_ways():
    channel, _ = built(type=1, address="https://api.deepseek.com")
    assert channel_document(channel)["provider"] == "deepseek"
    channel, _ = built(type=43, address="http://mirror.example")
    assert channel_document(channel)["provider"] == "openai"


@pytest.mark.parametrize(
    ("address", "vendor", "wanted"),
    [
        ("", OPENAI, "https://api.openai.com/v1"),
        ("http://127.0.0.1:3000", OPENAI, "http://127.0.0.1:3000/v1"),
        ("http://127.0.0.1:3000/", OPENAI, "http://127.0.0.1:3000/v1"),
        ("http://127.0.0.1:3000/v1/", OPENAI, "http://127.0.0.1:3000/v1"),
        ("https://x.example/api/v4", OPENAI, "https://x.example/api/v4"),
        ("https://x.example/v1/chat/completions", CUSTOM, "https://x.example/v1"),
        ("", OPENROUTER, "https://openrouter.ai/api/v1"),
        ("https://openrouter.ai", OPENAI, "https://openrouter.ai/api/v1"),
        ("", ALI, "https://dashscope.aliyuncs.com/compatible-mode/v1"),
        ("https://dashscope.aliyuncs.com", OPENAI,
         "https://dashscope.aliyuncs.com/compatible-mode/v1"),
        ("https://open.bigmodel.cn/api/paas/v4", ZHIPU, "https://open.bigmodel.cn/api/paas/v4"),
        ("", ARK, "https://ark.cn-beijing.volces.com/api/v3"),
        ("", GROQ, "https://api.groq.com/openai/v1"),
        ("", PERPLEXITY, "https://api.perplexity.ai"),
        ("https://api.anthropic.com/v1", ANTHROPIC, "https://api.anthropic.com"),
        ("https://x.example/anthropic/", ANTHROPIC, "https://x.example/anthropic"),
    ],
)  # fmt: skip
def test_an_address_gets_its_version_once(address, vendor, wanted):
    assert base_url(address, vendor) == wanted


@pytest.mark.parametrize(
    "address",
    ["", "ftp://x.example", "https://u:p@x.example", "https://x.example/{model}", "x.example",
     "https://x.example/?a=1", "http://[bad"],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(AddressUnclear):
        base_url(address, CUSTOM)


def test_the_address_wins_where_it_contradicts_the_number():
    channel, notes = built(type=1, address="https://api.anthropic.com")
    assert channel.provider == "anthropic"
    assert "channel_address_wins" in notes
    channel, notes = built(type=3, address="https://api.deepseek.com")
    assert (channel.provider, channel.base_url) == ("openai", "https://api.deepseek.com/v1")
    assert "channel_address_wins" in notes
    channel, notes = built(type=1, address="https://east.openai.azure.com")
    assert (channel.provider, channel.renames) == ("azure", {})
    assert channel.base_url == "https://east.openai.azure.com/openai/v1"
    assert "channel_address_wins" in notes


def test_rows_that_differ_in_the_key_alone_are_one_channel_of_their_shares():
    shop = empty_shop()
    rows = [row(id=str(i), keys=(f"sk-{i}",), weight=5, key_name="three") for i in (1, 2, 3)]
    rows.append(row(id="4", keys=("sk-4",), weight=5, key_name="three", models=("other",)))
    first, second = (channel for channel, _ in build_channels(shop, rows, PROGRAMS["new-api"]))
    assert (first.keys, first.weight) == (("sk-1", "sk-2", "sk-3"), 15)
    assert (second.keys, second.weight) == (("sk-4",), 5)


def test_several_keys_in_one_row_by_line_or_as_json_less_those_that_were_off():
    def keys(key, info):
        read = read_row(
            empty_shop(), {"id": 1, "name": "n", "type": 1, "key": key, "channel_info": info}
        )
        return read.keys

    several = b'{"is_multi_key": true, "multi_key_status_list": {"1": 2}}'
    assert keys("a\nb\nc", several) == ("a", "c")
    assert keys('["a", "b", "c"]', several) == ("a", "c")
    assert keys("a\n\nb\n", None) == ("a", "b")


def test_a_chain_is_followed_to_its_end_and_a_circle_is_left_out():
    mapping = {"a": "b", "b": "c", "x": "y", "y": "x", "self": "self"}
    models = ("a", "x", "self", "none")
    channel, notes = built(models=models, mapping=mapping)
    assert channel.models == {"a": "c", "self": "self", "none": "none"}
    assert "model_loop" in notes
    channel, _ = built("one-api", models=models, mapping=mapping)
    assert channel.models == {"a": "b", "x": "y", "self": "self", "none": "none"}


def test_a_mapping_of_what_is_not_offered_is_listed():
    channel, notes = built(mapping={"stranger": "x"})
    assert channel.models == {"m": "m"}
    assert "stranger" in notes["model_mapping"].detail


def test_what_would_change_the_answers_comes_switched_off():
    channel, notes = built(changes_meaning=("system_prompt",))
    assert not channel.is_enabled
    assert "system_prompt" in notes["channel_disabled"].detail


def test_priorities_turn_round_and_a_weight_of_nothing_is_one():
    shop = empty_shop()
    rows = [row(id="1", name="a", priority=10, weight=0), row(id="2", name="b", priority=-5)]
    found = [channel for channel, _ in build_channels(shop, rows, PROGRAMS["new-api"])]
    assert [(each.priority, each.weight) for each in found] == [(0, 1), (15, 1)]


def test_headers_with_placeholders_or_credentials_are_not_sent():
    channel, notes = built(headers={"x-team": "blue", "Authorization": "Bearer x", "x-k": "{k}"})
    assert channel.headers == (("x-team", "blue"),)
    assert "channel_header" in notes


def test_a_key_that_cannot_be_sent_switches_the_channel_off():
    channel, notes = built(keys=("Schlüssel mit Leerzeichen",))
    assert not channel.is_enabled
    assert channel.keys == ()
    assert "channel_key" in notes


ACCOUNT = {
    "type": "service_account", "project_id": "shop-1", "client_email": "a@shop.example",
    "private_key": "-----BEGIN PRIVATE KEY-----\ninvented\n-----END PRIVATE KEY-----\n",
}  # fmt: skip


def new_api_row(**changes):
    values = {"id": 7, "name": "cloud", "type": 41, "models": "claude-sonnet-4-20250514,gemini-x",
              "group": "default", "status": 1, "weight": 0, "priority": 0}  # fmt: skip
    return read_row(empty_shop(), values | changes)


def documents(row, program="new-api"):
    """The channels of one row as a catalog file has them, and the notes."""
    shop = empty_shop()
    found = build_channels(shop, [row], PROGRAMS[program])
    return [channel_document(channel) for channel, _ in found], [n.detail for n in shop.notes]


def test_vertex_is_called_at_its_project_and_region_by_its_own_names():
    key = json.dumps(ACCOUNT, indent=2)
    (found,), notes = documents(new_api_row(key=key, other="us-east5"))
    assert found["provider"] == "vertex"
    at = "https://us-east5-aiplatform.googleapis.com/v1/projects/shop-1/locations/us-east5"
    assert found["base_url"] == at
    assert found["models"] == {
        "claude-sonnet-4-20250514": "claude-sonnet-4@20250514", "gemini-x": "gemini-x"
    }  # fmt: skip
    assert [json.loads(each) for each in found["api_key"]] == [ACCOUNT]
    assert notes == [f"Vertex AI is called at {at}: test it"]
    (found,), _ = documents(new_api_row(key=key))
    assert found["base_url"].startswith("https://aiplatform.googleapis.com/v1/projects/shop-1/")
    assert found["base_url"].endswith("/locations/global")


def test_a_region_for_each_model_and_several_projects_become_channels_of_their_own():
    other = '{"default": "global", "claude-sonnet-4-20250514": "us-east5"}'
    second = ACCOUNT | {"project_id": "shop-2"}
    row_ = new_api_row(key=json.dumps([ACCOUNT, second]), other=other, model_mapping='{"x": "y"}')
    found, notes = documents(row_)
    assert sum("maps what it does not offer: x" in note for note in notes) == 4
    places = {each["base_url"].split("/projects/")[1]: each["models"] for each in found}
    assert places == {
        f"{project}/locations/{region}": models
        for project in ("shop-1", "shop-2")
        for region, models in (
            ("us-east5", {"claude-sonnet-4-20250514": "claude-sonnet-4@20250514"}),
            ("global", {"gemini-x": "gemini-x"}),
        )
    }
    assert len({each["name"] for each in found}) == 4
    assert all(len(each["api_key"]) == 1 for each in found)


def test_vertex_by_a_plain_key_is_its_express_mode():
    row_ = new_api_row(key="AQ.invented", settings='{"vertex_key_type": "api_key"}')
    (found,), _ = documents(row_)
    assert found["provider"] in ("gemini", "vertex-express")
    assert found["base_url"] == "https://aiplatform.googleapis.com/v1/publishers/google"
    assert documents(new_api_row(key="AQ.invented"))[0] == []


def test_models_of_other_doors_of_a_cloud_are_listed():
    row_ = new_api_row(key=json.dumps(ACCOUNT), models="gemini-x,llama-3-405b,qwen3-maas")
    (found,), notes = documents(row_)
    assert found["models"] == {"gemini-x": "gemini-x"}
    assert sum("by a door that is not spoken to here" in note for note in notes) == 2


@pytest.mark.parametrize(
    ("region", "model", "wanted"),
    [
        ("us-east-1", "claude-sonnet-4-20250514", "us.anthropic.claude-sonnet-4-20250514-v1:0"),
        ("eu-west-1", "claude-opus-4-20250514", "anthropic.claude-opus-4-20250514-v1:0"),
        ("ap-south-1", "claude-opus-4-7", "apac.anthropic.claude-opus-4-7"),
        ("ca-central-1", "claude-opus-4-6", "anthropic.claude-opus-4-6-v1"),
        ("eu-west-1", "claude-opus-4-5-20251101", "eu.anthropic.claude-opus-4-5-20251101-v1:0"),
        ("eu-west-1", "claude-3-5-sonnet-20241022", "anthropic.claude-3-5-sonnet-20241022-v2:0"),
        ("us-east-1", "us.anthropic.claude-any-v9:0", "us.anthropic.claude-any-v9:0"),
    ],
)
def test_bedrock_is_called_by_its_key_at_its_region_by_its_own_names(region, model, wanted):
    row_ = new_api_row(type=33, key=f"ABSKinvented|{region}", models=f"{model},nova-lite-v1:0")
    (found,), notes = documents(row_)
    assert found["provider"] == "bedrock"
    assert found["base_url"] == f"https://bedrock-runtime.{region}.amazonaws.com/openai/v1"
    assert found["models"] == {model: wanted}
    assert found["speaks"] == ["anthropic_messages"]
    assert found["api_key"] == ["ABSKinvented"]
    assert any("nova-lite-v1:0" in note for note in notes)


@pytest.mark.parametrize(
    ("program", "type_", "key"),
    [
        ("new-api", 33, "AKIAinvented|secret|us-east-1"),
        ("one-api", 33, "AKIAinvented|secret|us-east-1"),
        ("one-hub", 32, "us-east-1|AKIAinvented|secret"),
    ],
)
def test_bedrock_by_aws_signature_is_told_what_to_do(program, type_, key):
    found, (note,) = documents(row(type=type_, keys=(key,)), program)
    assert found == []
    assert "make a Bedrock API key" in note
    assert "AKIA" not in note


def test_one_api_and_one_hub_say_the_project_beside_the_key():
    account = {name: value for name, value in ACCOUNT.items() if name != "project_id"}
    at = "https://europe-west1-aiplatform.googleapis.com/v1/projects/p-9/locations/europe-west1"
    for program in ("one-api", "one-hub"):
        (found,), _ = documents(
            row(type=42, keys=(json.dumps(account),), regions={"": "europe-west1"}, project="p-9"),
            program,
        )
        assert found["base_url"] == at
