"""Migrations run once, whole or not at all, and never backward."""

import sqlite3

import pytest

from yiyuan.store.schema import SchemaError, migrations, reason, schema_version
from yiyuan.store.sqlite.database import SqliteDatabase
from yiyuan.store.sqlite.migrate import migrate


@pytest.fixture
def connection(tmp_path):
    connection = sqlite3.connect(tmp_path / "yiyuan.db", isolation_level=None)
    yield connection
    connection.close()


def test_every_migration_says_why():
    for _, script in migrations():
        assert script.startswith("-- Why: ")


def test_an_empty_database_gets_every_migration_once(connection):
    assert schema_version(connection) == 0
    assert migrate(connection) == [number for number, _ in migrations()]
    assert migrate(connection) == []
    assert schema_version(connection) == len(migrations())


def test_a_migration_that_was_interrupted_is_repeated(connection):
    # As a process that is killed half-way leaves it: the transaction is rolled back.
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    connection.execute("ROLLBACK")
    assert migrate(connection) == [number for number, _ in migrations()]


def test_a_failing_migration_leaves_nothing(connection):
    connection.execute("CREATE TABLE usage (x)")
    with pytest.raises(sqlite3.Error, match="usage"):
        migrate(connection)
    assert schema_version(connection) == 0
    assert not connection.in_transaction
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    assert tables.fetchall() == [("usage",)]


async def test_a_newer_database_is_refused(tmp_path, connection):
    migrate(connection)
    connection.execute("UPDATE meta SET value = '999' WHERE key = 'schema_version'")
    with pytest.raises(SchemaError, match="schema 999"):
        await SqliteDatabase.open(tmp_path)


@pytest.mark.parametrize("synchronous", ["FULL", "NORMAL"])
async def test_the_writer_uses_a_write_ahead_log(tmp_path, synchronous):
    database = await SqliteDatabase.open(tmp_path, synchronous=synchronous)
    connection = database._writer._connection
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (
        2 if synchronous == "FULL" else 1,
    )
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
    await database.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET memo = 'x'",
        "DELETE FROM entries",
        "UPDATE prices SET document = '{}'",
        "DELETE FROM prices",
        "INSERT INTO accounts VALUES ('a', 'a', -1, 0, 0, 0, NULL, 0)",
        "INSERT INTO accounts VALUES ('a', 'a', 5, 6, 0, 0, NULL, 0)",
        "INSERT INTO accounts VALUES ('a', 'a', 5.5, 0, 0, 0, NULL, 0)",
        "INSERT INTO accounts VALUES ('b', 'name', 0, 0, 0, 0, NULL, 0)",
        "INSERT INTO entries VALUES ('e2','acct',1,'grant',5,5,'promo',NULL,NULL,'','',0)",
        "INSERT INTO entries VALUES ('e2','acct',2,'gift',5,5,'promo',NULL,NULL,'','',0)",
        "INSERT INTO entries VALUES ('e2','acct',2,'grant',5,5,'moon',NULL,NULL,'','',0)",
        "INSERT INTO entries VALUES ('e2','acct',2,'grant',0,5,'promo',NULL,NULL,'','',0)",
        "INSERT INTO entries VALUES ('e2','acct',2,'grant',5,-5,'promo',NULL,NULL,'','',0)",
        "INSERT INTO entries VALUES ('e2','acct',2,'grant',5,5,'promo','ex',NULL,'','',0)",
        "INSERT INTO entries VALUES ('e2','acct',2,'charge',-5,5,'revenue',NULL,NULL,'','',0)",
        "INSERT INTO entries VALUES ('e2','acct',2,'grant',5,5,'promo',NULL,'key','','',0)",
        "INSERT INTO entries VALUES ('e2','acct',2,'charge',-5,5,'revenue','ex_1',NULL,'','',0)",
    ],
)
def test_the_schema_itself_refuses_what_may_not_be(connection, statement):
    migrate(connection)
    connection.executescript(
        """INSERT INTO accounts VALUES ('acct', 'name', 10, 0, 1, 0, NULL, 0);
           INSERT INTO prices VALUES ('p', 'm', '{}', 0);
           INSERT INTO entries VALUES
             ('e1', 'acct', 1, 'grant', 5, 5, 'promo', NULL, 'key', '', '', 0),
             ('e9', 'acct', 9, 'charge', -5, 5, 'revenue', 'ex_1', NULL, '', '', 0);"""
    )
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)


