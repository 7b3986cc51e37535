"""A server that is nothing but its control socket: a desk, open in a process of its own.

`python control_server.py HOME` prints `ready`, serves until SIGTERM, prints `closed`.
"""

import asyncio
import signal
import sys
from functools import partial
from pathlib import Path

import uvloop

from yiyuan.api.control_socket import ControlSocket
from yiyuan.kernel.settings import load
from yiyuan.services.commands import run
from yiyuan.services.shared.opening import open_context


async def serve(home):
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with open_context(load({}, home=home)) as context:
        control = await ControlSocket.open(home, partial(run, context))
        print("ready", flush=True)
        await stop.wait()
        await control.close()
    print("closed", flush=True)


uvloop.run(serve(Path(sys.argv[1])))
