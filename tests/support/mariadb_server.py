"""A real MariaDB for tests: a process of its own with a folder and a socket of its own.

The binaries are Debian's `mariadb-server`; where they are missing, tests that need them are
skipped with a word.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from tests.support.waiting import wait_for

READER = "reader"
READER_PASSWORD = "invented-reader"


class MariaDb:
    """A running server; `load` fills a database, `url` is how somebody who reads gets in."""

    def __init__(self, folder: Path) -> None:
        """`folder` is short: a socket's path may have 107 characters."""
        self.folder = folder
        self.socket = folder / "s"
        user = "mysql" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(folder, user)
        common = ["--no-defaults", f"--datadir={folder / 'data'}", f"--user={user}"]
        subprocess.run(
            ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"],
            check=True,
            capture_output=True,
        )
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [_server(), *common, f"--socket={self.socket}", "--skip-networking",
             f"--pid-file={folder / 'pid'}", "--innodb-buffer-pool-size=16M"],
            stdout=self.log, stderr=self.log,
        )  # fmt: skip
        wait_for(self._is_ready, timeout=60, what="MariaDB")

    def _is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "log").read_text()
        if not self.socket.exists():
            return False
        try:
            self._connect().close()
        except pymysql.MySQLError:
            return False
        return True

    def _connect(self, **more):
        return pymysql.connect(
            unix_socket=str(self.socket), user="root", autocommit=True, charset="utf8mb4", **more
        )

    def load(self, name: str, dump: Path | None = None) -> str:
        """A database with what the dump says; the URL of somebody who may only read it."""
        with contextlib.closing(self._connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
            reader = f"'{READER}'@'localhost'"
            cursor.execute(f"CREATE USER IF NOT EXISTS {reader} IDENTIFIED BY '{READER_PASSWORD}'")
            cursor.execute(f"GRANT SELECT ON `{name}`.* TO {reader}")
        if dump is not None:
            with dump.open("rb") as text:
                subprocess.run(
                    ["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", name],
                    stdin=text, check=True,
                )  # fmt: skip
        return self.url(name)

    def url(self, name: str, user: str = READER, password: str = READER_PASSWORD) -> str:
        """How `user` gets into a database."""
        return f"mysql://{user}:{password}@localhost/{name}?unix_socket={self.socket}"

    def execute(self, name: str, sql: str, *values) -> None:
        """What the old gateway itself writes."""
        connection = self._connect(database=name)
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(sql, values)

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()


def _server() -> str:
    return shutil.which("mariadbd") or "/usr/sbin/mariadbd"


@contextlib.contextmanager
def running_mariadb() -> Iterator[MariaDb]:
    """A server for some tests; skips them where there is none."""
    if not Path(_server()).exists() or shutil.which("mariadb-install-db") is None:
        pytest.skip("MariaDB is not installed: apt install mariadb-server")
    folder = Path(tempfile.mkdtemp(prefix="maria"))
    server = None
    try:
        server = MariaDb(folder)
        yield server
    finally:
        if server is not None:
            server.close()
        shutil.rmtree(folder, ignore_errors=True)
