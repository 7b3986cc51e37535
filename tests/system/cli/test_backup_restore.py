"""Backup under load, restore elsewhere: the same money, the same tokens, or nothing at all."""

import gzip
import hashlib
import json
import os
import signal
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.catalogs import main_catalog
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway, running_gateway
from tests.support.waiting import wait_for
from yiyuan.store.schema import migrations, reason

CLIENTS = 6


@contextmanager
def load(customers) -> Iterator[list[int]]:
    """Requests, one after another per customer, until the block ends; the statuses so far."""
    done = threading.Event()
    statuses: list[int] = []

    def work(customer) -> None:
        while not done.is_set():
            statuses.append(customer.post(CHAT.path, CHAT.body("gpt-4", "Hi")).status)

    threads = [threading.Thread(target=work, args=(customer,)) for customer in customers]
    for thread in threads:
        thread.start()
    try:
        yield statuses
    finally:
        done.set()
        for thread in threads:
            thread.join()


def entries(gateway: Gateway) -> dict[str, tuple]:
    rows = gateway.rows("SELECT * FROM entries")
    return {row["id"]: tuple(row.values()) for row in rows}


def variables(engine, request) -> dict[str, str]:
    """What makes a gateway use an engine; each time a new database."""
    if engine == "sqlite":
        return {}
    return {"YIYUAN_DATABASE_URL": request.getfixturevalue("postgres").new_database()}


@pytest.mark.parametrize(
    ("engine", "other"), [("sqlite", "sqlite"), ("sqlite", "postgres"), ("postgres", "sqlite")]
)
def test_a_backup_under_load_is_one_moment_and_works_elsewhere(
    engine, other, upstream, cli, tmp_path, request
):
    elsewhere = Gateway(tmp_path / "elsewhere", cli, **variables(other, request))
    environment = variables(engine, request)
    with (
        running_gateway(tmp_path / "home", cli, main_catalog(upstream), **environment) as served,
        elsewhere as restored,
    ):
        save_under_load(served, restored, upstream, tmp_path / "backup.gz")


def save_under_load(served, restored, upstream, file):
    customers = [served.customer() for _ in range(CLIENTS)]
    slow = upstream.script({"output_tokens": 400, "delay_chunk": 0.01})
    stream = customers[0].stream(CHAT.path, CHAT.body("gpt-4", slow.mark, 400), timeout=30)
    with stream, load(customers) as statuses:
        events = stream.events()
        for _ in range(80):
            next(events)  # a second and more than the first window, so that it is on the disk
        made = served.cli("backup", str(file))
        wait_for(lambda: len(statuses) > 50, what="requests after the backup")
    assert set(statuses) == {200}
    assert file.stat().st_mode & 0o777 == 0o600
    assert made["has_secret_key"] is True

    document = restored.cli("restore", str(file))
    assert document["ok"]
    assert document["entries"] >= made["entries"]
    assert document["holds"]["charged"] >= 1, "the open stream had begun"
    restored.verify()
    before, after = entries(served), entries(restored)
    saved = {key: row for key, row in after.items() if "recovered" not in row}
    assert len(saved) == made["entries"]
    assert saved.items() <= before.items(), "history is the same, word for word"
    for account in restored.rows("SELECT * FROM accounts"):
        same = [row for row in before.values() if row[1] == account["id"]]
        recovered = [row[4] for row in after.values() if row[1] == account["id"]
                     and "recovered" in row]  # fmt: skip
        at_backup = {row[2]: row[5] for row in same}[account["seq"] - len(recovered)]
        assert account["posted"] == at_backup + sum(recovered)
        assert account["held"] == 0
    epochs = [r["epoch"] for r in restored.rows("SELECT epoch FROM epochs ORDER BY 1")]
    live = served.rows("SELECT max(epoch) AS epoch FROM epochs")[0]["epoch"]
    assert epochs[-1] > live
    restored.start()
    customers[1].gateway = restored
    assert customers[1].post(CHAT.path, CHAT.body("gpt-4", "Hi")).status == 200
    restored.settle_down()
    assert restored.stop() == 0


def test_alone_and_beside_a_server_it_holds_the_same(shell, tmp_path):
    shell.json("account", "create", "alice", "--balance", "5")
    shell.json("backup", str(tmp_path / "alone.gz"))
    with shell.server():
        shell.json("backup", str(tmp_path / "served.gz"))
    alone, served = (
        [
            line
            for line in gzip.decompress((tmp_path / name).read_bytes()).splitlines()
            if line.startswith((b'["', b'{"table"', b'{"secret_key"'))  # epochs begin with a number
        ]
        for name in ("alone.gz", "served.gz")
    )
    assert alone == served
    assert sum(b"alice" in line for line in alone) == 1


