"""The control socket on the wire: owner only, bounded, and hard to upset."""

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from yiyuan.api import control_socket
from yiyuan.api.control_socket import ControlSocket
from yiyuan.services.shared.control_address import LINE_BYTES_MAX
from yiyuan.services.shared.errors import ServiceError


class Commands:
    """Stands where `services.commands.run` stands: commands that do what tests need."""

    def __init__(self):
        self.go_on = asyncio.Event()
        self.done = []

    async def run(self, name, parameters, progress):
        if name == "echo":
            return parameters
        if name == "count":
            for number in range(parameters["to"]):
                progress({"message": f"{number}"})
            return {"counted": parameters["to"]}
        if name == "wait":
            await self.go_on.wait()
            self.done.append(parameters)
            return {}
        if name == "fail":
            raise ZeroDivisionError("SECRET detail")
        raise ServiceError("not_found", "no 中文 such thing \udcff")


@pytest.fixture
def commands():
    return Commands()


@pytest.fixture
async def control(tmp_path, commands):
    opened = await ControlSocket.open(tmp_path, commands.run, request_timeout_seconds=0.3)
    yield opened
    commands.go_on.set()
    await opened.close()


async def send(control, content, *, eof=False):
    """Send raw bytes; every line of the answer."""
    reader, writer = await asyncio.open_unix_connection(control.path, limit=2**26)
    writer.write(content)
    if eof:
        writer.write_eof()
    lines = (await asyncio.wait_for(reader.read(), 10)).splitlines()
    writer.close()
    return [json.loads(line) for line in lines]


def line(name, **parameters):
    return json.dumps({"command": name, "params": parameters}).encode() + b"\n"


async def test_result_progress_and_refusal(control):
    assert await send(control, line("echo", a="中")) == [{"result": {"a": "中"}}]
    assert await send(control, line("count", to=2)) == [
        {"progress": {"message": "0"}},
        {"progress": {"message": "1"}},
        {"result": {"counted": 2}},
    ]
    (answer,) = await send(control, line("nothing"))
    assert answer == {"error": {"code": "not_found", "message": "no 中文 such thing \udcff"}}


async def test_a_fault_is_reported_to_the_log_and_not_to_the_client(control):
    logged = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: logged.append(context))
    (answer,) = await send(control, line("fail"))
    assert answer["error"]["code"] == "internal_error"
    assert "SECRET" not in str(answer)
    assert isinstance(logged[0]["exception"], ZeroDivisionError)


@pytest.mark.parametrize(
    "content",
    [
        b"\n",
        b"not json\n",
        b"\xff\xfe\n",
        b"5\n",
        b"[]\n",
        b"{}\n",
        b'{"command": "echo"}\n',
        b'{"command": 5, "params": {}}\n',
        b'{"command": "echo", "params": []}\n',
        b"[" * 100_000 + b"\n",
    ],
)
async def test_nonsense_is_refused(control, content):
    (answer,) = await send(control, content)
    assert answer["error"]["code"] == "invalid_argument"
    assert await send(control, line("echo")) == [{"result": {}}]


async def test_a_line_has_a_limit(control):
    text = "x" * (LINE_BYTES_MAX - 100)
    assert await send(control, line("echo", text=text)) == [{"result": {"text": text}}]
    reader, writer = await asyncio.open_unix_connection(control.path)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        while True:
            writer.write(b"x" * 2**20)
            await writer.drain()
            if reader.at_eof():
                raise ConnectionResetError
    writer.close()


async def test_who_says_nothing_is_sent_away(control):
    for content, eof in ((b"", False), (b'{"comm', False), (b"", True), (b'{"comm', True)):
        (answer,) = await send(control, content, eof=eof)
        assert answer["error"]["code"] == "invalid_argument"


async def test_many_at_once_and_no_more_than_that(control, commands):
    waiting = [
        asyncio.create_task(send(control, line("wait", n=n)))
        for n in range(control_socket.CLIENTS_MAX)
    ]
    while len(control._clients) < control_socket.CLIENTS_MAX:
        await asyncio.sleep(0.01)
    (answer,) = await send(control, line("echo"))
    assert answer["error"]["code"] == "overloaded"
    commands.go_on.set()
    assert await asyncio.gather(*waiting) == [[{"result": {}}]] * control_socket.CLIENTS_MAX
    assert await send(control, line("echo")) == [{"result": {}}]


async def test_a_command_outlives_its_client(control, commands):
    _, writer = await asyncio.open_unix_connection(control.path)
    writer.write(line("wait", n=1))
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()
    await asyncio.sleep(0.05)
    assert commands.done == []
    commands.go_on.set()
    await send(control, line("echo"))
    assert commands.done == [{"n": 1}]


async def test_closing_lets_a_command_finish(tmp_path, commands):
    control = await ControlSocket.open(tmp_path, commands.run)
    answer = asyncio.create_task(send(control, line("wait", n=1)))
    await asyncio.sleep(0.05)
    closing = asyncio.create_task(control.close())
    await asyncio.sleep(0.05)
    assert not control.path.exists()
    assert not closing.done()
    commands.go_on.set()
    assert await answer == [{"result": {}}]
    await closing


async def test_a_reader_that_sleeps_gets_no_progress_but_its_result(control):
    reader, writer = await asyncio.open_unix_connection(control.path, limit=1024)
    writer.write(line("count", to=200_000))
    await asyncio.sleep(0.3)
    lines = (await asyncio.wait_for(reader.read(), 10)).splitlines()
    writer.close()
    assert json.loads(lines[-1]) == {"result": {"counted": 200_000}}
    assert len(lines) < 100_000


async def test_only_the_owner(control):
    assert stat.S_IMODE(control.path.stat().st_mode) == 0o600
    pair = socket.socketpair()
    assert control_socket.peer_uid(pair[0].fileno()) in (os.geteuid(), None)
    for end in pair:
        end.close()


@pytest.mark.skipif(
    os.geteuid() != 0 or not sys.platform.startswith("linux"),
    reason="needs root on Linux to become somebody else",
)
async def test_somebody_else_is_refused_even_if_the_file_lets_him(commands):
    script = (
        "import os, socket, sys; os.setuid(65534); s = socket.socket(socket.AF_UNIX)\n"
        "s.connect(sys.argv[1]); s.sendall(sys.argv[2].encode())\n"
        "print(s.makefile().read())"
    )
    with tempfile.TemporaryDirectory() as home:
        control = await ControlSocket.open(Path(home), commands.run)
        os.chmod(home, 0o755)
        control.path.chmod(0o666)
        said = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", script, control.path, line("echo").decode()],
            capture_output=True,
            timeout=20,
        )
        await control.close()
    assert json.loads(said.stdout)["error"]["code"] == "forbidden", said


async def test_a_stale_socket_is_replaced(tmp_path, commands):
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(tmp_path / "control.sock"))
    control = await ControlSocket.open(tmp_path, commands.run)
    assert await send(control, line("echo")) == [{"result": {}}]
    await control.close()
