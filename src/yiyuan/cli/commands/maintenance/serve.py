"""`yiyuan serve`"""

import errno
import socket
from typing import TYPE_CHECKING, Final

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Command
from yiyuan.i18n.locale_env import told
from yiyuan.i18n.message import Message
from yiyuan.services.shared.errors import ServiceError

if TYPE_CHECKING:
    from yiyuan.kernel.settings import Settings

_ADDRESS_ERRORS: Final = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)

_ONE_PROCESS = (
    "--workers: with SQLite the ledger has one process, which decides every balance in "
    "its memory; a second could spend the same money again. Several processes need "
    "PostgreSQL (YIYUAN_DATABASE_URL)"
)


@click.command(
    cls=Command,
    examples=("serve --starter", "serve --host 0.0.0.0 --port 8080"),
)
@click.option("--host", metavar="H", help="Address to listen on [127.0.0.1].")
@click.option("--port", type=click.IntRange(0, 65535), metavar="P", help="Port [8000].")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes [1].")
@click.option(
    "--starter", is_flag=True, help="Fill an empty database with everything needed to start."
)
@click.option(
    "--notice-seconds",
    type=click.IntRange(0, 3_600),
    metavar="N",
    help="Seconds after SIGTERM during which requests are still accepted [0].",
)
@click.option(
    "--drain-seconds",
    type=click.IntRange(0, 86_400),
    metavar="N",
    help="Seconds that open streams may take to finish after SIGTERM [30].",
)
@click.pass_obj
def serve(
    _: Invocation,
    *,
    host: str | None,
    port: int | None,
    workers: int | None,
    starter: bool,
    notice_seconds: int | None,
    drain_seconds: int | None,
) -> int:
    """Run the gateway.

    SIGTERM or Ctrl-C stops it: open streams finish, no new requests are accepted. Behind a load
    balancer, --notice-seconds gives it time to see that the server is not ready. All data is in
    YIYUAN_HOME (./data). Other settings are environment variables, listed in the documentation.
    """
    from yiyuan.app.process import serve as serve_app  # noqa: PLC0415 - the whole product
    from yiyuan.kernel.settings import from_environment  # noqa: PLC0415 - only when needed

    settings = from_environment(
        host=host,
        port=port,
        workers=workers,
        starter=starter or None,
        notice_seconds=notice_seconds,
        drain_seconds=drain_seconds,
    )
    if settings.workers > 1 and settings.database_url is None:
        raise click.UsageError(_ONE_PROCESS)
    try:
        return serve_app(settings, told)
    except OSError as error:
        if error.errno not in _ADDRESS_ERRORS and not isinstance(error, socket.gaierror):
            raise
        raise _cannot_listen(settings, error) from None


def _cannot_listen(settings: "Settings", error: OSError) -> ServiceError:
    message = Message(
        "cannot listen on {host} port {port}: {error}",
        host=settings.host,
        port=settings.port,
        error=error.strerror,
    )
    return ServiceError("address_unusable", message)
