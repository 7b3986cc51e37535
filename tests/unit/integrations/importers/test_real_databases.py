"""Importers against the databases of real programs, and against what those charged."""

import pytest

from tests.support.old_gateways import SQLITE, old_gateway, read_shop
from yiyuan.integrations.importers.amounts import old_charge

pytestmark = pytest.mark.parametrize("label", SQLITE)


@pytest.fixture
def old(label):
    return old_gateway(label)


@pytest.fixture
async def shop(old):
    return await read_shop(str(old.database), old.answers)


def people_of(expected):
    gone = expected["deleted_user"]["name"]
    return [user for user in expected["users"] if user["username"] != gone]


async def test_every_living_user_is_read_with_name_money_and_password(old, shop):
    wanted = {
        (user["id"], user["username"], user["quota"], user["status"] != 1)
        for user in people_of(old.expected)
        if not user["username"].startswith("deleted_")
    }
    found = {
        (int(each.source_id), each.login_name, int(each.units), each.is_suspended)
        for each in shop.people
    }
    assert found == wanted
    assert all(each.password_hash.startswith("$2a$10$") for each in shop.people)


async def test_positive_and_negative_money_add_up_to_what_the_program_said(old, shop):
    """The deleted user's 777 is in the program's sum wherever its API still lists them."""
    sums = old.expected["sums"]
    gone = 0 if old.label in ("one-api", "one-hub") else 777
    positive = sum(int(each.units) for each in shop.people if each.units > 0)
    negative = sum(int(each.units) for each in shop.people if each.units < 0)
    assert positive + gone == sums["quota_positive"]
    assert negative == sums["quota_negative"]


async def test_every_key_is_read_as_the_program_shows_it_to_its_owner(old, shop):
    found = {token.key: token for token in shop.tokens}
    for row in old.expected["tokens"]:
        token = found.pop("sk-" + row["key"])
        if row["unlimited_quota"]:
            assert token.budget_units is None
        else:
            assert token.budget_units == max(row["remain_quota"], 0)
        if row["status"] == 2:
            assert token.is_disabled
    # Keys of suspended people cannot be listed by them; those of deleted ones are not here.
    owners = {each.source_id: each for each in shop.people}
    assert all(
        owners[token.owner].is_suspended or owners[token.owner].login_name == "invited"
        for token in found.values()
    )


async def test_every_probe_costs_what_the_program_charged(old, shop):
    """To one unit of quota: programs round in different ways."""
    prices = {model.name: model.price for model in shop.models}
    factors = {group.name: group.factor for group in shop.groups}
    assert old.expected["probes"]
    for row in old.expected["probes"]:
        special = f"{row['used_group']}@{row['user_group']}"
        factor = factors.get(special, factors[row["used_group"]])
        price = prices[row["asked_model"]]
        units = old_charge(
            price, factor, row["prompt_tokens"], row["completion_tokens"], shop.rounding
        )
        assert abs(units - row["quota"]) <= 1, row


async def test_every_charged_model_and_group_costs_the_same(old, shop):
    prices = {model.name: model.price for model in shop.models}
    factors = {group.name: group.factor for group in shop.groups}
    behind = {
        upstream: public for channel in shop.channels for public, upstream in channel.models.items()
    }
    for row in old.expected["charges"]:
        name = row["model"] if shop.program == "new-api" else behind[row["model"]]
        units = old_charge(
            prices[name],
            factors[row["group"]],
            row["prompt_tokens"],
            row["completion_tokens"],
            shop.rounding,
        )
        assert abs(units - row["quota"]) <= 1, row


async def test_unused_codes_come_along_and_the_others_are_counted(old, shop):
    codes = old.expected["codes"]
    lasting = set(codes.get("unused_expiring", ()))
    assert {code.code for code in shop.codes} == set(codes["unused"]) | lasting
    assert shop.counted.get("codes_expired", 0) == len(codes.get("expired", ()))
    assert shop.counted["codes_used"] == len(codes["used"])
    assert shop.counted["codes_disabled"] == len(codes["disabled"])


async def test_the_odd_channels_land_where_they_belong(old, shop):
    channels = {channel.name: channel for channel in shop.channels}
    first = channels["openai three keys"]
    wanted = ["sk-up-aaa1", "sk-up-bbb2", "sk-up-ccc3"]
    if old.label == "new-api-2026":
        wanted.remove("sk-up-bbb2")  # switched off there
    assert list(first.keys) == wanted
    assert first.base_url.endswith("/v1")
    assert channels["claude 官方"].provider == "anthropic"
    assert not channels["claude 官方"].base_url.endswith("/v1")
    assert channels["same name (14)" if old.label != "new-api-2026" else "same name (12)"]
    assert not channels["disabled one"].is_enabled
    assert not channels["status map"].is_enabled, "it would answer otherwise here"
    azure = channels["azure east"]
    assert azure.provider == "azure"
    assert azure.base_url == "https://invented.openai.azure.example?api-version=2024-06-01"
    assert all(name == up.replace(".", "") for up, name in azure.renames.items())
    assert bool(azure.renames) == (old.label != "new-api-2026" and "." in "".join(azure.models))
    assert channels["gemini"].provider == "gemini"
    assert "unknown type" not in channels
    assert not any(name.startswith("deleted") for name in channels)
    unsupported = {
        note.subject.split(" ", 2)[2] for note in shop.notes if note.kind == "channel_unsupported"
    }
    assert "unknown type" in unsupported


async def test_a_chain_of_names_is_followed_only_where_the_program_did(old, shop):
    chain = next(channel for channel in shop.channels if channel.name == "chain")
    wanted = "plain" if old.label == "new-api-2026" else "chain-b"
    assert chain.models["chain-a"] == wanted
    assert ("loop-a" in chain.models) == (old.label != "new-api-2026")


async def test_no_note_and_no_text_of_a_record_shows_a_key_or_a_hash(old, shop):
    secrets = {token["key"] for token in old.expected["tokens"]}
    secrets |= {key for channel in shop.channels for key in channel.keys}
    secrets |= {person.password_hash for person in shop.people}
    secrets |= {code.code for code in shop.codes}
    shown = repr(shop)
    assert not [secret for secret in secrets if secret in shown]


async def test_nobody_is_linked_by_a_name_that_can_change_hands(old, shop):
    kinds = {kind for person in shop.people for kind, _ in person.identities}
    assert kinds <= {"linux_do", "github", "oidc", "lark"}, "the last two only if named"
    if old.label != "one-hub":
        assert "github" not in kinds
