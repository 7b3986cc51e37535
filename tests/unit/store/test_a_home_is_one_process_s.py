"""The home's lock: one process at a time, named when another one comes."""

import os
import stat
import subprocess
import sys

import pytest

from yiyuan.store.home import HomeLock, HomeLocked
from yiyuan.store.sqlite.database import SqliteDatabase

HOLDER = """
import sys, time
from pathlib import Path
from yiyuan.store.home import HomeLock
lock = HomeLock.acquire(Path(sys.argv[1]))
print("locked", flush=True)
time.sleep(60)
"""


def test_a_second_process_is_refused_until_the_first_is_gone(tmp_path):
    home = tmp_path / "data"
    command = [sys.executable, "-c", HOLDER, str(home)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(HomeLocked, match=f"process {holder.pid}") as refused:
            HomeLock.acquire(home)
        assert (refused.value.pid, refused.value.home) == (holder.pid, home)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()
    with HomeLock.acquire(home) as lock:
        assert (home / "lock").read_text() == f"{os.getpid()}\n"
        with pytest.raises(HomeLocked):
            HomeLock.acquire(home)
    lock.release()
    HomeLock.acquire(home).release()


def test_a_holder_that_has_no_name_yet(tmp_path):
    with HomeLock.acquire(tmp_path):
        (tmp_path / "lock").write_text("")
        with pytest.raises(HomeLocked, match="another process") as refused:
            HomeLock.acquire(tmp_path)
    assert refused.value.pid is None


async def test_only_the_owner_can_read_the_home(tmp_path):
    home = tmp_path / "data"
    HomeLock.acquire(home).release()
    database = await SqliteDatabase.open(home)
    await database.close()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    for name in ("lock", "yiyuan.db"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600
