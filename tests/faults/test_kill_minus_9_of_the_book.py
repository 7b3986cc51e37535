"""A dozen kill −9 of a process with 64 streams; its parent has seen what was delivered.

On SQLite and on PostgreSQL. `YIYUAN_TEST_KILLS` makes more of them: fifty lives for each
shop, because after each of them everything it has ever seen is checked again.

After each restart: the books are right; per stream, delivered − 64 ≤ charged ≤
delivered; what had ended is charged in full; no acknowledged credit is missing, none
is there twice.
"""

import asyncio
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from itertools import count as numbered
from pathlib import Path

import pytest

from tests.support.ledger.postgres import audit as audit_postgres
from tests.support.ledger.sqlite import audit, rows
from tests.support.ledger.stream_child import WINDOW, open_at
from tests.support.postgres_server import query

FIRST_SEED = int(os.environ.get("YIYUAN_TEST_FIRST_SEED", "0"))

KILLS = int(os.environ.get("YIYUAN_TEST_KILLS", "12"))
KILLS_PER_SHOP = 50
ROOT = Path(__file__).parents[2]


def run_and_kill(place: str, life: int, seconds: float) -> list[str]:
    """Let a child spend for a while, kill it, and return everything that it told."""
    synchronous = "FULL" if life % 2 else "NORMAL"
    command = [sys.executable, "-m", "tests.support.ledger.stream_child"]
    child = subprocess.Popen(
        [*command, place, str(life), synchronous], stdout=subprocess.PIPE, cwd=ROOT
    )
    try:
        assert child.stdout.readline() == b"ready\n"
        # The pipe must be read meanwhile, or it would fill up and stop the child.
        threading.Timer(seconds, child.kill).start()
        told = child.stdout.read()
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    assert child.returncode == -9
    return told.decode().rsplit("\n", 1)[0].splitlines()


class Oracle:
    """What all lives together have delivered."""

    def __init__(self) -> None:
        self.delivered: Counter[str] = Counter()
        self.ended: dict[str, int] = {}
        self.credits: set[str] = set()

    def hear(self, lines: list[str]) -> None:
        for line in lines:
            match line.split():
                case ["credit", key]:
                    self.credits.add(key)
                case [request, "end", charge]:
                    assert request not in self.ended
                    self.ended[request] = int(charge)
                case [request, count]:
                    self.delivered[request] += int(count)

    def check(self, place: str) -> None:
        usage = {
            row[0]: row[1:] for row in read(place, "SELECT request_id, charge, outcome FROM usage")
        }
        for request, count in self.delivered.items():
            charge, outcome = usage.get(request, (None, None))
            assert charge is not None, f"{request}: {count} delivered, nothing charged"
            if request in self.ended:
                assert (charge, outcome) == (count, "completed"), request
            assert count - WINDOW <= charge, f"{request}: {count} delivered, {charge} charged"
            if outcome == "recovered":
                assert charge <= count, f"{request}: {count} delivered, {charge} charged"
        for request, charge in self.ended.items():
            assert usage[request] == (charge, "completed"), request
        for request, (charge, outcome) in usage.items():
            # A settlement may be stored although nobody lived to hear of it.
            if outcome == "recovered" and request not in self.delivered:
                assert charge == 0, f"{request}: nothing delivered, {charge} charged"
        keys = Counter(
            key
            for (key,) in read(place, "SELECT idem_key FROM entries WHERE idem_key LIKE 'key_%'")
        )
        assert self.credits <= keys.keys()
        assert set(keys.values()) <= {1}


def read(place: str, sql: str) -> list[tuple]:
    """Rows of either engine."""
    return [tuple(row) for row in query(place, sql)] if "://" in place else rows(Path(place), sql)


async def restart(place: str) -> int:
    async with open_at(place, "FULL") as (ledger, _):
        return ledger.recovered.charged


def problems_of(place: str) -> list[str]:
    """What `ledger verify` says."""
    if "://" in place:
        return asyncio.run(audit_postgres(place))["problems"]
    return audit(Path(place))["problems"]


@pytest.fixture(params=["sqlite", "postgres"])
def new_place(request, tmp_path):
    """Makes an empty shop, and says where."""
    numbers = numbered()
    if request.param == "sqlite":
        return lambda: str(tmp_path / f"home-{next(numbers)}")
    return request.getfixturevalue("postgres").new_database


@pytest.mark.random
@pytest.mark.timeout(120 + 20 * KILLS)
def test_nothing_delivered_is_uncharged_and_nothing_is_charged_twice(new_place):
    chance = random.Random(127 + FIRST_SEED)
    streams = recovered = ended = credited = 0
    for first in range(0, KILLS, KILLS_PER_SHOP):
        place, oracle = new_place(), Oracle()
        for life in range(first, min(first + KILLS_PER_SHOP, KILLS)):
            oracle.hear(run_and_kill(place, life, chance.uniform(0.05, 0.5)))
            recovered += asyncio.run(restart(place))
            assert problems_of(place) == []
            oracle.check(place)
        streams += len(oracle.delivered)
        ended += len(oracle.ended)
        credited += len(oracle.credits)
        print(f"{life + 1} kills: {streams} streams, {recovered} recovered after their start")
    # The kills must have hit something, or this proved nothing.
    assert recovered > KILLS
    assert ended > KILLS
    assert credited
