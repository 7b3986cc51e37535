"""The door into another program's SQLite file."""

import os
import shutil
import sqlite3
from contextlib import closing
from itertools import repeat

import pytest

from yiyuan.store.foreign.contract import ForeignError, read_rows
from yiyuan.store.foreign.door import read_foreign
from yiyuan.store.foreign.sqlite import VALUE_BYTES_MAX


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "old #1?.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute('CREATE TABLE users (id INTEGER PRIMARY KEY, "group" TEXT)')
        connection.execute("CREATE TABLE logs (id INTEGER)")
        connection.executemany("INSERT INTO users VALUES (?, ?)", [(2, "b"), (1, "a")])
        connection.commit()
    return path


async def test_only_the_chosen_tables_are_read(database):
    reading = await read_foreign(str(database), lambda schema: [t for t in schema if t == "users"])
    assert reading.tables == {"users": [{"id": 1, "group": "a"}, {"id": 2, "group": "b"}]}
    assert reading.schema["logs"] == {"id"}


async def test_the_file_is_not_changed(database):
    before = database.read_bytes()
    await read_foreign(str(database), lambda _: ["users"])
    assert database.read_bytes() == before


async def test_a_writer_of_the_old_program_neither_waits_nor_is_seen_in_half(database):
    """What is read is of one moment, though the owner goes on writing."""
    with closing(sqlite3.connect(database)) as owner:
        owner.execute("PRAGMA journal_mode = WAL")

        def choose(schema):
            with closing(sqlite3.connect(database)) as writer:
                writer.execute("INSERT INTO users VALUES (3, 'c')")
                writer.execute("INSERT INTO logs VALUES (1)")
                writer.commit()
            return ["users", "logs"]

        reading = await read_foreign(str(database), choose)
    assert len(reading.tables["users"]) == 2
    assert reading.tables["logs"] == []


async def test_a_wal_file_in_a_folder_that_cannot_be_written_is_read(database, tmp_path):
    with closing(sqlite3.connect(database)) as owner:
        owner.execute("PRAGMA journal_mode = WAL")
        owner.execute("INSERT INTO users VALUES (3, 'c')")
        owner.commit()
    folder = tmp_path / "kept"
    folder.mkdir()
    shutil.copy(database, folder / "copy.db")
    folder.chmod(0o500)
    try:
        reading = await read_foreign(str(folder / "copy.db"), lambda _: ["users"])
    finally:
        folder.chmod(0o700)
    assert len(reading.tables["users"]) == 3


@pytest.mark.parametrize("content", [b"", b"not a database at all", b"SQLite format 3\x00" * 9])
async def test_a_file_that_is_no_database_is_refused(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(ForeignError):
        await read_foreign(str(path), lambda _: [])


async def test_a_file_that_was_copied_in_the_middle_of_a_write_is_refused(database):
    with closing(sqlite3.connect(database)) as owner:
        owner.executemany(
            "INSERT INTO users VALUES (?, ?)", [(i, "x" * 500) for i in range(9, 999)]
        )
        owner.commit()
    whole = database.read_bytes()
    page = 4096
    database.write_bytes(
        whole[: len(whole) // 2] + b"\xff" * page + whole[len(whole) // 2 + page :]
    )
    with pytest.raises(ForeignError):
        await read_foreign(str(database), lambda _: ["users"])


async def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(ForeignError, match="cannot be read"):
        await read_foreign(str(tmp_path / "nothing.db"), lambda _: [])
    with pytest.raises(ForeignError, match="oracle"):
        await read_foreign("oracle://somewhere", lambda _: [])
    with pytest.raises(ForeignError):
        await read_foreign("mysql://root@127.0.0.1:1/shop", lambda _: [])
    with pytest.raises(ForeignError) as failure:
        await read_foreign("postgresql://u:hunter2@127.0.0.1:1/shop", lambda _: [])
    assert "hunter2" not in str(failure.value)


async def test_a_pipe_or_a_folder_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path):
        with pytest.raises(ForeignError, match="no file"):
            await read_foreign(str(place), lambda _: [])


@pytest.mark.parametrize(
    "place",
    [
        "root:hunter2@tcp(127.0.0.1:3306)/oneapi",
        "root:hunter2@unix(/run/mysqld.sock)/oneapi",
        "postgresql://root:hunter2/x@127.0.0.1:1/shop",
    ],
)
async def test_an_address_that_cannot_be_read_is_told_without_its_password(place):
    with pytest.raises(ForeignError) as failure:
        await read_foreign(place, lambda _: [])
    assert "hunter2" not in str(failure.value)


async def test_a_value_without_end_is_refused(database):
    with closing(sqlite3.connect(database)) as owner:
        owner.execute('UPDATE users SET "group" = zeroblob(?)', (VALUE_BYTES_MAX + 1,))
        owner.commit()
    with pytest.raises(ForeignError):
        await read_foreign(str(database), lambda _: ["users"])


def test_rows_without_end_are_refused():
    assert len(read_rows("users", repeat({}, 10))) == 10
    with pytest.raises(ForeignError, match="users"):
        read_rows("users", repeat({}))
