"""Holds and settlements, many at once, on any book: what a request asks of the ledger."""

import asyncio
import time
from collections.abc import Sequence

from bench.past import PRICE
from yiyuan.kernel.ids import new_id
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.operations import Details, Held, Hold, Settle, Settled


async def spend(
    ledger: Ledger, accounts: Sequence[str], at_once: int, seconds: float
) -> tuple[float, float]:
    """Pairs for some seconds, going round the accounts: a second, and the p99 in seconds."""
    latencies: list[float] = []
    give_up_at = time.perf_counter() + seconds

    async def work(number: int) -> None:
        turn = number
        while (began := time.perf_counter()) < give_up_at:
            turn += at_once
            await pair(ledger, accounts[turn % len(accounts)])
            latencies.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(work(number) for number in range(at_once)))
    latencies.sort()
    rate = len(latencies) / (time.perf_counter() - began)
    return rate, latencies[int(len(latencies) * 0.99)]


async def pair(ledger: Ledger, account_id: str) -> None:
    """One request: held, and settled durably."""
    request_id, now = new_id("ex"), time.time_ns() // 1_000_000
    held = await ledger.hold(
        Hold(
            request_id=request_id,
            account_id=account_id,
            api_token_id="tok_bench",
            budget_ids=(),
            model="past",
            price=PRICE,
            price_factor_ppm=1_000_000,
            amount_micros=1_000,
            input_bound=200,
            output_bound=400,
            opened_at=now,
            deadline=now + 600_000,
        )
    )
    assert isinstance(held, Held), held
    details = Details(endpoint="chat", status=200, ended_at=now)
    usage = Usage(100, 20)
    settled = await ledger.settle(Settle(request_id, usage, "upstream", "completed", details))
    assert isinstance(settled, Settled), settled
