"""The file of a backup: everything is in it, and nothing that was changed passes."""

import gzip
import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiyuan.store.backup.dump import dump
from yiyuan.store.backup.file import FORMAT, FORMAT_VERSION, BackupWriter, BadBackup, inspect, parts
from yiyuan.store.backup.restore_sqlite import load
from yiyuan.store.backup.tables import KNOWN, TABLES, discover, in_order
from yiyuan.store.schema import migrations
from yiyuan.store.sqlite.migrate import migrate

ACCOUNTS = 3_000
OLD_TABLES = ("accounts", "api_tokens", "budgets")
ABOUT = {"created_at": "2026-11-22T00:00:00.000Z"}


def nobody(*_):
    """Progress that nobody looks at."""


def database(path: Path, accounts: int = 0) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    migrate(connection)
    rows = [(f"acct_{n:05}", f"name {n} 一元 \"'{{", n, 0, 1, n, None, n) for n in range(accounts)]
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO accounts VALUES (?,?,?,?,?,?,?,?)", rows)
    connection.execute(
        """INSERT INTO channels
             (id, name, provider, base_url, timeout_seconds, headers, created_at)
           VALUES ('ch', 'c', 'openai', 'u', 1.5, '{"base64": "no bytes"}', 9223372036854775807)"""
    )
    connection.execute(
        """INSERT INTO channel_keys (id, channel_id, position, sealed, hint)
           VALUES ('k', 'ch', 0, x'00ff7b', '')"""
    )
    connection.execute("COMMIT")
    return connection


def save(connection: sqlite3.Connection, path: Path, secret_key: str | None = "c2VjcmV0") -> None:
    with BackupWriter(path) as writer:
        counts = dump(connection, writer, about=ABOUT, secret_key=secret_key, progress=nobody)
        writer.finish(counts)


def content(connection: sqlite3.Connection) -> dict[str, list[tuple]]:
    return {
        table.name: connection.execute(
            f"SELECT * FROM {table.name} ORDER BY {table.order}"
        ).fetchall()
        for table in TABLES
    }


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("backup")
    connection = database(folder / "from.db", ACCOUNTS)
    save(connection, folder / "backup.gz")
    connection.close()
    return folder / "backup.gz"


def test_every_table_and_column_of_the_schema_is_named_by_a_file_of_its_own(tmp_path):
    connection = database(tmp_path / "x.db")
    found = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    )
    assert sorted(row[0] for row in found) == sorted(table.name for table in KNOWN)
    for table in KNOWN:
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        missing = columns - set(table.row._fields)
        assert set(table.row._fields) <= columns, table.name
        assert not (missing and table.is_backed_up), table.name
    connection.close()


def test_a_table_comes_after_those_that_its_rows_refer_to(tmp_path):
    connection = database(tmp_path / "x.db")
    places = {table.name: place for place, table in enumerate(TABLES)}
    for table in KNOWN:
        rows = connection.execute(f"PRAGMA foreign_key_list({table.name})")
        others = {row[2] for row in rows}
        assert others <= set(table.after), table.name
        assert all(places[other] < places[table.name] for other in others)
    connection.close()