def backup_of(shell, tmp_path):
    """A home with an account and a token, and its backup."""
    shell.json("account", "create", "alice", "--balance", "1234567")
    shell.json("token", "create", "laptop", "--account", "alice", "--budget", "1000")
    file = tmp_path / "backup.gz"
    shell.json("backup", str(file))
    return file


def another(shell, tmp_path, name="other"):
    return type(shell)(tmp_path / name, shell.cli)


def test_tokens_budgets_and_the_key_come_along(shell, tmp_path):
    file = backup_of(shell, tmp_path)
    other = another(shell, tmp_path)
    other.json("restore", str(file))
    assert {p.name for p in other.home.iterdir()} == {"lock", "secret.key", "yiyuan.db"}
    for argv in (("account", "list"), ("token", "list", "--account", "alice")):
        assert other.json(*argv) == shell.json(*argv)
    assert (other.home / "secret.key").read_bytes() == (shell.home / "secret.key").read_bytes()
    assert {p.stat().st_mode & 0o777 for p in other.home.iterdir()} == {0o600}
    assert other.home.stat().st_mode & 0o777 == 0o700


def test_a_key_of_the_environment_stays_there(shell, tmp_path):
    shell.environment["YIYUAN_SECRET_KEY"] = "A" * 43 + "="
    file = backup_of(shell, tmp_path)
    assert b'secret_key":"' not in gzip.decompress(file.read_bytes())
    other = another(shell, tmp_path)
    assert other.refused("restore", str(file))["code"] == "secret_key"
    assert other("restore", str(file), YIYUAN_SECRET_KEY="B" * 42 + "A=").code == 1
    assert not other.home.exists()
    other.json("restore", str(file), **shell.environment)
    assert not (other.home / "secret.key").exists()


def test_only_into_an_empty_home(shell, tmp_path):
    file = backup_of(shell, tmp_path)
    other = another(shell, tmp_path)
    other.json("account", "create", "bob")
    for busy in (shell, other):
        before = (busy.home / "yiyuan.db").read_bytes()
        assert busy.refused("restore", str(file))["code"] == "not_empty"
        assert (busy.home / "yiyuan.db").read_bytes() == before
    with other.server():
        assert other.refused("restore", str(file))["code"] == "not_empty"


