"""A database of the first release, with everything in it, goes on under this one.

Its schema is made by the first migration alone, its rows by plain SQL as that release
wrote them; whatever migrations came later then run over them.
"""

import asyncio
import contextlib
import json
import sqlite3

import asyncpg
import pytest

from tests.support.gateway_process import ON_POSTGRES, Customer, Gateway
from tests.support.ledger.shops import ENGINES
from yiyuan.auth.api_token import hash_key, hint
from yiyuan.auth.secret_key import derive
from yiyuan.pricing.price import parse_price, to_json
from yiyuan.store.backup.file import FORMAT, FORMAT_VERSION, BackupWriter
from yiyuan.store.postgres import migrate as postgres_migrate
from yiyuan.store.postgres.placeholders import numbered
from yiyuan.store.schema import migrations
from yiyuan.store.sqlite import migrate

T0 = 1_700_000_000_000
KEY = "sk-" + "old-release-" + "k" * 20
SECRET = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
PRICE = parse_price({"input": "30", "output": "60"}, price_id="price_1", model="gpt-4")
OLD_TABLES = (
    *("meta", "epochs", "accounts", "prices", "models", "tiers", "channels", "channel_keys"),
    *("channel_models", "api_tokens", "budgets", "holds", "usage", "attempts", "entries"),
)
REQUESTS = 40
CHARGE = 30 * 100 + 60 * 10


class Rows:
    """The rows of a shop, in an order in which they can be inserted."""

    def __init__(self):
        self.statements = []

    def add(self, table, **values):
        places = ", ".join("?" * len(values))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})"
        self.statements.append((sql, tuple(values.values())))


def old_shop():
    """Two accounts with history of every kind, a token, a catalog, and two open holds."""
    rows, secrets = Rows(), derive(b"A" * 32)
    rows.add("meta", key="secret_key_fingerprint", value=secrets.fingerprint)
    rows.add("epochs", epoch=1, started_at=T0, ended_at=T0 + 1)
    rows.add("epochs", epoch=2, started_at=T0 + 2, ended_at=None)
    rows.add("prices", id=PRICE.id, model="gpt-4", document=to_json(PRICE), created_at=T0)
    rows.add("models", name="gpt-4", price_id=PRICE.id, rpm=500, max_output_tokens=4096)
    rows.add("tiers", min_balance=0, rate_ppm=1_000_000)
    rows.add("channels", id="ch_1", name="demo", provider="demo", base_url="", created_at=T0)
    rows.add("channel_models", channel_id="ch_1", model="gpt-4", upstream_model="demo")
    alice(rows, secrets)
    add_account(rows, "bob", [("grant", 500, "promo", None, "create:acct_bob")], held=0)
    return rows.statements


def alice(rows, secrets):
    entries = [
        ("grant", 1_000_000, "promo", None, "create:acct_alice"),
        ("topup", 9_000_000, "cash", None, "paid-1"),
        *(("charge", -CHARGE, "revenue", f"ex_{number:03}", None) for number in range(REQUESTS)),
        ("refund", CHARGE, "revenue", None, "refund:ex_007"),
        ("adjust", -50, "adjust", None, None),
    ]
    add_account(rows, "alice", entries, held=15_000)
    for number in range(REQUESTS):
        add_usage(rows, f"ex_{number:03}", CHARGE, "completed")
    add_usage(rows, "ex_free", 0, "failed")
    rows.add(
        "api_tokens",
        id="tok_1",
        account_id="acct_alice",
        name="old",
        hash=hash_key(secrets.token_pepper, KEY),
        hint=hint(KEY),
        created_at=T0,
    )
    spent = REQUESTS * CHARGE
    rows.add(
        "budgets", id="tok_1", api_token_id="tok_1", limit_micros=10**8, spent=spent, held=10_000
    )
    add_hold(rows, "ex_started", 10_000, started=1, budgets=["tok_1"])
    add_hold(rows, "ex_waiting", 5_000, started=0, budgets=[])


def add_account(rows, name, entries, held):
    account_id, balance = f"acct_{name}", 0
    posted = sum(amount for _, amount, *_ in entries)
    rows.add(
        "accounts",
        id=account_id,
        name=name,
        posted=posted,
        held=held,
        seq=len(entries),
        last_entry_at=T0 + len(entries),
        created_at=T0,
    )
    for seq, (kind, amount, contra, request_id, key) in enumerate(entries, 1):
        balance += amount
        rows.add(
            "entries",
            id=f"ent_{name}_{seq}",
            account_id=account_id,
            seq=seq,
            kind=kind,
            amount=amount,
            balance_after=balance,
            contra=contra,
            request_id=request_id,
            idem_key=key,
            actor="operator",
            memo="",
            at=T0 + seq,
        )


def add_usage(rows, request_id, charge, outcome):
    is_paid = charge > 0
    rows.add(
        "usage",
        request_id=request_id,
        account_id="acct_alice",
        api_token_id="tok_1",
        model="gpt-4",
        endpoint="chat",
        channel_id="ch_1",
        price_id=PRICE.id,
        price_factor_ppm=1_000_000,
        input_tokens=100 * is_paid,
        cached_input_tokens=0,
        cache_write_tokens=0,
        cache_write_1h_tokens=0,
        output_tokens=10 * is_paid,
        reasoning_tokens=0,
        source="upstream" if is_paid else "none",
        outcome=outcome,
        status=200 if is_paid else 502,
        charge=charge,
        hold_amount=10_000,
        shortfall=0,
        streamed=0,
        attempts=1,
        admitted_at=T0,
        ended_at=T0 + 1,
    )
    rows.add("attempts", request_id=request_id, n=1, channel_id="ch_1", outcome=outcome)


