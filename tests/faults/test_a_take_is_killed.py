"""A take that is killed, wherever, goes on with the next one: nobody twice, nothing lost."""

import os
import signal
import subprocess
import time

import pytest

from tests.support.gateway_process import BIN, Gateway
from tests.support.new_api_shop import NewApiShop, token, user

PLACES = 20
PEOPLE = 150


@pytest.fixture
def shop(tmp_path):
    shop = NewApiShop(tmp_path / "old.db").add_usual(people=1)
    shop.add("users", *[user(i, f"user {i}", quota=i * 1_001) for i in range(10, 10 + PEOPLE)])
    shop.add(
        "tokens",
        *[
            token(i, 10 + i % PEOPLE, unlimited_quota=i % 2, remain_quota=i * 7)
            for i in range(10, 10 + 3 * PEOPLE)
        ],
    )
    shop.add(
        "redemptions", *[{"id": i, "key": f"{i:032x}", "quota": 100 + i % 2} for i in range(9)]
    )
    return shop


@pytest.mark.timeout(600)
def test_killed_at_twenty_places_and_taken_again(tmp_path, cli, shop):
    gateway = Gateway(tmp_path / "home", cli)
    command = [
        str(BIN / "yiyuan"), "import", "take", "new-api", str(shop.path),
        "--name", "old", "--rate", "7.3",
    ]  # fmt: skip
    began = time.monotonic()
    # One whole run on another home tells how long it takes, so that places are spread over it.
    other = Gateway(tmp_path / "other", cli)
    subprocess.run(command, env=other.environment, check=True, capture_output=True)
    whole = time.monotonic() - began
    killed = 0
    for place in range(1, PLACES + 1):
        shop.change("UPDATE users SET quota = quota + 1 WHERE id = ?", 10 + place)
        process = subprocess.Popen(
            command, env=gateway.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            process.wait(timeout=whole * place / (PLACES + 1))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            killed += 1
        process.communicate()
    assert killed >= PLACES // 2, "it was over before it could be killed"
    gateway.cli("import", "take", "new-api", str(shop.path), "--name", "old", "--rate", "7.3")
    checked = gateway.cli("import", "check", "old")
    assert checked["ok"], checked["equalities"]
    accounts = gateway.cli("account", "list")["accounts"]
    assert len(accounts) == len({account["name"] for account in accounts}) == PEOPLE + 2
    wanted = {"root", "user2", *(f"user {number}" for number in range(10, 10 + PEOPLE))}
    assert {account["name"] for account in accounts} == wanted
    assert gateway.cli("ledger", "verify")["ok"]
