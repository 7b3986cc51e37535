"""A token in use is changed, disabled and rotated without its users noticing more than that."""

from ipaddress import ip_network

import pytest

from tests.unit.services.conftest import CATALOG
from tests.unit.services.test_api_tokens import found
from yiyuan.auth.api_token import BudgetKey
from yiyuan.kernel.clock import iso

HOUR_MS = 3_600_000


@pytest.fixture
async def holder(operator):
    await operator.apply(CATALOG)
    await operator("account.create", name="alice", balance=1000)
    return operator


@pytest.fixture
async def made(holder):
    return await holder(
        "token.create",
        name="x",
        account="alice",
        models=["gpt-4"],
        allow_ip=["10.0.0.0/8"],
        rpm=3,
        expires="2999-01-01",
        budget=10,
        budgets=[{"period": "day", "limit": 20}, {"period": "month", "model": "gpt-4", "limit": 0}],
    )


def places(document):
    return [(each["period"], each["model"], each["limit"]) for each in document["budgets"]]


async def test_several_budgets_reach_gateway_and_ledger(holder, made):
    api_token = await found(holder, made["key"])
    total, day, month = sorted(api_token.budgets)
    assert total == BudgetKey(made["id"], "total", None)
    assert day == BudgetKey(f"{made['id']}/day", "day", None)
    assert month == BudgetKey(f"{made['id']}/month/gpt-4", "month", "gpt-4")
    assert api_token.budgets_for("gpt-4") == (total, day, month)
    assert api_token.budgets_for("claude-2") == (total, day)
    view = await holder.context.ledger.budget(day.id)
    assert (view.limit_micros, view.period, view.available_micros) == (20, "day", 20)
    assert view.resets_at % (24 * HOUR_MS) == 0
    (listed,) = (await holder("token.list", account="alice"))["tokens"]
    assert places(listed) == [
        ("total", None, 10),
        ("day", None, 20),
        ("month", "gpt-4", 0),
    ]
    assert (listed["budget"], listed["spent"]) == (10, 0)
    assert listed["budgets"][1]["resets_at"] == iso(view.resets_at)


async def test_only_what_is_given_changes(holder, made):
    told = []

    async def reload():
        told.append((await found(holder, made["key"])).name)

    holder.context.reload = reload
    changed = await holder("token.set", id=made["id"], name="y", rpm=9, clamp_explicit=True)
    assert told == ["y"]
    assert (changed["name"], changed["rpm"], changed["clamp_explicit"]) == ("y", 9, True)
    api_token = await found(holder, made["key"])
    assert api_token.models == {"gpt-4"}
    assert api_token.networks == (ip_network("10.0.0.0/8"),)
    assert api_token.expires_at_ms == 32_472_144_000_000
    assert len(api_token.budgets) == 3
    changed = await holder(
        "token.set", id=made["id"], models=["gpt-4"], allow_ip=["::1"], expires="2998-01-01"
    )
    assert (changed["name"], changed["models"], changed["rpm"]) == ("y", ["gpt-4"], 9)
    api_token = await found(holder, made["key"])
    assert api_token.models == {"gpt-4"}
    assert api_token.networks == (ip_network("::1/128"),)


async def test_rules_and_budgets_are_lifted_by_name(holder, made):
    lifted = await holder(
        "token.set",
        id=made["id"],
        clear=["models", "allow_ip", "rpm", "expires"],
        budgets=[
            {"period": "total", "limit": None},
            {"period": "day", "limit": 7},
            {"period": "month", "model": "gpt-4", "limit": None},
            {"period": "month", "model": "gone", "limit": None},
        ],
    )
    assert [lifted[name] for name in ("models", "allow_ip", "rpm", "expires")] == [None] * 4
    assert places(lifted) == [("day", None, 7)]
    api_token = await found(holder, made["key"])
    assert api_token.models is api_token.networks is api_token.rpm is None
    assert [key.period for key in api_token.budgets] == ["day"]
    again = await holder("token.set", id=made["id"], budget=5)
    assert places(again) == [("total", None, 5), ("day", None, 7)]


@pytest.mark.parametrize(
    "parameters",
    [
        {"clear": ["name"]},
        {"clear": ["rpm"], "rpm": 4},
        {"name": " "},
        {"rpm": 0},
        {"expires": "2020-01-01"},
        {"budgets": [{"period": "week", "limit": 1}]},
        {"budgets": [{"period": "day"}]},
        {"budgets": [{"period": "day", "limit": -1}]},
        {"budgets": [{"period": "day", "limit": True}]},
        {"budgets": [{"period": "day", "limit": 1, "model": ""}]},
        {"budgets": [{"period": "day", "limit": 1, "more": 1}]},
        {"budgets": [{"period": "day", "limit": 1}, {"period": "day", "limit": 2}]},
        {"budget": 1, "budgets": [{"period": "total", "limit": 2}]},
        {"budgets": "day"},
    ],
)
async def test_what_is_wrong_changes_nothing(holder, made, parameters):
    before = (await holder("token.list", account="alice"))["tokens"]
    error = await holder.refused("token.set", id=made["id"], **parameters)
    assert error.code == "invalid_argument", error.message
    assert (await holder("token.list", account="alice"))["tokens"] == before


