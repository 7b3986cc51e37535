"""One process per home, whatever comes at once: servers, commands, kills."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

HOLDER = """
import sys
from pathlib import Path
from yiyuan.store.home import HomeLock
lock = HomeLock.acquire(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_commands_at_once_wait_for_each_other(shell):
    shell.json("account", "create", "alice")
    running = [
        shell.start("account", "credit", "alice", "1", "--reason", "x", "--json") for _ in range(6)
    ]
    outcomes = [(process.communicate(timeout=30), process.returncode) for process in running]
    assert [code for _, code in outcomes] == [0] * 6, outcomes
    balances = {json.loads(stdout)["balance_after"] for (stdout, _), _ in outcomes}
    assert balances == set(range(1, 7))


def test_a_home_that_stays_taken_is_a_clear_error(shell):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, shell.home],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "held\n"
        began = time.monotonic()
        error = shell.refused("account", "list")
        assert time.monotonic() - began < 10
        assert error["code"] == "home_locked"
        assert str(holder.pid) in error["message"]
    finally:
        holder.stdin.close()
        holder.wait(timeout=10)
        holder.stdout.close()
    shell.json("account", "list")


def test_a_second_server_is_refused_and_the_first_goes_on(shell):
    with shell.server():
        error = shell.refused("serve", "--port", "0")
        assert error["code"] == "home_locked"
        shell.json("account", "list")


def test_a_killed_server_leaves_nothing_in_the_way(shell):
    with shell.server() as process:
        shell.json("account", "create", "alice")
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        assert (shell.home / "control.sock").exists()
        assert len(shell.json("account", "list")["accounts"]) == 1
        with shell.server():
            assert len(shell.json("account", "list")["accounts"]) == 1
    assert not (shell.home / "control.sock").exists()


def test_servers_come_and_go_under_commands(shell):
    """Every command takes effect once, through whichever process has the home."""
    shell.json("account", "create", "alice")
    done = threading.Event()
    outcomes = []

    def command():
        number = 0
        while not done.is_set():
            key = f"k{number}"
            outcomes.append(
                shell(*("account", "credit", "alice", "1", "--reason", "x", "--key", key))
            )
            number += 1

    thread = threading.Thread(target=command)
    thread.start()
    try:
        for _ in range(6):
            with shell.server():
                time.sleep(0.1)
    finally:
        done.set()
        thread.join()
    assert {said.code for said in outcomes} == {0}, [said for said in outcomes if said.code]
    assert shell.json("account", "show", "alice")["balance"] == len(outcomes)


def test_a_deep_home_works_too(shell):
    shell.home = shell.home.joinpath(*["d" * 40] * 4)
    assert len(os.fsencode(shell.home)) > 150
    with shell.server():
        made = shell.json("account", "create", "alice")
        assert (shell.home / "control.sock").exists()
    assert shell.json("account", "show", "alice") == made


def test_a_server_that_dies_amid_a_command_is_said(shell):
    """An accepted command without an answer: whether it took effect is not known."""
    shell.home.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(shell.home / "control.sock"))
        listener.listen()
        listener.settimeout(20)

        def answer():
            connection, _ = listener.accept()
            connection.recv(100)
            connection.sendall(b'{"progress": {"message": "soon"}}\n{"resu')
            connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        error = shell.refused("account", "list")
        thread.join()
    assert error["code"] == "server_stopped"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may connect to any socket")
def test_a_socket_of_somebody_else_is_said(shell):
    with shell.server():
        (shell.home / "control.sock").chmod(0)
        assert shell.refused("account", "list")["code"] == "forbidden"
