"""PostgreSQL behind PgBouncer in transaction mode: everything works, nothing is left behind.

Few server connections are shared by many clients, so that one transaction after the
other of the same client lands in another session.
"""

import asyncio
import concurrent.futures
import json

import pytest

from tests.support.catalogs import main_catalog
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway
from tests.support.ledger.postgres import audit, open_postgres_book
from tests.support.ledger.sqlite import hold, open_account, settle
from tests.support.pgbouncer_process import NoPgBouncer, running_pgbouncer, through
from tests.support.postgres_server import NoPostgres, PostgresServer, query
from yiyuan.kernel.errors import Overloaded
from yiyuan.ledger.operations import Held
from yiyuan.store.postgres.database import PostgresDatabase

pytestmark = pytest.mark.timeout(400)  # a busy machine
KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


@pytest.fixture(scope="module")
def server():
    try:
        server = PostgresServer()
    except NoPostgres as reason:
        pytest.skip(str(reason))
    yield server
    server.close()


@pytest.fixture
def bouncer(server):
    """The port of a PgBouncer that shares three connections among all."""
    try:
        with running_pgbouncer(server, server_connections=3) as port:
            yield port
    except NoPgBouncer as reason:
        pytest.skip(str(reason))


async def test_it_is_found_without_being_told(server, bouncer):
    url = server.new_database()
    for address, expected in ((url, False), (through(bouncer, url), True)):
        database = await PostgresDatabase.open(address)
        assert database._is_pooled is expected
        await database.close()


async def test_many_ledgers_share_three_connections(server, bouncer):
    """Each transaction goes wherever there is room; every charge is there once."""
    url = server.new_database()
    pooled = through(bouncer, url)
    charged = []

    async def spend(number):
        async with open_postgres_book(pooled) as (ledger, database):
            for turn in range(25):
                names = [f"ex_{number}_{turn}_{at}" for at in range(4)]
                await asyncio.gather(*(one(ledger, name, turn) for name in names))
                # Reads between, outside of any transaction of the caller's.
                rows = await database.read("SELECT count(*) AS n FROM usage WHERE charge > ?", (0,))
                assert rows[0]["n"] >= len(names)

    async def one(ledger, name, turn):
        while True:
            try:
                assert isinstance(await ledger.hold(hold(name, amount=50)), Held)
                break
            except Overloaded:
                assert not ledger.is_failed
        await ledger.start(name, 10)
        charged.append((await ledger.settle(settle(name, 10, 1 + turn % 20))).charge_micros)

    async with open_postgres_book(pooled) as (ledger, _):
        await open_account(ledger, 1_000_000)
    await asyncio.gather(*(spend(number) for number in range(6)))
    assert len(charged) == 600
    assert query(url, "SELECT posted, held FROM accounts") == [(1_000_000 - sum(charged), 0)]
    assert (await audit(pooled))["problems"] == []
    left = await asyncio.gather(*(statements_left(pooled) for _ in range(8)))
    assert not any(left), "a prepared statement stayed in a shared session"


async def statements_left(url):
    """Prepared statements with a name in the session that this lands in."""
    database = await PostgresDatabase.open(url)
    try:
        rows = await database.read("SELECT count(*) FROM pg_prepared_statements WHERE name <> ''")
        await asyncio.sleep(0.05)
        return rows[0][0]
    finally:
        await database.close()


def test_two_gateways_and_the_commands(server, bouncer, upstream, cli, tmp_path):
    environment = {
        "YIYUAN_DATABASE_URL": through(bouncer, server.new_database()),
        "YIYUAN_SECRET_KEY": KEY,
    }
    with (
        Gateway(tmp_path / "one", cli, **environment) as one,
        Gateway(tmp_path / "two", cli, **environment) as two,
    ):
        one.apply(main_catalog(upstream))
        one.start()
        two.start()
        customer = one.customer(10**9)
        customers = [customer, type(customer)(two, customer.id, "", customer.key, "")]
        script = upstream.script({"input_tokens": 10, "output_tokens": 5})
        body = CHAT.body("gpt-4", script.mark, 5)

        def work(number):
            chosen = customers[number % 2]
            if number % 3:
                return chosen.post(CHAT.path, body).status
            with chosen.stream(CHAT.path, body) as stream:
                assert stream.status == 200
                assert CHAT.is_complete(list(stream.events()))
                return 200

        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            assert set(pool.map(work, range(120))) == {200}
        one.settle_down()
        usage = one.rows("SELECT count(*) AS n, sum(charge) AS charged FROM usage")[0]
        assert usage["n"] == 120
        assert customer.balance == 10**9 - usage["charged"]
        assert one.cli("ledger", "statement", customer.id)["closing"] == customer.balance
        checks = one.run("doctor", "--offline", "--json")
        assert all(check["ok"] is not False for check in json.loads(checks.stdout)["checks"])
        saved = tmp_path / "saved.gz"
        one.cli("backup", str(saved))
        assert one.stop() == 0
        assert two.stop() == 0
        elsewhere = through(bouncer, server.new_database())
        settings = environment | {"YIYUAN_DATABASE_URL": elsewhere}
        with Gateway(tmp_path / "three", cli, **settings) as three:
            three.cli("restore", str(saved))
            assert three.verify()["entries"] == 121
            assert three.cli("account", "show", customer.id)["balance"] == customer.balance
