"""LiteLLM's rows: holders, keys by hash, budgets, rotated keys, encrypted values."""

import base64
import hashlib
import os
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from yiyuan.integrations.importers.contract import Source
from yiyuan.integrations.importers.discovery import discover
from yiyuan.integrations.importers.litellm.sealed import CannotOpen, open_value

NOW = 1_800_000_000
PAST, FUTURE = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
SALT = "sk-invented-salt"
KEY = {"token": "ab" * 32, "key_name": "sk-...abcd", "key_alias": "laptop", "spend": 1.25,
       "expires": None, "models": [], "user_id": None, "team_id": "t1", "blocked": None,
       "max_budget": None, "budget_duration": None, "budget_id": None, "rpm_limit": None,
       "tpm_limit": None}  # fmt: skip
TEAM = {"team_id": "t1", "team_alias": "Research", "spend": 2.5, "max_budget": 10.0,
        "blocked": False}  # fmt: skip
SCHEMA = {"LiteLLM_VerificationToken": frozenset({"token"})}


def seal(text, version):
    if version == "v2":
        key = hashlib.sha256(SALT.encode()).digest()
    else:
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"litellm-at-rest-v3")
        key = derive.derive(SALT.encode())
    nonce = os.urandom(12)
    sealed = nonce + AESGCM(key).encrypt(nonce, text.encode(), None)
    return f"{version}:gcm:" + base64.urlsafe_b64encode(sealed).decode()


def shop_of(keys=(KEY,), teams=(TEAM,), users=(), models=(), rotated=(), budgets=(), **options):
    tables = {
        "LiteLLM_VerificationToken": list(keys),
        "LiteLLM_TeamTable": list(teams),
        "LiteLLM_UserTable": list(users),
        "LiteLLM_ProxyModelTable": list(models),
        "LiteLLM_DeprecatedVerificationToken": list(rotated),
        "LiteLLM_BudgetTable": list(budgets),
    }
    return discover()["litellm"].read(
        Source(schema=SCHEMA, tables=tables, now=NOW, options=options)
    )


def test_a_key_belongs_to_its_team_and_is_known_by_its_hash():
    shop = shop_of()
    (holder,) = shop.people
    (token,) = shop.tokens
    assert (holder.login_name, holder.units) == ("Research", 0)
    assert (token.owner, token.sha256, token.key) == (holder.source_id, "ab" * 32, None)


def test_what_is_left_of_a_budget_becomes_a_balance_only_when_asked_for():
    assert shop_of(balance="remaining").people[0].units == Fraction("7.5")
    assert any(note.kind == "budget" for note in shop_of().notes)


def test_a_key_without_a_holder_has_an_account_of_its_own():
    shop = shop_of(keys=[KEY | {"team_id": None}], teams=[])
    assert shop.people[0].source_id == shop.tokens[0].owner


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"max_budget": 5.0}, {"budget_units": Fraction("3.75")}),
        ({"max_budget": 1.0}, {"budget_units": Fraction(0)}),
        ({"max_budget": 5.0, "budget_duration": "24h"}, {"period_budgets": (("day", 5),)}),
        ({"max_budget": 5.0, "budget_duration": "30d"}, {"period_budgets": (("month", 5),)}),
        ({"max_budget": 5.0, "budget_duration": "7d"}, {"is_disabled": True}),
        ({"blocked": True}, {"is_disabled": True}),
        ({"expires": PAST}, {"is_disabled": True}),
        ({"expires": FUTURE}, {"expires_at": 2_208_988_800}),
        ({"models": ["a", "b"]}, {"models": ("a", "b")}),
        ({"models": ["all-proxy-models"]}, {"models": None}),
        ({"models": ["no-default-models"]}, {"models": ()}),
        ({"rpm_limit": 12}, {"rpm": 12}),
        ({"budget_id": "b1"}, {"budget_units": Fraction("0.75")}),
    ],
)
def test_limits_of_a_key(changes, wanted):
    token = shop_of(keys=[KEY | changes], budgets=[{"budget_id": "b1", "max_budget": 2.0}]).tokens[
        0
    ]
    assert {name: getattr(token, name) for name in wanted} == wanted


