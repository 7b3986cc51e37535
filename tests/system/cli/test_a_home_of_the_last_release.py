"""A home that the last release made and used, and the backup that it wrote, go on here.

`release_0_1_0.backup` was written by that release on a home that had been used: the starter,
a second customer with a budget and a refund, codes, an owner, a management key, a catalog
with steps and hours. The home is built anew from it: the schema of that time from the
migrations up to the last one of that release, and the rows as they were.
"""

import asyncio
import contextlib
import json
import sqlite3
from pathlib import Path

import asyncpg
import pytest

from tests.support.gateway_process import ON_POSTGRES, Customer, Gateway
from tests.support.ledger.shops import ENGINES
from tests.system.console_api.person import Person
from yiyuan.store.backup.file import inspect, parts
from yiyuan.store.postgres import migrate as postgres_migrate
from yiyuan.store.postgres.placeholders import numbered
from yiyuan.store.sqlite import migrate

SAVED = Path(__file__).with_name("release_0_1_0.backup")
LAST_MIGRATION = 4
PASSWORD = "Correct-horse-9"
TOKEN = "sk-r5-jegsnFHQyN6dvGdUqk2jg0nhKZjh4HMqyPkvdn_o"
MANAGEMENT_KEY = "yk-gb4hgqEjjs7nNHD5II7jvkJVmIcmRWDyhkt9RgN6kag"
CODE, CODE_VALUE = "K8C1M-5S017-7KHWX-Q4801-HKYPEP", 100_000
BALANCES = {"alice": 5_989_190, "bob": 100, "own@example.com": 0, "starter": 9_992_074}
CHAT = {"model": "gpt-4", "messages": [{"role": "user", "content": "hello"}]}


def statements(engine):
    """What the rows of that home are written with."""
    for part in parts(SAVED, 1_000):
        kept = [
            place
            for place, name in enumerate(part.columns)
            if engine == "sqlite" or (part.table, name) != ("audit_log", "seq")  # it counts itself
        ]
        names = ", ".join(part.columns[place] for place in kept)
        places = ", ".join("?" * len(kept))
        update = " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
        sql = f"INSERT INTO {part.table} ({names}) VALUES ({places})"
        for row in part.rows:
            values = tuple(row[place] for place in kept)
            yield sql + (update if part.table == "meta" else ""), values


def into_sqlite(home):
    home.mkdir()
    with contextlib.closing(sqlite3.connect(home / "yiyuan.db", isolation_level=None)) as database:
        applied = migrate.migrate(database, through=LAST_MIGRATION)
        assert applied == list(range(1, LAST_MIGRATION + 1))
        database.execute("BEGIN")
        for sql, values in statements("sqlite"):
            database.execute(sql, values)
        database.execute("COMMIT")


async def into_postgres(url):
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        for _, script in postgres_migrate.migrations()[:LAST_MIGRATION]:
            await connection.execute(script)
        for sql, values in statements("postgres"):
            await connection.execute(numbered(sql), *values)
        await connection.execute("UPDATE epochs SET state = 'dead'")
    await connection.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_home_of_the_last_release_goes_on(engine, cli, tmp_path, request):
    if engine == "sqlite" and ON_POSTGRES:
        pytest.skip("this run is on PostgreSQL throughout")
    home = tmp_path / "home"
    variables = {"YIYUAN_SECRET_KEY": inspect(SAVED).secret_key}
    if engine == "sqlite":
        into_sqlite(home)
    else:
        variables["YIYUAN_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
        asyncio.run(into_postgres(variables["YIYUAN_DATABASE_URL"]))
    with Gateway(home, cli, **variables) as gateway:
        if engine == "postgres":
            assert gateway.cli("migrate")["applied"]
        gateway.start()
        goes_on(gateway)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_of_the_last_release_is_restored(engine, cli, tmp_path, request):
    variables = {}
    if engine == "postgres":
        variables["YIYUAN_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    with Gateway(tmp_path / "home", cli, **variables) as gateway:
        report = gateway.cli("restore", str(SAVED))
        assert (report["ok"], report["accounts"], report["entries"]) == (True, 4, 14)
        gateway.start()
        goes_on(gateway)


def goes_on(gateway):
    """Money, keys, people, codes and settings are what they were, and all of it works."""
    accounts = {each["name"]: each for each in gateway.cli("account", "list")["accounts"]}
    assert {name: each["balance"] for name, each in accounts.items()} == BALANCES
    assert accounts["bob"]["suspended"]
    gateway.verify()
    customer = Customer(gateway, accounts["alice"]["id"], "alice", TOKEN, "")
    answer = customer.post("/v1/chat/completions", CHAT)
    assert answer.status == 200, answer.body
    charge = answer.json()["usage"]["charge"]
    assert customer.show()["balance"] == BALANCES["alice"] - charge
    assert customer.get("/v1/key").json()["budget"]["spent"] == 9_810 + charge
    refused = customer.post("/v1/chat/completions", {**CHAT, "model": "gpt-3.5-turbo"})
    assert refused.error["code"] == "model_not_allowed"
    owner = Person(gateway)
    credentials = {"email": "own@example.com", "password": PASSWORD}
    owner.entered(owner.call("POST", "/api/session", credentials))
    redeemed = owner.call("POST", f"/api/accounts/{owner.account}/redeem", {"code": CODE})
    assert redeemed["account"]["balance"] == CODE_VALUE
    site = owner.call("GET", "/api/site")
    # It was open, which takes mail now: nobody comes in by an address that was never proven.
    assert (site["name"], site["sign_up"]) == ("Old shop", "closed")
    script = Person(gateway, bearer=MANAGEMENT_KEY)
    assert script.call("GET", "/api/operator/home")["checklist"]["has_request"]
    assert 'hours = [{ utc = "16:30-00:30"' in gateway.run("export").stdout
    actions = owner.call("GET", "/api/operator/audit?limit=200")["items"]
    assert {"account.credit", "catalog.apply"} <= {each["action"] for each in actions}
    gateway.verify()
    assert json.loads(gateway.run("usage", "alice", "--json").stdout)["total"]["requests"] == 5
    assert gateway.stop() == 0