def add_hold(rows, request_id, amount, *, started, budgets):
    rows.add(
        "holds",
        request_id=request_id,
        account_id="acct_alice",
        api_token_id="tok_1",
        model="gpt-4",
        price_id=PRICE.id,
        price_factor_ppm=1_000_000,
        amount=amount,
        input_bound=100,
        output_bound=50,
        started=started,
        input_count=20 * started,
        progress_output=5 * started,
        budget_ids=json.dumps(budgets),
        epoch=2,
        opened_at=T0 + 50,
        deadline=T0 + 600_000,
    )


def into_sqlite(home):
    home.mkdir()
    with contextlib.closing(sqlite3.connect(home / "yiyuan.db", isolation_level=None)) as database:
        assert migrate.migrate(database, through=1) == [1]
        database.execute("BEGIN")
        for sql, values in old_shop():
            database.execute(sql, values)
        database.execute("COMMIT")


async def into_postgres(url):
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await connection.execute(postgres_migrate.migrations()[0][1])
        await connection.execute("INSERT INTO meta VALUES ('schema_version', '1')")
        for sql, values in old_shop():
            await connection.execute(numbered(sql), *values)
        await connection.execute(  # and the others have noticed that the second is gone
            "UPDATE epochs SET state = CASE WHEN epoch = 1 THEN 'retired' ELSE 'dead' END"
        )
    await connection.close()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_shop_of_the_first_release_goes_on(engine, cli, tmp_path, request):
    if engine == "sqlite" and ON_POSTGRES:
        pytest.skip("this run is on PostgreSQL throughout")
    home, variables = tmp_path / "home", {"YIYUAN_SECRET_KEY": SECRET}
    if engine == "sqlite":
        into_sqlite(home)
    else:
        url = request.getfixturevalue("postgres").new_database()
        variables["YIYUAN_DATABASE_URL"] = url
        asyncio.run(into_postgres(url))
    with Gateway(home, cli, **variables) as gateway:
        if engine == "postgres":
            refused = gateway.run("account", "list", "--json")
            assert (refused.code, json.loads(refused.stderr)["error"]["code"]) == (1, "schema")
        report = gateway.cli("migrate")
        numbers = [number for number, _ in migrations()]
        assert [item["number"] for item in report["applied"]] == numbers[1:]
        gateway.start()
        goes_on(gateway)
        assert gateway.stop() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_a_backup_of_the_first_release_is_restored(engine, cli, tmp_path, request):
    variables = {"YIYUAN_SECRET_KEY": SECRET}
    if engine == "postgres":
        variables["YIYUAN_DATABASE_URL"] = request.getfixturevalue("postgres").new_database()
    into_sqlite(tmp_path / "old")
    save_old(tmp_path / "old" / "yiyuan.db", tmp_path / "old.gz")
    with Gateway(tmp_path / "home", cli, **variables) as gateway:
        report = gateway.cli("restore", str(tmp_path / "old.gz"))
        assert (report["ok"], report["accounts"]) == (True, 2)
        assert report["holds"]["charged"] == 1
        assert gateway.cli("ledger", "verify", "--full")["ok"]
        assert not (gateway.home / "restore.tmp").exists()
        gateway.start()
        goes_on(gateway)
        assert gateway.stop() == 0


def save_old(database, path):
    """What the first release's `backup` wrote: its tables, with the columns of their time."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        found = {}
        for table in OLD_TABLES:
            cursor = connection.execute(f"SELECT * FROM {table}")
            found[table] = ([each[0] for each in cursor.description], cursor.fetchall())
    counts = {table: len(rows) for table, (_, rows) in found.items()}
    with BackupWriter(path) as writer:
        fingerprint = derive(b"A" * 32).fingerprint
        header = {"schema": 1, "fingerprint": fingerprint, "has_secret_key": False}
        writer.line({"format": FORMAT, "version": FORMAT_VERSION, **header, "rows": counts})
        for table, (columns, rows) in found.items():
            writer.line({"table": table, "columns": columns})
            writer.rows(rows)
        writer.finish(counts)


def goes_on(gateway):
    """Balances, history and token are what they were; what was open has been ended."""
    gateway.settle_down()
    recovered = 30 * 20 + 60 * 5
    left = 10_000_000 - REQUESTS * CHARGE + CHARGE - 50 - recovered
    balances = {
        each["name"]: each["balance"] for each in gateway.cli("account", "list")["accounts"]
    }
    assert balances == {"alice": left, "bob": 500}
    customer = Customer(gateway, "acct_alice", "alice", KEY, "tok_1")
    body = {"model": "gpt-4", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 20}
    answer = customer.post("/v1/chat/completions", body)
    assert answer.status == 200, answer.body
    charge = json.loads(answer.body)["usage"]["charge"]
    assert charge > 0
    assert customer.show()["balance"] == left - charge
    statement = gateway.cli("ledger", "statement", "alice")
    assert (statement["opening"], statement["closing"]) == (0, left - charge)
    total = gateway.cli("usage", "alice")["total"]
    assert total["charge"] == REQUESTS * CHARGE + recovered + charge
    gateway.cli("ledger", "refund", "ex_001", "--reason", "from before")
    assert gateway.cli("ledger", "expire")["requests"] > REQUESTS
    assert gateway.cli("usage", "alice")["total"] == total
    gateway.verify()
