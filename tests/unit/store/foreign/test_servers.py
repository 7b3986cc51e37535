"""The doors into PostgreSQL and MariaDB: the real dumps, and what can go wrong."""

import asyncio

import asyncpg
import pytest

from tests.support.mariadb_server import running_mariadb
from tests.support.old_gateways import load_postgres, old_gateway, read_shop
from tests.support.postgres_server import shared_server
from yiyuan.store.foreign.contract import ForeignError
from yiyuan.store.foreign.door import read_foreign


@pytest.fixture(scope="module")
def mariadb():
    with running_mariadb() as running:
        yield running


@pytest.fixture(scope="module")
def postgres_url():
    url = shared_server().new_database()
    load_postgres(url, old_gateway("new-api-2025-pg").dump)
    return url


@pytest.fixture(scope="module")
def mariadb_url(mariadb):
    return mariadb.load("newapi26", old_gateway("new-api-2026-mysql").dump)


@pytest.fixture(params=["new-api-2025-pg", "new-api-2026-mysql"])
def old_and_url(request):
    label = request.param
    url = request.getfixturevalue("postgres_url" if label.endswith("pg") else "mariadb_url")
    return old_gateway(label), url


async def test_the_shop_is_the_one_that_the_program_told(old_and_url):
    old, url = old_and_url
    shop = await read_shop(url, old.answers)
    gone = old.expected["deleted_user"]["name"]
    wanted = {
        (u["id"], u["username"], u["quota"]) for u in old.expected["users"] if u["username"] != gone
    }
    assert {(int(p.source_id), p.login_name, int(p.units)) for p in shop.people} == wanted
    keys = {each.key: each for each in shop.tokens}
    for row in old.expected["tokens"]:
        found = keys["sk-" + row["key"]]
        assert (found.budget_units is None) == row["unlimited_quota"]
    assert all(person.password_hash.startswith("$2a$") for person in shop.people)
    assert len(shop.channels) >= 10


async def test_only_the_chosen_tables_are_read(old_and_url):
    _, url = old_and_url
    reading = await read_foreign(url, lambda _: ["setups"])
    assert list(reading.tables) == ["setups"]
    assert "logs" in reading.schema


async def test_nothing_can_be_written_through_the_door_of_postgresql(postgres_url):
    connection = await asyncpg.connect(postgres_url)
    try:
        before = await connection.fetchval("SELECT count(*) FROM public.users")
        await read_foreign(postgres_url, lambda _: ["users"])
        assert await connection.fetchval("SELECT count(*) FROM public.users") == before
        assert (
            await connection.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"
            )
            == 0
        )
    finally:
        await connection.close()


async def test_what_is_read_is_of_one_moment(mariadb):
    url = mariadb.load("moments")
    mariadb.execute("moments", "CREATE TABLE users (id BIGINT) ENGINE=InnoDB")
    mariadb.execute("moments", "CREATE TABLE tokens (id BIGINT) ENGINE=InnoDB")

    def choose(_):
        mariadb.execute("moments", "INSERT INTO users VALUES (1)")
        mariadb.execute("moments", "INSERT INTO tokens VALUES (1)")
        return ["users", "tokens"]

    reading = await read_foreign(url, choose)
    assert reading.tables == {"users": [], "tokens": []}


async def test_a_user_without_rights_is_told_so_without_the_password(mariadb):
    mariadb.load("closed")
    url = mariadb.url("closed", "stranger", "hunter2")
    with pytest.raises(ForeignError) as failure:
        await read_foreign(url, lambda _: [])
    assert "hunter2" not in str(failure.value)
    assert "denied" in str(failure.value)


async def test_a_wrong_password_of_postgresql_is_told_without_it():
    with pytest.raises(ForeignError) as failure:
        await asyncio.wait_for(
            read_foreign("postgresql://nobody:hunter2@127.0.0.1:1/x", lambda _: []), 40
        )
    assert "hunter2" not in str(failure.value)
