"""Keys with their limits, and groups with their factors."""

from fractions import Fraction

import pytest

from yiyuan.integrations.importers.contract import Shop, Source
from yiyuan.integrations.importers.discovery import discover, recognise
from yiyuan.integrations.importers.shared.groups import Groups
from yiyuan.integrations.importers.shared.networks import networks_of

NOW = 1_800_000_000
USER = {"id": 1, "username": "ann", "password": "$2a$10$x", "role": 1, "status": 1, "quota": 9,
        "email": "", "group": "default", "deleted_at": None}  # fmt: skip
TOKEN = {"id": 5, "user_id": 1, "key": "k" * 48, "status": 1, "name": "t", "expired_time": -1,
         "remain_quota": 100, "unlimited_quota": 0, "model_limits_enabled": 0, "model_limits": "",
         "allow_ips": "", "group": "", "deleted_at": None}  # fmt: skip
NEW_API = {"setups": frozenset({"id"}), "tokens": frozenset(TOKEN),
           "channels": frozenset({"header_override"})}  # fmt: skip
GROUPS = '{"default": 1, "vip": 0.8, "svip": 0.5}'


def token_of(schema=NEW_API, user=USER, options=(), **changes):
    rows = [{"key": "GroupRatio", "value": GROUPS}, *options]
    shop = discover()["new-api"].read(
        Source(
            schema=schema,
            tables={"users": [user], "tokens": [TOKEN | changes], "options": rows},
            now=NOW,
        )
    )
    return (shop.tokens[0] if shop.tokens else None), {note.kind for note in shop.notes}, shop


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, {"budget_units": Fraction(100), "is_disabled": False, "expires_at": None}),
        ({"unlimited_quota": 1, "remain_quota": -70}, {"budget_units": None}),
        ({"remain_quota": -119_368}, {"budget_units": Fraction(0), "is_disabled": False}),
        ({"status": 4, "remain_quota": 3}, {"budget_units": Fraction(0), "is_disabled": False}),
        ({"status": 2}, {"is_disabled": True}),
        ({"status": 3}, {"is_disabled": True}),
        ({"expired_time": NOW - 1}, {"is_disabled": True, "expires_at": None}),
        ({"expired_time": 0}, {"is_disabled": True}),
        ({"expired_time": NOW + 9}, {"is_disabled": False, "expires_at": NOW + 9}),
        ({"model_limits": "a,b"}, {"models": None}),
        ({"model_limits_enabled": 1, "model_limits": ""}, {"models": ()}),
        ({"model_limits_enabled": 1, "model_limits": "a, b ,c"}, {"models": ("a", " b ", "c")}),
        ({"allow_ips": ""}, {"networks": None}),
        ({"allow_ips": "1.2.3.4,10.0.0.7/8\n"}, {"networks": ("1.2.3.4/32", "10.0.0.0/8")}),
        ({"allow_ips": "1.2.3.4\nnot-an-ip"}, {"networks": ("1.2.3.4/32",)}),
        ({"allow_ips": "not-an-ip"}, {"is_disabled": True, "networks": None}),
        ({"allow_ips": "\uff11\uff12\uff17.0.0.1"}, {"is_disabled": True}),
        ({"name": " \t "}, {"name": "token 5"}),
        ({"name": "tab\there"}, {"name": "tab here"}),
        ({"group": "svip"}, {"group": "svip"}),
        ({"group": "gone"}, {"is_disabled": True, "group": None}),
    ],
)
def test_a_key_is_never_wider_than_it_was(changes, wanted):
    token, _, _ = token_of(**changes)
    assert {name: getattr(token, name) for name in wanted} == wanted


def test_in_2025_networks_counted_for_nothing_beside_an_address():
    schema = NEW_API | {"channels": frozenset()}
    token, _, _ = token_of(schema, allow_ips="1.2.3.4\n10.0.0.0/8")
    assert token.networks == ("1.2.3.4/32",)
    token, notes, _ = token_of(schema, allow_ips="10.0.0.0/8")
    assert token.networks == ("10.0.0.0/8",)
    assert "token_addresses" in notes, "it was open to all there"


def test_keys_of_deleted_people_and_deleted_keys_stay_out():
    assert token_of(user=USER | {"deleted_at": "2026-01-01"})[0] is None
    assert token_of(deleted_at="2026-01-01")[0] is None


def test_one_api_reads_networks_only():
    assert networks_of(["1.2.3.4", "10.0.0.7/8"], cidr_only=True) == ("10.0.0.0/8",)
    assert networks_of(["1.2.3.4"], cidr_only=True) is None


def test_a_special_factor_is_a_group_of_its_own():
    option = {"key": "GroupGroupRatio", "value": '{"vip": {"svip": 0.45, "vip": 0.8}}'}
    token, _, shop = token_of(user=USER | {"group": "vip"}, options=[option], group="svip")
    assert token.group == "svip@vip"
    assert {group.name: group.factor for group in shop.groups}["svip@vip"] == Fraction("0.45")
    token, _, _ = token_of(user=USER | {"group": "vip"}, options=[option])
    assert token.group == "vip", "the same factor needs no group of its own"


def test_the_automatic_group_becomes_its_first_and_is_listed():
    shop = Shop(program="x", units_per_dollar=Fraction(1), rounding="up")
    groups = Groups({"default": Fraction(1), "vip": Fraction(1)}, {}, ("vip", "default"))
    assert groups.choose(shop, "default", "auto", "token 1") == "vip"
    assert [note.kind for note in shop.notes] == ["group_auto"]


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        (NEW_API, "new-api"),
        ({"tokens": frozenset({"subnet"})}, "one-api"),
        ({"prices": frozenset(), "user_groups": frozenset(), "tokens": frozenset({"setting"})},
         "one-hub"),
        ({"LiteLLM_VerificationToken": frozenset({"token"})}, "litellm"),
        ({"tokens": frozenset({"id"})}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_a_database_tells_whose_it_is(schema, kind):
    assert recognise(schema) == kind