async def test_only_models_that_there_are_get_a_budget(holder, made):
    wrong = [{"period": "day", "model": "gpt-5", "limit": 1}]
    for command, parameters in (
        ("token.set", {"id": made["id"]}),
        ("token.create", {"name": "z", "account": "alice"}),
    ):
        assert (await holder.refused(command, budgets=wrong, **parameters)).code == "not_found"


async def test_an_account_changes_its_own_tokens_only(holder, made):
    await holder("account.create", name="bob")
    for command in ("token.set", "token.disable", "token.enable", "token.rotate", "token.revoke"):
        error = await holder.refused(command, id=made["id"], account="bob")
        assert error.code == "not_found"
    assert (await holder("token.disable", id=made["id"], account="alice"))["disabled"]


async def test_disabled_until_enabled(holder, made):
    first = await holder("token.disable", id=made["id"])
    assert (await holder("token.disable", id=made["id"]))["disabled"] == first["disabled"]
    api_token = await found(holder, made["key"])
    assert api_token.refusal(0, "sk-****").key == "key_disabled"
    assert (await holder("token.enable", id=made["id"]))["disabled"] is None
    assert (await found(holder, made["key"])).refusal(0, "sk-****") is None
    await holder("token.revoke", id=made["id"])
    for command in ("token.set", "token.disable", "token.enable"):
        assert (await holder.refused(command, id=made["id"])).code == "already_revoked"


@pytest.mark.parametrize(("overlap", "hours"), [("1h", 1), ("24h", 24), ("7d", 168)])
async def test_the_old_key_stays_good_for_the_overlap(holder, made, overlap, hours):
    await holder("token.set", id=made["id"], clear=["expires"])
    before = holder.context.clock.wall_ms()
    turned = await holder("token.rotate", id=made["id"], overlap=overlap)
    assert list(turned) == ["id", "key", "old_key_until"]
    old, new = await found(holder, made["key"]), await found(holder, turned["key"])
    assert (old.id, old.rpm, old.budgets) == (new.id, new.rpm, new.budgets)
    assert (new.id, new.expires_at_ms, new.revoked_at) == (made["id"], None, None)
    late = old.expires_at_ms - before - hours * HOUR_MS
    assert 0 <= late < 60_000
    assert iso(old.expires_at_ms) == turned["old_key_until"]
    assert old.refusal(old.expires_at_ms - 1, "sk-****") is None
    assert old.refusal(old.expires_at_ms, "sk-****").key == "key_expired"
    # What becomes of the token becomes of its old key.
    await holder("token.set", id=made["id"], rpm=77)
    await holder("token.disable", id=made["id"])
    old = await found(holder, made["key"])
    assert old.rpm == 77
    assert old.disabled_at is not None


async def test_an_overlap_is_no_longer_than_the_token(holder):
    soon = iso(holder.context.clock.wall_ms() + 2 * HOUR_MS)
    made = await holder("token.create", name="x", account="alice", expires=soon)
    turned = await holder("token.rotate", id=made["id"], overlap="24h")
    assert turned["old_key_until"] == soon


async def test_what_ends_the_old_key_sooner(holder, made):
    turned = await holder("token.rotate", id=made["id"], overlap="24h")
    old_row, *_ = [
        item
        for item in (await holder("token.list", account="alice"))["tokens"]
        if item["replaced_by"]
    ]
    for command in ("token.set", "token.rotate", "token.disable"):
        assert (await holder.refused(command, id=old_row["id"])).code == "replaced"
    await holder("token.revoke", id=old_row["id"])
    assert (await found(holder, made["key"])).revoked_at is not None
    assert (await found(holder, turned["key"])).revoked_at is None
    again = await holder("token.rotate", id=made["id"], overlap="7d")
    assert (await found(holder, turned["key"])).revoked_at is None
    await holder("token.revoke", id=made["id"])
    for key in (turned["key"], again["key"]):
        assert (await found(holder, key)).revoked_at is not None


async def test_a_rotation_without_overlap_ends_all_earlier_keys(holder, made):
    second = await holder("token.rotate", id=made["id"], overlap="7d")
    third = await holder("token.rotate", id=made["id"])
    assert list(third) == ["id", "key"]
    for key in (made["key"], second["key"]):
        assert (await found(holder, key)).revoked_at is not None
    assert (await found(holder, third["key"])).revoked_at is None
    error = await holder.refused("token.rotate", id=made["id"], overlap="2h")
    assert error.code == "invalid_argument"
