"""API tokens: shown once, found by their hash, revoked and rotated at once."""

from ipaddress import ip_network

import pytest

from tests.unit.services.conftest import CATALOG
from yiyuan.auth.api_token import hash_key
from yiyuan.services.tokens.tokens import find_api_token


@pytest.fixture
async def holder(operator):
    await operator.apply(CATALOG)
    await operator("account.create", name="alice", balance=1000)
    return operator


async def found(operator, key):
    return await find_api_token(
        operator.context.database, hash_key(operator.context.secrets.token_pepper, key)
    )


async def test_a_token_is_shown_once_and_found_by_its_key(holder):
    made = await holder("token.create", name="laptop", account="alice")
    assert list(made) == ["id", "name", "key"]
    assert made["key"].startswith("sk-")
    api_token = await found(holder, made["key"])
    assert (api_token.id, api_token.name) == (made["id"], "laptop")
    assert api_token.models is api_token.networks is api_token.rpm is None
    assert api_token.budgets == ()
    (listed,) = (await holder("token.list", account="alice"))["tokens"]
    assert made["key"] not in str(listed)
    assert listed["id"] == made["id"]
    assert await found(holder, "sk-other") is None


async def test_every_rule_reaches_the_gateway(holder):
    made = await holder(
        "token.create",
        name="ci",
        account="alice",
        models=["gpt-4"],
        budget=500,
        expires="2999-01-01",
        allow_ip=["10.0.0.0/8", "::1"],
        rpm=60,
        clamp_explicit=True,
    )
    api_token = await found(holder, made["key"])
    assert api_token.models == {"gpt-4"}
    assert api_token.networks == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    assert (api_token.rpm, api_token.clamp_explicit) == (60, True)
    assert api_token.budgets == ((made["id"], "total", None),)
    assert api_token.expires_at_ms == 32_472_144_000_000
    budget = await holder.context.ledger.budget(made["id"])
    assert (budget.limit_micros, budget.spent_micros) == (500, 0)
    (listed,) = (await holder("token.list", account="alice"))["tokens"]
    assert (listed["budget"], listed["spent"]) == (500, 0)
    assert listed["expires"] == "2999-01-01T00:00:00.000Z"
    assert listed["allow_ip"] == ["10.0.0.0/8", "::1/128"]


async def test_a_budget_of_zero_is_a_budget(holder):
    made = await holder("token.create", name="x", account="alice", budget=0)
    assert (await found(holder, made["key"])).budgets == ((made["id"], "total", None),)


async def test_names_need_not_be_unique(holder):
    one = await holder("token.create", name="same", account="alice")
    two = await holder("token.create", name="same", account="alice")
    assert one["id"] != two["id"]
    assert one["key"] != two["key"]


async def test_revoked_at_once_and_for_good(holder):
    made = await holder("token.create", name="x", account="alice")
    told = []

    async def reload():
        told.append((await found(holder, made["key"])).revoked_at is not None)

    holder.context.reload = reload
    answer = await holder("token.revoke", id=made["id"])
    assert answer["id"] == made["id"]
    assert answer["revoked"] is not None
    assert told == [True]
    assert (await holder("token.revoke", id=made["id"]))["revoked"] == answer["revoked"]
    error = await holder.refused("token.rotate", id=made["id"])
    assert error.code == "already_revoked"


async def test_rotation_keeps_the_token_and_ends_the_key(holder):
    made = await holder("token.create", name="x", account="alice", budget=10, rpm=3)
    turned = await holder("token.rotate", id=made["id"])
    assert list(turned) == ["id", "key"]
    assert turned["id"] == made["id"]
    new, old = await found(holder, turned["key"]), await found(holder, made["key"])
    assert (new.id, new.rpm, len(new.budgets), new.revoked_at) == (made["id"], 3, 1, None)
    assert old.revoked_at is not None
    listed = (await holder("token.list", account="alice"))["tokens"]
    assert [item["replaced_by"] for item in listed if item["revoked"]] == [made["id"]]
    third = await holder("token.rotate", id=made["id"])
    assert (await found(holder, turned["key"])).revoked_at is not None
    assert (await found(holder, third["key"])).revoked_at is None


async def test_a_key_from_elsewhere_is_taken_over_once(holder):
    key = "fk-0123456789-abcdefghij"
    made = await holder("token.create", name="moved", account="alice", key=key)
    assert made["key"] == key
    assert (await found(holder, key)).id == made["id"]
    error = await holder.refused("token.create", name="again", account="alice", key=key)
    assert error.code == "already_exists"
    assert key not in error.message
    await holder("token.revoke", id=made["id"])
    error = await holder.refused("token.create", name="again", account="alice", key=key)
    assert error.code == "already_exists"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"account": "nobody"}, "not_found"),
        ({"models": ["gpt-5"]}, "not_found"),
        ({"name": " "}, "invalid_argument"),
        ({"models": "gpt-4"}, "invalid_argument"),
        ({"budget": -1}, "invalid_argument"),
        ({"expires": "tomorrow"}, "invalid_argument"),
        ({"expires": "2020-01-01"}, "invalid_argument"),
        ({"expires": "0001-01-01"}, "invalid_argument"),
        ({"allow_ip": ["10.0.0.1/8"]}, "invalid_argument"),
        ({"allow_ip": ["here"]}, "invalid_argument"),
        ({"rpm": 0}, "invalid_argument"),
        ({"key": "too-short"}, "invalid_argument"),
        ({"key": "with a space in it, 20"}, "invalid_argument"),
        ({"key": "ключ-0123456789-0123456789"}, "invalid_argument"),
        ({"key": "x" * 257}, "invalid_argument"),
        ({"clamp_explicit": "yes"}, "invalid_argument"),
    ],
)
async def test_what_is_refused(holder, parameters, code):
    error = await holder.refused("token.create", **{"name": "x", "account": "alice", **parameters})
    assert error.code == code, error.message
    assert (await holder("token.list", account="alice"))["tokens"] == []


async def test_unknown_ids_are_not_printed_back(holder):
    for command in ("token.revoke", "token.rotate"):
        error = await holder.refused(command, id="sk-CANARY")
        assert error.code == "not_found"
        assert "CANARY" not in error.message
