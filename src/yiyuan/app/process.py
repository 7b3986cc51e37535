"""The server process: opens the desk, serves until told to stop, drains.

On SIGTERM or SIGINT it is not ready any more, takes nothing new, lets open
streams finish, and ends with 0. When the ledger stops (a commit whose fate is
unknown), the process ends at once with 70, so that a supervisor starts it anew.
"""

import asyncio
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import uvloop

from yiyuan import __version__
from yiyuan.api.control_socket import ControlSocket
from yiyuan.app.application import Application
from yiyuan.app.worker_metrics import WorkerMetrics
from yiyuan.app.workers import Supervisor, Worker
from yiyuan.auth.client_address import is_trusted_peer
from yiyuan.http.server.exchange import Exchange
from yiyuan.http.server.open_files import raise_limit
from yiyuan.http.server.server import Server, bind
from yiyuan.http.server.server_limits import ServerLimits
from yiyuan.i18n.message import Message
from yiyuan.kernel.settings import Settings
from yiyuan.services.catalog.starter import Starter, curl_line, seed
from yiyuan.services.commands import run
from yiyuan.services.people.one_time_links import LINK_MINUTES, make_operator_link
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.opening import open_context
from yiyuan.store.tables.people.users import has_operator

EXIT_LEDGER_FAILED = 70
FAILURE_GRACE_SECONDS = 0.5
_TURN_SECONDS = 0.001
"""How long a thread may keep the interpreter from the event loop (Python's default: 0.005)."""
_GARBAGE = (10_000, 10, 15)
"""How often garbage is looked for. A request leaves none, but as many objects as are alive at
once make Python look: with its 700 it looked through them nearly three times in two rounds of 32
requests, and now never. Looking through all that is there, which stops everybody for as long as
it takes, comes twenty times more seldom than by default: a body of thousands of objects would
cause it several times while it is read."""

Say = Callable[[str | Message], str]
"""What is printed at the start, in the language of who started it."""


def serve(settings: Settings, say: Say = str) -> int:
    """Run the server until it is told to stop; returns the exit code."""
    if settings.workers > 1:
        supervisor = Supervisor(settings.workers, partial(_work, settings, say))
        return supervisor.run(settings.host, settings.port)
    return uvloop.run(_serve(settings, say, None))


def _work(settings: Settings, say: Say, worker: Worker) -> int:
    """One of several processes; only the first one seeds and greets."""
    is_starter = settings.starter and worker.number == 0
    mine = replace(settings, port=worker.port, starter=is_starter)
    return uvloop.run(_serve(mine, say, worker))


async def _serve(settings: Settings, say: Say, worker: Worker | None) -> int:
    sys.setswitchinterval(_TURN_SECONDS)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    raise_limit()
    sockets = bind(settings.host, settings.port, reuse_port=worker is not None)
    async with open_context(settings, on_failure=_end_at_once) as context:
        shop = Application(context)
        starter = await seed(context, shop.client) if settings.starter else None
        await shop.open()
        server = _server(settings, shop, context)
        shop.metrics.watch("yiyuan_connections", lambda: [((), server.connection_count)])
        control = await _control(settings, context)
        metrics = await _share_metrics(shop, worker)
        await server.start(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(*_GARBAGE)
        if worker is None or worker.number == 0:
            await _greet(context, starter, say)
        if worker is not None:
            worker.tell_ready()
        await stop.wait()
        shop.is_ready = False
        server.announce_end()
        await asyncio.sleep(settings.notice_seconds)
        await server.stop(settings.drain_seconds)
        if control is not None:
            await control.close()
        if metrics is not None:
            await metrics.close()
        await shop.close()
    return 0


def _server(settings: Settings, shop: Application, context: ServiceContext) -> Server:
    return Server(
        shop.handle,
        clock=context.clock,
        on_error=_report,
        limits=ServerLimits(connections_per_address_max=settings.connections_per_address),
        default_language=settings.language,
        is_exempt=lambda address: is_trusted_peer(address, settings.trusted_proxies),
    )


async def _share_metrics(shop: Application, worker: Worker | None) -> WorkerMetrics | None:
    """With several workers, each answers `/metrics` for all."""
    if worker is None:
        return None
    shared = WorkerMetrics(shop.metrics.render, worker.folder, str(worker.number))
    await shared.open()
    shop.site.render_metrics = shared.render_all
    return shared


async def _control(settings: Settings, context: ServiceContext) -> ControlSocket | None:
    """With SQLite, commands come to this process; with PostgreSQL they need not."""
    if settings.database_url is not None:
        return None
    return await ControlSocket.open(settings.home, partial(run, context))


async def _greet(context: ServiceContext, starter: Starter | None, say: Say) -> None:
    """Say where we are; how to become an operator while there is none; the first request."""
    settings = context.settings
    ready = Message(
        "yiyuan {version} is ready on {url}", version=__version__, url=settings.public_url
    )
    lines = [say(ready)]
    if starter is not None:
        lines += map(say, starter.messages)
    if not await has_operator(context.database):
        lines += ["", *await _way_in(context, say)]
    if starter is not None:
        lines += ["", curl_line(settings.api_url, starter.key)]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


async def _way_in(context: ServiceContext, say: Say) -> list[str]:
    """How somebody becomes an owner: by a link, but never in a log that others may read."""
    if not context.settings.starter and not sys.stdout.isatty():
        return [say("Set up the console: yiyuan operator link")]
    link = await make_operator_link(context, "owner")
    return [
        say(Message("Set up the console ({minutes} minutes, once):", minutes=LINK_MINUTES)),
        link,
    ]


def _report(exchange: Exchange, error: BaseException) -> None:
    """Log what a handler raised; the client was told the request id."""
    text = "".join(traceback.format_exception(error))
    sys.stderr.write(f"request {exchange.request_id} failed:\n{text}\n")


def _end_at_once(reason: str) -> None:
    """The ledger has stopped: answer what waits, then end without any clean-up."""
    loop = asyncio.get_running_loop()
    loop.call_later(FAILURE_GRACE_SECONDS, os._exit, EXIT_LEDGER_FAILED)
    with suppress(OSError):  # the log may be on the very disk that is full
        sys.stderr.write(f"the ledger has stopped, the process ends: {reason}\n")