def test_a_file_with_a_table_is_all_that_a_backup_needs(tmp_path, monkeypatch):
    (tmp_path / "more_tables").mkdir()
    (tmp_path / "more_tables" / "__init__.py").write_text('"""Tables."""\n')
    (tmp_path / "more_tables" / "orders.py").write_text(
        "from typing import NamedTuple\n"
        "from yiyuan.store.sql import Table\n"
        "class OrderRow(NamedTuple):\n    id: str\n    account_id: str\n"
        "TABLES = (Table('orders', OrderRow, 'id', after=('meta',)),)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    found = in_order(discover(__import__("more_tables")))
    assert [(each.name, each.columns) for each in found] == [
        ("meta", ("key", "value")),
        ("orders", ("id", "account_id")),
    ]


def test_tables_that_wait_for_each_other_are_refused():
    one, other = (
        KNOWN[1]._replace(after=("b",), name="a"),
        KNOWN[1]._replace(after=("a",), name="b"),
    )
    with pytest.raises(RuntimeError, match="a, b"):
        in_order([one, other])


def test_what_is_loaded_is_what_was_saved(tmp_path, saved):
    contents = inspect(saved)
    assert contents.secret_key == "c2VjcmV0"
    assert contents.counts["accounts"] == ACCOUNTS
    (tmp_path / "to").mkdir()
    load(tmp_path / "to", saved, contents, nobody)
    connection = sqlite3.connect(tmp_path / "to/yiyuan.db")
    before = sqlite3.connect(saved.parent / "from.db")
    assert content(connection) == content(before)
    connection.close()
    before.close()


def test_the_same_rows_make_the_same_lines(tmp_path, saved):
    connection = sqlite3.connect(saved.parent / "from.db")
    save(connection, tmp_path / "again.gz")
    connection.close()
    assert gzip.decompress((tmp_path / "again.gz").read_bytes()) == gzip.decompress(
        saved.read_bytes()
    )


def test_it_is_the_owners_and_replaces_the_older_one(tmp_path):
    connection = database(tmp_path / "x.db")
    path = tmp_path / "backup.gz"
    path.write_text("an older one")
    save(connection, path, secret_key=None)
    connection.close()
    assert path.stat().st_mode & 0o777 == 0o600
    assert inspect(path).secret_key is None
    assert sorted(p.name for p in tmp_path.iterdir()) == ["backup.gz", "x.db"]


def test_one_that_fails_half_way_leaves_the_older_one(tmp_path):
    path = tmp_path / "backup.gz"
    path.write_text("an older one")
    with pytest.raises(ZeroDivisionError), BackupWriter(path) as writer:
        writer.line({"table": "accounts", "columns": ["id"]})
        raise ZeroDivisionError
    assert path.read_text() == "an older one"
    assert [p.name for p in tmp_path.iterdir()] == ["backup.gz"]


@settings(max_examples=60)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_that_was_cut_is_refused(saved, tmp_path_factory, share):
    data = saved.read_bytes()
    path = tmp_path_factory.getbasetemp() / "cut.gz"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(BadBackup):
        inspect(path)


@settings(max_examples=60)
@given(share=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_file_that_was_garbled_is_refused_or_the_same(saved, tmp_path_factory, share, flip):
    """A few bits of gzip's own head (a time, a system) mean nothing."""
    data = bytearray(saved.read_bytes())
    data[int(len(data) * share)] ^= flip
    path = tmp_path_factory.getbasetemp() / "garbled.gz"
    path.write_bytes(data)
    try:
        found = inspect(path)
    except BadBackup:
        return
    assert found == inspect(saved)
    assert list(parts(path, 1_000)) == list(parts(saved, 1_000))


def rewritten(saved: Path, to: Path, change) -> Path:
    lines = gzip.decompress(saved.read_bytes()).splitlines(keepends=True)
    to.write_bytes(gzip.compress(b"".join(change(lines))))
    return to


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:-1], "incomplete"),
        (lambda lines: [*lines[:100], *lines[101:]], "checksum"),
        (lambda lines: [*lines[:100], lines[101], lines[100], *lines[102:]], "checksum"),
        (lambda lines: [b'{"format":"other"}\n', *lines[1:]], "no backup of this program"),
        (
            lambda lines: [lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]],
            "its format is 2",
        ),
        (lambda lines: [*lines[:50], b"[1,\n", *lines[50:]], "checksum"),
        (lambda lines: [*lines[:50], b"nothing\n", *lines[50:]], "not understood"),
        (lambda lines: [*lines, b"[1]\n"], "not understood"),
    ],
)
def test_a_file_that_was_edited_is_refused(saved, tmp_path, change, message):
    with pytest.raises(BadBackup, match=message):
        inspect(rewritten(saved, tmp_path / "edited.gz", change))


@pytest.mark.parametrize(
    "data", [b"", b"plain text", gzip.compress(b"", mtime=0), gzip.compress(b"[]\n", mtime=0)]
)
def test_what_is_no_backup_is_refused(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(BadBackup):
        inspect(tmp_path / "x")


def test_a_newer_schema_is_refused_and_foreign_tables_too(tmp_path, saved):
    contents = inspect(saved)
    newer = contents._replace(header=contents.header | {"schema": 99})
    with pytest.raises(BadBackup, match="schema is 99"):
        load(folder(tmp_path / "a"), saved, newer, nobody)
    for table in (b"sqlite_master", b"nothing", b"accounts (id) VALUES (1); --"):
        name = json.dumps(table.decode()).encode()

        def rename(lines, name=name):
            return [line.replace(b'"accounts","c', name + b',"c') for line in lines]

        path = rewritten(saved, tmp_path / "t.gz", rename)
        with pytest.raises(BadBackup, match="not one of"):
            load(folder(tmp_path / table.hex()), path, contents, nobody)


@pytest.mark.parametrize("schema", [1, 3])
def test_a_backup_from_before_budgets_had_periods_is_restored(tmp_path, schema):
    """It holds the columns of its own time; opening what was restored migrates it."""
    old = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    migrate(old, through=schema)
    old.execute("INSERT INTO accounts VALUES ('acct', 'a', 0, 0, 0, 0, NULL, 0)")
    old.execute("INSERT INTO budgets VALUES ('tok', 'tok', 500, 70, 0)")
    old.execute(
        """INSERT INTO api_tokens (id, account_id, name, hash, hint, created_at)
           VALUES ('tok', 'acct', 'x', x'00ff', '', 0)"""
    )
    path = tmp_path / "backup.gz"
    written = {name: old.execute(f"SELECT * FROM {name}") for name in ("meta", *OLD_TABLES)}
    rows = {name: cursor.fetchall() for name, cursor in written.items()}
    counts = {name: len(found) for name, found in rows.items()}
    with BackupWriter(path) as writer:
        writer.line({"format": FORMAT, "version": FORMAT_VERSION, "schema": schema, "rows": counts})
        for name, cursor in written.items():
            writer.line({"table": name, "columns": [each[0] for each in cursor.description]})
            writer.rows(rows[name])
        writer.finish(counts)
    old.close()
    load(folder(tmp_path / "to"), path, inspect(path), nobody)
    restored = sqlite3.connect(tmp_path / "to/yiyuan.db", isolation_level=None)
    assert migrate(restored) == list(range(schema + 1, len(migrations()) + 1))
    query = "SELECT id, limit_micros, spent, held, period, model, counted_since FROM budgets"
    assert restored.execute(query).fetchall() == [("tok", 500, 70, 0, "total", None, 0)]
    assert restored.execute("SELECT id, disabled_at FROM api_tokens").fetchall() == [("tok", None)]
    restored.close()


def folder(path: Path) -> Path:
    path.mkdir()
    return path
