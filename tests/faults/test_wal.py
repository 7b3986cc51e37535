"""SQLite's write-ahead log: held up by a long reader, and cut or garbled by others.

A log that was damaged after it was confirmed is not a fault that a database can undo;
what must hold is that the server then goes on from a moment that once was, or says no.
"""

import contextlib
import shutil
import sqlite3

import pytest

from tests.support.catalogs import model, openai_channel
from tests.support.drivers import CHAT
from tests.support.gateway_process import Gateway

pytestmark = pytest.mark.timeout(400)  # a busy machine
A_TOKEN = {"input": "0", "output": "1"}
BALANCE = 1_000_000


@pytest.fixture
def gateway(upstream, cli, tmp_path):
    with Gateway(tmp_path / "home", cli) as gateway:
        gateway.environment.pop("YIYUAN_DATABASE_URL", None)  # this is about SQLite alone
        gateway.apply(openai_channel(upstream, {"m": "up"}) + model("m", A_TOKEN))
        gateway.start()
        yield gateway


def spend(customer, upstream, count):
    body = CHAT.body("m", upstream.script({"output_tokens": 10}).mark, 20)
    for _ in range(count):
        assert customer.post(CHAT.path, body).charge == 10


def test_a_long_reader_stops_no_writer(gateway, upstream):
    """The log grows meanwhile; the reader goes on seeing its own moment."""
    customer, log = gateway.customer(BALANCE), gateway.home / "yiyuan.db-wal"
    with contextlib.closing(sqlite3.connect(gateway.home / "yiyuan.db")) as reader:
        reader.execute("BEGIN")
        seen = reader.execute("SELECT count(*) FROM usage").fetchone()
        before = log.stat().st_size
        spend(customer, upstream, 100)
        assert log.stat().st_size > before
        assert reader.execute("SELECT count(*) FROM usage").fetchone() == seen == (0,)
    spend(customer, upstream, 100)
    assert customer.balance == BALANCE - 2_000
    gateway.settle_down()
    assert gateway.stop() == 0
    gateway.verify()


def cut_in_half(log):
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size // 2)


def cut_amid_a_frame(log):
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - 1_000)


def empty(log):
    log.write_bytes(b"")


def garble_the_middle(log):
    data = bytearray(log.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(byte ^ 0x5A for byte in data[middle : middle + 64])
    log.write_bytes(data)


def garble_the_header(log):
    data = log.read_bytes()
    log.write_bytes(b"\xff" * 16 + data[16:])


@pytest.mark.parametrize(
    "damage", [cut_in_half, cut_amid_a_frame, empty, garble_the_middle, garble_the_header]
)
def test_a_cut_or_garbled_wal_is_the_past_or_an_error(gateway, upstream, cli, tmp_path, damage):
    customer = gateway.customer(BALANCE)
    gateway.stop()
    with contextlib.closing(sqlite3.connect(gateway.home / "yiyuan.db")) as writer:
        # So that the account is in the database itself, and what follows in the log alone.
        assert writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    gateway.start()
    spend(customer, upstream, 40)
    gateway.settle_down()
    gateway.kill()
    copy = tmp_path / "copy"
    shutil.copytree(gateway.home, copy, ignore=shutil.ignore_patterns("*.sock"))
    log = copy / "yiyuan.db-wal"
    assert log.stat().st_size > 10_000, "what was charged must be in the log"
    damage(log)
    with Gateway(copy, cli) as other:
        other.environment.pop("YIYUAN_DATABASE_URL", None)
        other.start()
        other.settle_down()
        charged = BALANCE - customer_of(other, customer).balance
        assert 0 <= charged <= 400
        if damage is empty:
            assert charged == 0, "or it was not the log that held the charges"
        assert charged % 10 == 0
        spend(customer_of(other, customer), upstream, 1)
        other.settle_down()
        assert other.stop() == 0


def customer_of(gateway, customer):
    """The same account, on another server."""
    return type(customer)(gateway, customer.id, customer.name, customer.key, customer.token_id)
