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
from yiyuan.console.command import run
from yiyuan.console.desk import Desk, open_desk
from yiyuan.console.one_time_links import LINK_MINUTES, make_operator_link
from yiyuan.console.starter import Starter, curl_line, seed
from yiyuan.kernel.settings import Settings
from yiyuan.shop import Shop
from yiyuan.store.people import has_operator
from yiyuan.web.control_socket import ControlSocket
from yiyuan.web.exchange import Exchange
from yiyuan.web.open_files import raise_limit
from yiyuan.web.server import Server, bind
from yiyuan.web.worker_metrics import WorkerMetrics
from yiyuan.web.workers import Supervisor, Worker

EXIT_LEDGER_FAILED = 70
FAILURE_GRACE_SECONDS = 0.5


Say = Callable[[str], str]
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
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    raise_limit()
    sockets = bind(settings.host, settings.port, reuse_port=worker is not None)
    async with open_desk(settings, on_failure=_end_at_once) as desk:
        shop = Shop(desk)
        starter = await seed(desk, shop.client) if settings.starter else None
        await shop.open()
        server = Server(
            shop.handle,
            clock=desk.clock,
            on_error=_report,
            default_language=settings.language,
        )
        shop.metrics.watch("yiyuan_connections", lambda: [((), server.connection_count)])
        control = await _control(settings, desk)
        metrics = await _share_metrics(shop, worker)
        await server.start(sockets)
        gc.collect()
        gc.freeze()
        if worker is None or worker.number == 0:
            await _greet(desk, starter, say)
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


async def _share_metrics(shop: Shop, worker: Worker | None) -> WorkerMetrics | None:
    """With several workers, each answers `/metrics` for all."""
    if worker is None:
        return None
    shared = WorkerMetrics(shop.metrics.render, worker.folder, str(worker.number))
    await shared.open()
    shop.site.render_metrics = shared.render_all
    return shared


async def _control(settings: Settings, desk: Desk) -> ControlSocket | None:
    """With SQLite, commands come to this process; with PostgreSQL they need not."""
    if settings.database_url is not None:
        return None
    return await ControlSocket.open(settings.home, partial(run, desk))


async def _greet(desk: Desk, starter: Starter | None, say: Say) -> None:
    """Say where we are; how to become an operator while there is none; the first request."""
    settings = desk.settings
    lines = [say(f"yiyuan {__version__} is ready on {settings.public_url}")]
    if starter is not None:
        lines += map(say, starter.messages)
    if not await has_operator(desk.database):
        link = await make_operator_link(desk, "owner")
        lines += ["", say(f"Set up the console ({LINK_MINUTES} minutes, once):"), link]
    if starter is not None:
        lines += ["", curl_line(settings.api_url, starter.key)]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


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