def test_a_file_that_is_not_whole_changes_nothing(shell, tmp_path):
    file = backup_of(shell, tmp_path)
    data = file.read_bytes()
    other = another(shell, tmp_path)
    for bad in (data[:-1], data[: len(data) // 2], data[:-400] + b"x" + data[-399:], b"", b"text"):
        file.write_bytes(bad)
        assert other.refused("restore", str(file))["code"] == "bad_backup"
        assert not other.home.exists()
    assert other.refused("restore", str(tmp_path / "none.gz"), code=2)["code"] == "usage"


def test_rows_that_contradict_each_other_are_not_restored(shell, tmp_path):
    """A checksum that is right proves nothing about rows that the schema refuses."""
    file = backup_of(shell, tmp_path)
    forged(file, lambda line: line.replace(b'"alice",1234567', b'"alice",-1'))
    other = another(shell, tmp_path)
    assert other.refused("restore", str(file))["code"] == "bad_backup"
    assert {p.name for p in other.home.iterdir()} == {"lock"}


def test_a_ledger_that_was_wrong_is_restored_and_said(shell, tmp_path):
    file = backup_of(shell, tmp_path)
    forged(file, lambda line: line.replace(b'"alice",1234567', b'"alice",1234568'))
    other = another(shell, tmp_path)
    assert other.refused("restore", str(file))["code"] == "books_disagree"
    said = other("ledger", "verify", "--json")
    assert said.code == 1
    assert "1234568" in said.stdout


def forged(file, change) -> None:
    """Rewrite the lines, and the checksum with them."""
    lines = [change(line) for line in gzip.decompress(file.read_bytes()).splitlines(keepends=True)]
    trailer = json.loads(lines[-1])
    trailer["sha256"] = hashlib.sha256(b"".join(lines[:-1])).hexdigest()
    lines[-1] = json.dumps(trailer).encode() + b"\n"
    file.write_bytes(gzip.compress(b"".join(lines)))


def test_a_backup_of_nothing_is_a_mistake(shell, tmp_path):
    error = shell.refused("backup", str(tmp_path / "b.gz"))
    assert error["code"] == "not_found"
    assert not (tmp_path / "b.gz").exists()
    assert not shell.home.exists()


def test_a_place_that_cannot_be_written_is_said(anywhere, tmp_path):
    anywhere.json("account", "create", "alice")
    error = anywhere.refused("backup", str(tmp_path / "no" / "b.gz"))
    assert error["code"] == "file_unusable"
    assert anywhere.refused("backup", str(tmp_path), code=2)["code"] == "usage"


def test_books_that_no_server_starts_on_can_be_saved(shell, tmp_path):
    shell.json("account", "create", "alice", "--balance", "10")
    connection = sqlite3.connect(shell.home / "yiyuan.db")
    connection.execute("UPDATE accounts SET held = 3")
    connection.commit()
    connection.close()
    assert shell.refused("account", "list")["code"] == "books_disagree"
    shell.json("backup", str(tmp_path / "b.gz"))
    other = another(shell, tmp_path)
    assert other.refused("restore", str(tmp_path / "b.gz"))["code"] == "books_disagree"
    assert other("ledger", "verify").code == 1


def test_a_restore_that_is_killed_leaves_an_empty_home(shell, tmp_path):
    """At whatever moment: then there is all of it, or nothing but what the next attempt removes."""
    file = backup_of(shell, tmp_path)
    for attempt in range(4):
        other = another(shell, tmp_path, f"killed-{attempt}")
        process = other.start("restore", str(file), "--json")
        wait_for(lambda h=other.home: (h / "restore.tmp").exists() or (h / "yiyuan.db").exists(),
                 every=0.001 * attempt, what="the restore to begin")  # fmt: skip
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        if not (other.home / "yiyuan.db").exists():
            other.json("restore", str(file))
        assert other.json("ledger", "verify")["entries"] == 1
        assert not (other.home / "restore.tmp").exists()


def test_migrate_says_what_it_did(anywhere):
    document = anywhere.json("migrate")
    every = [{"number": number, "reason": reason(script)} for number, script in migrations()]
    assert document["applied"] in ([], every)
    assert every[0] == {"number": 1, "reason": "the first schema"}
    assert anywhere.json("migrate") == {"schema": document["schema"], "applied": []}


# ------------------------------------------------------------ PostgreSQL


@pytest.fixture
def on_postgres(shell, tmp_path, postgres):
    """A home whose data are in an empty PostgreSQL database."""
    other = another(shell, tmp_path, "node")
    other.environment["YIYUAN_DATABASE_URL"] = postgres.new_database()
    return other


def catalog(shell):
    return shell.json("account", "list"), shell.json("token", "list", "--account", "alice")


def test_a_shop_moves_to_postgresql_and_back(shell, tmp_path, on_postgres, catalog_file):
    shell.json("apply", str(catalog_file), OPENAI_API_KEY="sk-upstream-canary")
    file = backup_of(shell, tmp_path)
    document = on_postgres.json("restore", str(file))
    assert document["ok"]
    assert catalog(on_postgres) == catalog(shell)
    assert on_postgres.json("export") == shell.json("export")
    assert on_postgres.json("ledger", "verify", "--full")["entries"] == 1
    assert on_postgres.refused("restore", str(file))["code"] == "not_empty"
    on_postgres.json("account", "credit", "alice", "1", "--reason", "x", "--key", "k")

    back, later = another(shell, tmp_path, "back"), tmp_path / "later.gz"
    on_postgres.json("backup", str(later))
    back.json("restore", str(later))
    assert catalog(back) == catalog(on_postgres)
    assert back.json("account", "show", "alice")["balance"] == 1234568
    assert back.json("ledger", "verify", "--full")["entries"] == 2


def test_what_is_refused_leaves_postgresql_empty(shell, tmp_path, on_postgres):
    file = backup_of(shell, tmp_path)
    whole = file.read_bytes()
    file.write_bytes(whole[:-10])
    assert on_postgres.refused("restore", str(file))["code"] == "bad_backup"
    file.write_bytes(whole)
    forged(file, lambda line: line.replace(b'"alice",1234567', b'"alice",-1'))
    assert on_postgres.refused("restore", str(file))["code"] == "bad_backup"
    assert not (on_postgres.home / "secret.key").exists()
    file.write_bytes(whole)
    assert on_postgres.json("restore", str(file))["accounts"] == 1
