"""The writer: in order, grouped, and a faulty statement of one caller harms no other."""

import asyncio
import sqlite3

import pytest

from yiyuan.store.errors import LedgerUnavailable
from yiyuan.store.sqlite.database import IntegrityError, SqliteDatabase

PUT = "INSERT INTO meta (key, value) VALUES (?, ?)"


@pytest.fixture
async def database(tmp_path):
    database = await SqliteDatabase.open(tmp_path, synchronous="NORMAL")
    yield database
    await database.close()


async def test_a_write_is_all_or_nothing(database):
    assert await database.write([(PUT, ("a", "1")), (PUT, ("b", "2"))]) == [1, 1]
    with pytest.raises(IntegrityError):
        await database.write([(PUT, ("c", "3")), (PUT, ("a", "again"))])
    found = await database.read("SELECT key, value FROM meta WHERE key IN ('a', 'b', 'c')")
    assert [(row["key"], row[1]) for row in found] == [("a", "1"), ("b", "2")]
    changed = [("UPDATE meta SET value = '9' WHERE key < 'c'", ()), ("DELETE FROM meta", ())]
    assert await database.write(changed) == [2, 3]


async def test_a_faulty_write_fails_alone_in_its_transaction(database):
    before = database.transactions
    good = [database.write([(PUT, (f"k{number}", ""))]) for number in range(20)]
    bad = [
        database.write([(PUT, ("k1", ""))]),
        database.write([("no such sql", ())]),
        database.write([("INSERT INTO meta VALUES (?, ?)", ("one",))]),
    ]
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*good, *bad, return_exceptions=True)
    assert answers[:20] == [[1]] * 20
    assert [type(answer) for answer in answers[20:]] == [
        sqlite3.IntegrityError,
        sqlite3.OperationalError,
        sqlite3.ProgrammingError,
    ]
    assert not database.is_failed
    assert database.transactions - before < 10
    assert await database.write([(PUT, ("later", ""))]) == [1]


async def test_writes_take_effect_in_their_order(database):
    await database.write([(PUT, ("n", ""))])
    add = "UPDATE meta SET value = value || ? WHERE key = 'n'"
    await asyncio.gather(*(database.write([(add, (f"{number},",))]) for number in range(50)))
    [row] = await database.read("SELECT value FROM meta WHERE key = 'n'")
    assert row[0] == "".join(f"{number}," for number in range(50))


async def test_a_value_that_cannot_be_bound_fails_alone(database):
    with pytest.raises((OverflowError, sqlite3.Error)):
        await database.write([(PUT, ("big", 2**70))])
    with pytest.raises((UnicodeError, sqlite3.Error)):
        await database.write([(PUT, ("surrogate", "\ud800"))])
    assert not database.is_failed


async def test_readers_cannot_write_and_see_one_moment(database):
    with pytest.raises(sqlite3.OperationalError):
        await database.read("DELETE FROM meta")

    def look(connection):
        first = connection.execute("SELECT count(*) FROM meta").fetchone()[0]
        asyncio.run_coroutine_threadsafe(database.write([(PUT, ("x", ""))]), loop).result(5)
        return first, connection.execute("SELECT count(*) FROM meta").fetchone()[0]

    loop = asyncio.get_running_loop()
    first, second = await database.run_read(look)
    assert first == second
    [row] = await database.read("SELECT count(*) FROM meta")
    assert row[0] == first + 1


async def test_what_was_submitted_is_written_before_closing(tmp_path):
    database = await SqliteDatabase.open(tmp_path)
    tasks = [asyncio.create_task(database.write([(PUT, (str(n), ""))])) for n in range(10)]
    await asyncio.sleep(0)
    await database.close()
    await asyncio.gather(*tasks)
    await database.close()
    with pytest.raises(LedgerUnavailable):
        await database.write([(PUT, ("late", ""))])
    connection = sqlite3.connect(tmp_path / "yiyuan.db")
    assert connection.execute("SELECT count(*) FROM meta").fetchone() == (11,)
    connection.close()


async def test_a_database_that_was_stopped_tells_who_waits(tmp_path):
    reasons = []
    database = await SqliteDatabase.open(tmp_path, on_failure=reasons.append)
    task = asyncio.create_task(database.write([(PUT, ("a", ""))]))
    await asyncio.sleep(0)
    database.stop("enough")
    database.stop("twice")
    with pytest.raises(LedgerUnavailable):
        await task
    assert reasons == ["enough"]
    await database.close()
