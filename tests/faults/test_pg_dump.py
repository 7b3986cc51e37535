"""PostgreSQL's own backups: taken under load, restored elsewhere, and the books are right.

`pg_dump` must be as new as the server; here it is the one that comes with it.
"""

import subprocess
import threading

import asyncpg
import pytest

from tests.support.catalogs import main_catalog
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway
from tests.support.postgres_server import NoPostgres, PostgresServer, query
from tests.support.waiting import wait_for

pytestmark = pytest.mark.timeout(400)  # a busy machine
KEY = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


@pytest.fixture
def server():
    try:
        server = PostgresServer()
    except NoPostgres as reason:
        pytest.skip(str(reason))
    if not server.has_tool("pg_dump"):
        pytest.skip("this PostgreSQL comes without pg_dump, and another version's may not fit")
    yield server
    server.close()


def run(server, tool, *arguments):
    done = subprocess.run([server.tool(tool), *arguments], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def test_a_dump_under_load_is_restored_and_verifies(server, upstream, cli, tmp_path):
    url, dump = server.new_database(), tmp_path / "yiyuan.dump"
    settings = {"YIYUAN_DATABASE_URL": url, "YIYUAN_SECRET_KEY": KEY}
    with Gateway(tmp_path / "one", cli, **settings) as one:
        one.apply(main_catalog(upstream))
        one.start()
        idle, customer = one.customer(5_000_000), one.customer(10**12)
        short = CHAT.body("gpt-4", upstream.script({"output_tokens": 5}).mark, 9)
        script = upstream.script({"output_tokens": 2_000, "delay_chunk": 0.02})
        assert idle.post(CHAT.path, short).status == 200
        with customer.stream(CHAT.path, CHAT.body("gpt-4", script.mark, 3_000)) as stream:
            next(stream.events())  # its hold is open, and stays so in the dump
            stop = threading.Event()

            def spend():
                while not stop.is_set():
                    assert customer.post(CHAT.path, short).status == 200

            threads = [threading.Thread(target=spend) for _ in range(4)]
            for thread in threads:
                thread.start()
            before = wait_for(lambda: one.rows("SELECT count(*) AS n FROM usage")[0]["n"])
            run(server, "pg_dump", "--format=custom", f"--file={dump}", url)
            wait_for(lambda: one.rows("SELECT count(*) AS n FROM usage")[0]["n"] > before)
            stop.set()
            for thread in threads:
                thread.join(30)
        balance = idle.show()["balance"]
        one.settle_down()
        assert one.stop() == 0

    restored = server.new_database()
    arguments = ("--exit-on-error", "--no-owner", f"--dbname={restored}", str(dump))
    run(server, "pg_restore", *arguments)
    assert query(restored, "SELECT count(*) FROM holds")[0][0] >= 1
    settings["YIYUAN_DATABASE_URL"] = restored
    with Gateway(tmp_path / "two", cli, **settings) as two:
        two.start()
        # The dump says that its server is alive; that it is not shows by its silence.
        holds = "SELECT count(*) AS n FROM holds"
        wait_for(lambda: two.rows(holds)[0]["n"] == 0, timeout=60, what="the holds of the dead")
        two.settle_down()
        elsewhere = type(idle)(two, idle.id, "", idle.key, "")
        assert elsewhere.show()["balance"] == balance
        assert elsewhere.post(CHAT.path, short).status == 200
        recovered = two.rows("SELECT * FROM entries WHERE kind = 'recovered'")
        assert 1 <= len(recovered) <= 5, "the stream that was open is charged what was proven"
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            query(restored, "UPDATE entries SET memo = 'rewritten'")
        two.verify()
        assert two.stop() == 0


def test_a_point_in_time_is_restored_and_verifies(server, upstream, cli, tmp_path):
    """A base backup and the archived log, replayed to a moment that has a name."""
    archive = server.folder / "archive"
    archive.mkdir()
    server.give(archive)
    server.stop()
    server.use("archive_mode=on", f"archive_command=cp %p {archive}/%f", "wal_level=replica")
    url = server.new_database()
    settings = {"YIYUAN_DATABASE_URL": url, "YIYUAN_SECRET_KEY": KEY}
    body = CHAT.body("gpt-4", upstream.script({"output_tokens": 5}).mark, 9)
    with (
        Gateway(tmp_path / "one", cli, **settings) as one,
        server.beside("archive_mode=off") as restored,
    ):
        one.apply(main_catalog(upstream))
        one.start()
        customer = one.customer(10**9)
        assert customer.post(CHAT.path, body).status == 200
        host, port = server.address
        restored.command(
            "pg_basebackup", "--checkpoint=fast", "-h", host, "-p", str(port), "-U", "postgres"
        )
        for _ in range(20):
            assert customer.post(CHAT.path, body).status == 200
        one.settle_down()
        balance = customer.balance
        query(url, "SELECT pg_create_restore_point('before_the_mistake')")
        one.cli("account", "debit", customer.id, "5000", "--reason", "a mistake")
        assert customer.balance == balance - 5_000
        query(url, "SELECT pg_switch_wal()")
        assert one.stop() == 0
        # Stopping waits for the archive.
        server.stop()
        signal_file = restored.folder / "data/recovery.signal"
        signal_file.touch()
        restored.give(signal_file)
        restored.use(
            f"restore_command=cp {archive}/%f %p",
            "recovery_target_name=before_the_mistake",
            "recovery_target_action=promote",
        )
        elsewhere = restored.url(url.rpartition("/")[2])
        wait_for(lambda: not query(elsewhere, "SELECT pg_is_in_recovery()")[0][0], timeout=60)
        settings["YIYUAN_DATABASE_URL"] = elsewhere
        with Gateway(tmp_path / "two", cli, **settings) as two:
            two.start()
            again = type(customer)(two, customer.id, "", customer.key, "")
            assert again.balance == balance
            assert again.post(CHAT.path, body).status == 200
            two.settle_down()
            assert two.stop() == 0
