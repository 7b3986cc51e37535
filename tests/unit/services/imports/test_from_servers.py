"""Whole moves from the real dumps, as they lie in PostgreSQL and in MariaDB."""

import asyncio

import pytest

from tests.support.mariadb_server import running_mariadb
from tests.support.old_gateways import load_postgres, old_gateway
from tests.support.postgres_server import NoPostgres, shared_server


@pytest.fixture(scope="module")
def mariadb():
    with running_mariadb() as running:
        yield running


async def take_check_open(operator, old, url):
    answers = {name: path.read_text() for name, path in old.answers.items()}
    given = {"kind": old.kind, "place": url, "name": "old", "rate": "7.5", "answers": answers}
    report = await operator("import.take", **given)
    checked = await operator("import.check", name="old")
    assert checked["ok"], checked["equalities"]
    again = await operator("import.take", **given)
    assert again["catalog"]["created"] == again["catalog"]["changed"] == []
    opened = await operator("import.open", name="old")
    living = [
        user
        for user in old.expected["users"]
        if user["username"] != old.expected["deleted_user"]["name"]
    ]
    assert report["people"] == len(living)
    assert opened["opened"] == len(living) - sum(user["status"] == 2 for user in living)
    here = {a["name"]: a["balance"] for a in (await operator("account.list"))["accounts"]}
    for user in living:
        quota = 0 if user["role"] == 100 else max(user["quota"], 0)
        assert here[" ".join(user["username"].split())] == quota * 15, user["username"]


async def test_from_postgresql(operator):
    try:
        url = shared_server().new_database()
    except NoPostgres as error:
        pytest.skip(str(error))
    old = old_gateway("new-api-2025-pg")
    await asyncio.to_thread(load_postgres, url, old.dump)
    await take_check_open(operator, old, url)


async def test_from_mariadb(operator, mariadb):
    old = old_gateway("new-api-2026-mysql")
    url = await asyncio.to_thread(mariadb.load, "newapi26", old.dump)
    await take_check_open(operator, old, url)
