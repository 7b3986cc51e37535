"""The same moves with our side in PostgreSQL; and LiteLLM's database, which is one."""

import hashlib

import asyncpg
import pytest

from tests.support.new_api_shop import NewApiShop
from tests.support.postgres_server import NoPostgres, shared_server
from tests.unit.services.conftest import Operator
from yiyuan.auth.api_token import hash_key
from yiyuan.kernel.settings import load
from yiyuan.services.shared.opening import open_context
from yiyuan.services.tokens.old_keys import find_by_key

KEY, ROTATED, BLOCKED = "sk-litellm-key-0001", "sk-litellm-key-0000", "sk-litellm-key-0002"
LITELLM = """
CREATE TABLE "LiteLLM_VerificationToken" (token TEXT PRIMARY KEY, key_name TEXT, key_alias TEXT,
    spend FLOAT8 DEFAULT 0, expires TIMESTAMP, models TEXT[], user_id TEXT, team_id TEXT,
    blocked BOOLEAN, max_budget FLOAT8, budget_duration TEXT, budget_id TEXT, rpm_limit BIGINT,
    tpm_limit BIGINT, max_parallel_requests INT, allowed_routes TEXT[]);
CREATE TABLE "LiteLLM_DeprecatedVerificationToken" (id TEXT PRIMARY KEY, token TEXT,
    active_token_id TEXT, revoke_at TIMESTAMP);
CREATE TABLE "LiteLLM_TeamTable" (team_id TEXT PRIMARY KEY, team_alias TEXT, spend FLOAT8,
    max_budget FLOAT8, blocked BOOLEAN);
CREATE TABLE "LiteLLM_UserTable" (user_id TEXT PRIMARY KEY, user_alias TEXT, user_email TEXT,
    teams TEXT[], spend FLOAT8, max_budget FLOAT8);
CREATE TABLE "LiteLLM_ProxyModelTable" (model_id TEXT PRIMARY KEY, model_name TEXT,
    litellm_params JSONB, model_info JSONB, blocked BOOLEAN DEFAULT FALSE);
INSERT INTO "LiteLLM_TeamTable" VALUES ('t1', 'Research', 2.5, 10, FALSE);
INSERT INTO "LiteLLM_ProxyModelTable" VALUES ('m1', 'gpt', '{"model": "openai/gpt-4o",
    "api_key": "sk-up", "api_base": "http://127.0.0.1:9"}',
    '{"input_cost_per_token": 2.5e-06, "output_cost_per_token": 1e-05}');
"""


def sha(key):
    return hashlib.sha256(key.encode()).hexdigest()


@pytest.fixture
def server():
    try:
        return shared_server()
    except NoPostgres as error:
        pytest.skip(str(error))


@pytest.fixture
async def on_postgres(tmp_path, server):
    settings = load({"YIYUAN_DATABASE_URL": server.new_database()}, home=tmp_path / "home")
    async with open_context(settings) as context:
        yield Operator(context)


@pytest.fixture
async def litellm(server):
    url = server.new_database()
    connection = await asyncpg.connect(url)
    await connection.execute(LITELLM)
    insert = """INSERT INTO "LiteLLM_VerificationToken" (token, key_alias, team_id, blocked,
                max_budget, spend, models) VALUES ($1, $2, 't1', $3, $4, 1.25, '{}')"""
    await connection.execute(insert, sha(KEY), "laptop", False, 5.0)
    await connection.execute(insert, sha(BLOCKED), "blocked", True, None)
    await connection.execute(
        """INSERT INTO "LiteLLM_DeprecatedVerificationToken"
           VALUES ('d1', $1, $2, now() + interval '1 day')""",
        sha(ROTATED),
        sha(KEY),
    )
    await connection.close()
    return url


async def test_a_whole_move_into_postgresql(on_postgres, tmp_path):
    shop = NewApiShop(tmp_path / "old.db").add_usual()
    shop.add("redemptions", {"id": 1, "key": "a" * 32, "quota": 5})
    given = {"kind": "new-api", "place": str(shop.path), "name": "old", "rate": "7.3"}
    await on_postgres("import.take", **given)
    shop.change("UPDATE users SET quota = quota + 1 WHERE id = 2")
    await on_postgres("import.take", **given)
    checked = await on_postgres("import.check", name="old")
    assert checked["ok"], checked["equalities"]
    forgotten = await on_postgres("import.forget", name="old")
    assert forgotten["forgotten"] == 4
    await on_postgres("import.take", **given)
    assert (await on_postgres("import.check", name="old"))["ok"]
    assert (await on_postgres("import.open", name="old"))["opened"] == 4
    assert (await on_postgres("ledger.verify"))["ok"]


async def test_a_litellm_key_gets_our_hash_at_its_first_use(on_postgres, litellm):
    given = {"kind": "litellm", "place": litellm, "name": "old", "rate": "7.5"}
    report = await on_postgres("import.take", **given, balance="remaining")
    assert report["balance"]["micros"] == 56_250_000, "7.5 dollars at 7.5"
    checked = await on_postgres("import.check", name="old")
    assert checked["ok"], checked["equalities"]
    context = on_postgres.context
    pepper = context.secrets.token_pepper

    async def find(key):
        return await find_by_key(context, hash_key(pepper, key), key)

    account = await on_postgres("account.show", name="Research")
    found = await find(KEY)
    assert found.account_id == account["id"]
    left = await context.database.read("SELECT count(*) FROM legacy_keys", ())
    assert left[0][0] == 2, "the row of the old hash is gone"
    assert (await find(KEY)).id == found.id, "now by our own hash"
    assert (await find(ROTATED)).id == found.id, "a rotated key is the same key until its end"
    assert (await find(BLOCKED)).disabled_at is not None
    assert await find("sk-a-stranger-0000000") is None
    assert (await on_postgres("import.check", name="old"))["ok"], "also after its first use"
    tokens = (await on_postgres("token.list", account="Research"))["tokens"]
    budgets = {each["name"]: each["budget"] for each in tokens}
    assert budgets["laptop"] == 28_125_000, "3.75 dollars at 7.5"
