"""What the ledger's tests share: prices, operations with defaults, a book on a disk."""

import asyncio
import sqlite3
import time
from contextlib import asynccontextmanager
from pathlib import Path

from yiyuan.kernel.clock import SystemClock
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.operations import (
    Attempt,
    Credit,
    Details,
    Hold,
    OpenAccount,
    Settle,
    Void,
)
from yiyuan.ledger.rules.apply import apply
from yiyuan.ledger.rules.state import LedgerState
from yiyuan.ledger.sqlite.ledger import SqliteLedger
from yiyuan.ledger.verify.verify import verify
from yiyuan.pricing.price import parse_price, to_json
from yiyuan.store.sqlite.database import SqliteDatabase, open_for_reading

T0 = 1_790_000_000_000
HOUR_MS = 3_600_000

# One micro per input token, two per output token.
PRICE = parse_price({"input": "1", "output": "2"}, price_id="price_a", model="m")
# Everything that a price can have.
RICH_PRICE = parse_price(
    {
        "input": "3",
        "cached_input": "0.3",
        "cache_write": "3.75",
        "output": "15",
        "request": 7,
        "steps": [{"min_input_tokens": 50, "input": "6", "output": "22.5"}],
        "hours": [{"utc": "16:30-00:30", "input": "1.5", "output": "7.5"}],
    },
    price_id="price_rich",
    model="m",
)
PRICES = {price.id: price for price in (PRICE, RICH_PRICE)}


class StillClock:
    """A wall clock that says what it is told; the monotonic one goes on."""

    def __init__(self, wall_ms):
        self.now_ms = wall_ms

    def wall_ms(self):
        return self.now_ms

    def monotonic(self):
        return time.monotonic()


def details(**fields) -> Details:
    return Details(**{"endpoint": "chat", "status": 200, "ended_at": T0 + 5, **fields})


def hold(request_id="ex_1", account_id="acct_a", amount=100, **fields) -> Hold:
    defaults = {
        "api_token_id": "tok_a",
        "budget_ids": (),
        "model": "m",
        "price": PRICE,
        "price_factor_ppm": 1_000_000,
        "input_bound": 1_000,
        "output_bound": 1_000,
        "opened_at": T0,
        "deadline": T0 + HOUR_MS,
    }
    return Hold(
        request_id=request_id, account_id=account_id, amount_micros=amount, **{**defaults, **fields}
    )


def settle(request_id="ex_1", input_tokens=10, output_tokens=5, **fields) -> Settle:
    usage = fields.pop("usage", Usage(input_tokens, output_tokens))
    defaults = {"source": "upstream", "outcome": "completed", "details": details()}
    return Settle(request_id=request_id, usage=usage, **{**defaults, **fields})


def void(request_id="ex_1", **fields) -> Void:
    return Void(**{"request_id": request_id, "outcome": "failed", "details": details(), **fields})


def credit(amount, account_id="acct_a", kind="adjust", contra="adjust", **fields) -> Credit:
    defaults = {"actor": "operator", "memo": "because", "at": T0}
    return Credit(
        account_id=account_id,
        kind=kind,
        amount_micros=amount,
        contra=contra,
        **{**defaults, **fields},
    )


def attempt(**fields) -> Attempt:
    return Attempt(**{"channel_id": "ch_a", "key_id": "key_a", "outcome": "completed", **fields})


def state_with(balance=1_000, account_id="acct_a", name=None) -> LedgerState:
    """A state with one account, its changes handed over."""
    state = LedgerState(epoch=1)
    apply(state, OpenAccount(account_id, name or account_id, T0, grant_micros=balance))
    state.take_batch()
    return state


async def store_prices(database: SqliteDatabase, more=()) -> None:
    for price in (*PRICES.values(), *more):
        await database.write(
            [
                (
                    "INSERT INTO prices VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    (price.id, price.model, to_json(price), T0),
                )
            ]
        )


@asynccontextmanager
async def open_book(
    home: Path, *, clock=None, synchronous="NORMAL", on_failure=lambda _: None, prices=()
):
    """A book and its database in `home`; closed and audited afterwards."""
    database = await SqliteDatabase.open(home, synchronous=synchronous, on_failure=on_failure)
    try:
        await store_prices(database, prices)
        ledger = await SqliteLedger.open(database, clock or SystemClock())
        try:
            yield ledger, database
        finally:
            await ledger.close()
    finally:
        await database.close()


async def open_account(ledger: SqliteLedger, balance=1_000, account_id="acct_a", name=None):
    return await ledger.post(OpenAccount(account_id, name or account_id, T0, grant_micros=balance))


def audit(home: Path, now_ms=T0, **options) -> dict:
    connection = open_for_reading(home / "yiyuan.db")
    try:
        return verify(connection, now_ms=now_ms, **options)
    finally:
        connection.close()


def rows(home: Path, query: str, values=()) -> list[tuple]:
    connection = sqlite3.connect(home / "yiyuan.db")
    try:
        return connection.execute(query, values).fetchall()
    finally:
        connection.close()


def spoil(home: Path, *statements: str) -> None:
    """Do to the database what no program of ours can."""
    connection = sqlite3.connect(home / "yiyuan.db", isolation_level=None)
    try:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            connection.execute(statement)
    finally:
        connection.close()


async def soon(condition, timeout_seconds=5.0) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(timeout_seconds):
        while not condition():
            await asyncio.sleep(0.002)
