"""A real PgBouncer as a process, in transaction mode, before a PostgreSQL of the tests.

It is a package of Debian's (`.ci/run` installs it) and refuses to run as root; the
user that the embedded PostgreSQL runs as does for it, too.
"""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator

from tests.support.postgres_server import PostgresServer, free_port
from tests.support.waiting import wait_for

_USER = "embedded_postgres"


class NoPgBouncer(Exception):
    """It cannot run on this machine; the message says why."""


@contextlib.contextmanager
def running_pgbouncer(
    server: PostgresServer, *settings: str, server_connections: int = 4
) -> Iterator[int]:
    """Its port. All clients share `server_connections`. Raises NoPgBouncer."""
    if not server.is_ours:
        raise NoPgBouncer("YIYUAN_TEST_PG_URL names a server whose users are not ours")
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        raise NoPgBouncer("pgbouncer is not installed (Debian's package of that name)")
    port = free_port()
    host, server_port = server.address
    folder = pathlib.Path(tempfile.mkdtemp(prefix="yy-bouncer-"))
    lines = [
        "[databases]",
        f"* = host={host} port={server_port} user=postgres",
        "[pgbouncer]",
        f"listen_port = {port}",
        "listen_addr = 127.0.0.1",
        "unix_socket_dir =",
        "auth_type = any",
        "pool_mode = transaction",
        f"default_pool_size = {server_connections}",
        "max_client_conn = 500",
        f"logfile = {folder}/log",
        *settings,
    ]
    (folder / "pgbouncer.ini").write_text("\n".join(lines) + "\n")
    user = _USER if os.geteuid() == 0 else None
    if user is not None:
        for path in (folder, folder / "pgbouncer.ini"):
            shutil.chown(path, user)
    process = subprocess.Popen(
        [program, "-q", str(folder / "pgbouncer.ini")],
        user=user,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: _answers(process, port, folder), timeout=20, what="PgBouncer")
        yield port
    finally:
        process.kill()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _answers(process: subprocess.Popen[bytes], port: int, folder: pathlib.Path) -> bool:
    if process.poll() is not None:
        log = folder / "log"
        text = log.read_text(errors="replace") if log.exists() else "no log"
        raise NoPgBouncer(f"pgbouncer ends at once: {text[-1000:]}")

    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def through(port: int, url: str) -> str:
    """The same database by way of PgBouncer."""
    head, _, rest = url.partition("@")
    return f"{head}@127.0.0.1:{port}/{rest.partition('/')[2]}"