LATER = """-- Why: accounts may have a note. More to read.
ALTER TABLE accounts ADD COLUMN note TEXT;
UPDATE accounts SET note = 'from before: ' || name;
"""


def test_an_older_database_keeps_its_rows(connection):
    known = migrations()
    migrate(connection)
    connection.execute("INSERT INTO accounts VALUES ('acct', 'alice', 10, 0, 1, 0, NULL, 0)")
    later = [*known, (len(known) + 1, LATER)]
    assert migrate(connection, known=later) == [len(known) + 1]
    assert migrate(connection, known=later) == []
    assert schema_version(connection) == len(known) + 1
    assert connection.execute("SELECT posted, note FROM accounts").fetchall() == [
        (10, "from before: alice")
    ]


def test_a_later_migration_that_fails_leaves_the_older_schema(connection):
    known = migrations()
    migrate(connection)
    broken = LATER + "INSERT INTO nothing VALUES (1);"
    with pytest.raises(sqlite3.Error, match="nothing"):
        migrate(connection, known=[*known, (len(known) + 1, broken)])
    assert schema_version(connection) == len(known)
    assert "note" not in {row[1] for row in connection.execute("PRAGMA table_info(accounts)")}


def test_it_stops_where_it_is_told_to(connection):
    known = [*migrations(), (len(migrations()) + 1, LATER)]
    assert migrate(connection, known=known, through=1) == [1]
    assert schema_version(connection) == 1


def test_the_reason_is_the_first_sentence():
    assert reason(LATER) == "accounts may have a note"
    assert all(reason(script) for _, script in migrations())


def test_budgets_of_the_first_release_are_those_in_total(connection):
    """What was refunded before budgets got it back, they get back now."""
    migrate(connection, through=1)
    connection.executescript(
        """
        INSERT INTO budgets VALUES ('tok_a', 'tok_a', 500, 70, 30);
        INSERT INTO budgets VALUES ('tok_b', 'tok_b', 0, 10, 0);
        INSERT INTO budgets VALUES ('tok_c', 'tok_c', NULL, 5, 0);
        """
    )
    entry = "INSERT INTO entries VALUES (?, 'acct', ?, ?, ?, 100, 'revenue', ?, ?, '', '', 0)"
    usage = f"INSERT INTO usage VALUES ({', '.join('?' * 30)})"
    for n, (token, charge, is_refunded) in enumerate(
        [("tok_a", 40, True), ("tok_a", 25, True), ("tok_a", 5, False), ("tok_b", 99, True)]
    ):
        row = [f"ex_{n}", "acct", token, "m", "chat", *[None] * 2, "p", 1, *[0] * 6, "none", "x"]
        row += [200, charge, charge, 0, None, 0, None, None, 0, None, None, 0, 0]
        connection.execute(usage, row)
        connection.execute(entry, (f"e{n}", 2 * n + 1, "charge", -charge, f"ex_{n}", None))
        if is_refunded:
            refund = (f"r{n}", 2 * n + 2, "refund", charge, None, f"refund:ex_{n}")
            connection.execute(entry, refund)
    assert migrate(connection) == list(range(2, len(migrations()) + 1))
    query = "SELECT id, limit_micros, spent, held, period, model, counted_since FROM budgets"
    assert sorted(connection.execute(query)) == [
        ("tok_a", 500, 5, 30, "total", None, 0),
        ("tok_b", 0, 0, 0, "total", None, 0),
        ("tok_c", None, 5, 0, "total", None, 0),
    ]