def test_a_rotated_key_works_until_its_end_and_names_its_successor():
    rotated = [
        {
            "token": "cd" * 32,
            "active_token_id": "ab" * 32,
            "revoke_at": FUTURE,
        },
        {
            "token": "ef" * 32,
            "active_token_id": "ab" * 32,
            "revoke_at": PAST,
        },
    ]
    first, earlier = shop_of(rotated=rotated).tokens
    assert earlier.earlier_of == first.source_id
    assert earlier.sha256 == "cd" * 32
    assert earlier.expires_at == 2_208_988_800


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_model_with_an_encrypted_key(version):
    model = {
        "model_id": "0123456789", "model_name": "gpt", "blocked": False,
        "litellm_params": {
            "model": seal("openai/gpt-4o", version), "api_key": seal("sk-up", version),
            "api_base": seal("http://127.0.0.1:9", version),
        },
        "model_info": {"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05},
    }  # fmt: skip
    shop = shop_of(models=[model], salt_key=SALT)
    (channel,) = shop.channels
    assert (channel.keys, channel.base_url) == (("sk-up",), "http://127.0.0.1:9/v1")
    assert channel.models == {"gpt": "gpt-4o"}
    assert shop.models[0].price.input == Fraction("0.0000025")
    assert shop.micros_per_unit(Fraction("7.5")) * shop.models[0].price.input == Fraction("18.75")
    assert "sk-up" not in repr(shop)


ACCOUNT = '{"project_id": "p-1", "client_email": "a@shop.example", "private_key": "invented"}'


@pytest.mark.parametrize(
    ("parameters", "provider", "address", "models"),
    [
        ({"model": "vertex_ai/gemini-x", "vertex_credentials": ACCOUNT}, "vertex",
         "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global",
         {"gpt": "gemini-x"}),
        ({"model": "vertex_ai/claude-y@20250514", "vertex_credentials": ACCOUNT,
          "vertex_project": "p-2", "vertex_location": "us-east5"}, "vertex",
         "https://us-east5-aiplatform.googleapis.com/v1/projects/p-2/locations/us-east5",
         {"gpt": "claude-y@20250514"}),
        ({"model": "bedrock/converse/us.anthropic.claude-z-v1:0", "api_key": "ABSKinvented",
          "aws_region_name": "us-east-1"}, "bedrock",
         "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1",
         {"gpt": "us.anthropic.claude-z-v1:0"}),
    ],
)  # fmt: skip
def test_a_model_in_a_cloud(parameters, provider, address, models):
    price = {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06}
    model = {"model_id": "0123456789", "model_name": "gpt", "litellm_params": parameters,
             "model_info": price}  # fmt: skip
    shop = shop_of(models=[model])
    (channel,) = shop.channels
    assert (channel.provider, channel.base_url, channel.models) == (provider, address, models)
    assert channel.keys
    assert not [note for note in shop.notes if note.kind == "channel_setting"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"model": "bedrock/us.anthropic.claude-z", "aws_access_key_id": "AKIAinvented"},
        {"model": "bedrock/amazon.nova-lite-v1:0", "api_key": "k", "aws_region_name": "us-east-1"},
        {"model": "vertex_ai/gemini-x", "vertex_credentials": "/etc/account.json"},
    ],
)
def test_a_cloud_without_what_it_needs_is_listed(parameters):
    model = {"model_id": "0123456789", "model_name": "gpt", "litellm_params": parameters}
    shop = shop_of(models=[model])
    assert shop.channels == []
    assert "channel_unsupported" in {note.kind for note in shop.notes}


def test_what_does_not_open_is_told_and_what_to_do():
    with pytest.raises(CannotOpen, match="salt key"):
        open_value(seal("x", "v3"), None)
    with pytest.raises(CannotOpen, match="does not open"):
        open_value(seal("x", "v3"), "another")
    old = base64.urlsafe_b64encode(bytes(range(128, 200))).decode()
    with pytest.raises(CannotOpen, match="re-encryption"):
        open_value(old, SALT)
    assert open_value("gpt-4o", None) == "gpt-4o"
