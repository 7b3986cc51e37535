"""Requests become part of their day once, and no total notices."""

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.ledger.shops import DAY, ENGINES, open_shop
from tests.unit.services.spending import spend
from yiyuan.kernel.clock import SystemClock, iso
from yiyuan.services.maintenance.retention import TURN_MS, Expiry, NotOurTurn
from yiyuan.store.queries import usage as reports
from yiyuan.store.queries.account_list import AccountSearch, accounts_page
from yiyuan.store.queries.margins import takings
from yiyuan.store.queries.spend import spent_micros
from yiyuan.store.queries.usage import Filters
from yiyuan.store.tables import usage_retention
from yiyuan.store.tables.usage_retention import Turn

DAYS = 6


class Wall(SystemClock):
    """A clock whose wall hangs where the test wants it."""

    def __init__(self, now_ms):
        self.now_ms = now_ms

    def wall_ms(self):
        return self.now_ms


@pytest.fixture(params=ENGINES)
async def shop(request, tmp_path):
    async with open_shop(request.param, request, tmp_path) as shop:
        yield shop


async def totals(shop, first_day):
    """Every total that people see, whichever day they ask from."""
    usage = [
        await shop("usage.by_day", name="alice", since=iso(day * DAY))
        for day in range(first_day, first_day + DAYS + 1)
    ]
    spent = await spent_micros(shop.context.database, shop.account, 0, 2**53)
    balance = (await shop("account.show", name="alice"))["balance"]
    return usage, spent, balance, await pages(shop.context.database, shop.account, first_day)


async def pages(database, account_id, first_day):
    """What the console shows."""
    found = []
    for since in range(first_day, first_day + DAYS + 1, 2):
        whole = Filters(account_id, since_ms=since * DAY)
        for filters in (
            whole,
            whole._replace(until_ms=(since + 2) * DAY),
            whole._replace(model="b", endpoint="/v1/completions"),
            whole._replace(api_token_id="tok_1", outcome="completed"),
            whole._replace(errors_only=True),
        ):
            found.append(await reports.totals(database, filters))
            for by in reports.GROUPS:
                found.append(sorted(await reports.sums_by(database, filters, by)))
                found.append(await reports.sums_by_day(database, filters, by))
        for group in ("day", "model"):
            found.append(await takings(database, since * DAY, group))
        spent = await reports.last_use(database, account_id, since * DAY)
        found.append({name: micros for name, (micros, _) in spent.items()})
        search = AccountSearch("", "all", "name", is_descending=False, since_ms=since * DAY)
        (line,) = await accounts_page(database, search, offset=0, limit=9)
        found.append(line.spend_month)
        found.append(await reports.has_request(database, account_id))
    return found


async def expire(shop, cut_day):
    """Let everything before a day expire."""
    passes = Expiry(shop.context.database, Wall((cut_day + 1) * DAY + 5), 1)
    return await passes.run(is_polite=False)


REQUESTS = st.lists(
    st.tuples(
        st.integers(0, DAYS * DAY - 1),
        st.sampled_from(["gpt-4", "b"]),
        st.sampled_from(["tok_1", "tok_2"]),
        st.integers(0, 300),
        st.integers(0, 300),
    ),
    max_size=12,
)


def compare(engine, request, requests, cuts):
    """Totals before any request expired, and after each cut."""

    async def run():
        with tempfile.TemporaryDirectory() as folder:
            async with open_shop(engine, request, Path(folder)) as shop:
                first_day = 20_000
                for at, model, api_token_id, input_tokens, output_tokens in requests:
                    await spend(
                        shop.context,
                        shop.account,
                        at=first_day * DAY + at,
                        model=model,
                        api_token_id=api_token_id,
                        input_tokens=input_tokens,
                        output_tokens=output_tokens,
                    )
                # Some of them failed, and of some it is known what they cost.
                shop.spoil(
                    "UPDATE usage SET status = 200, upstream_cost = 3 WHERE input_tokens % 3 > 0",
                    "UPDATE usage SET outcome = 'interrupted' WHERE input_tokens % 3 = 1",
                )
                before, moved = await totals(shop, first_day), 0
                for cut in cuts:
                    moved += await expire(shop, first_day + cut)
                    assert await totals(shop, first_day) == before
                    for full in (False, True):
                        verdict = await shop("ledger.verify", full=full)
                        assert verdict["ok"], verdict
                gone = [at for at, *_ in requests if at < max(cuts) * DAY]
                assert moved == len(gone)
                left = shop.rows("SELECT count(*) FROM usage")[0][0]
                assert left == len(requests) - len(gone)

    asyncio.run(run())


@given(requests=REQUESTS, cuts=st.lists(st.integers(0, DAYS), min_size=1, max_size=3))
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_total_changes_whatever_expires(request, requests, cuts):
    compare("sqlite", request, requests, cuts)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_total_changes_when_one_day_after_the_other_expires(request, engine):
    requests = [
        (number * DAY // 2, ("gpt-4", "b")[number % 2], f"tok_{number % 3}", number, 2 * number)
        for number in range(2 * DAYS)
    ]
    compare(engine, request, requests, [1, 2, 5])


async def test_a_day_says_what_its_requests_said(shop):
    day = 20_000
    for number in range(3):
        await spend(shop.context, shop.account, at=day * DAY + number, input_tokens=10 * number)
    shop.spoil(
        "UPDATE usage SET status = 200",
        "UPDATE usage SET upstream_cost = 7 WHERE input_tokens > 0",
        "UPDATE usage SET outcome = 'interrupted' WHERE input_tokens = 20",
        "INSERT INTO attempts SELECT request_id, 1, 'ch', NULL, 'completed', 200, NULL, 7, 5 "
        "FROM usage",
    )
    assert await expire(shop, day) == 0
    assert await expire(shop, day + 1) == 3
    assert shop.rows("SELECT count(*) FROM usage UNION ALL SELECT count(*) FROM attempts") in (
        [(0,)],
        [(0,), (0,)],
    )
    charge = 3 * 10 * 60 + 30 * 30
    alike = (shop.account, day, "tok_test", "gpt-4", "/v1/completions")
    assert sorted(shop.rows("SELECT * FROM usage_days")) == [
        (*alike, "completed", 0, 2, 2, 10, 0, 0, 0, 20, 0, charge - 1_200, 0, 7, 900),
        (*alike, "interrupted", 1, 1, 1, 20, 0, 0, 0, 10, 0, 1_200, 0, 7, 1_200),
    ]
    # One that was still running when its day expired comes later, and is added.
    await spend(shop.context, shop.account, at=day * DAY + 9, input_tokens=1, output_tokens=0)
    shop.spoil("UPDATE usage SET status = 200")
    assert await expire(shop, day + 1) == 1
    assert sorted(shop.rows("SELECT requests, charge, upstream_cost FROM usage_days")) == [
        (1, 1200, 7),
        (3, 1530, 7),
    ]
    assert (await shop("ledger.verify", full=True))["ok"]


async def test_more_than_a_piece_of_many_accounts(shop):
    for number in range(3):
        await shop("account.create", name=f"bob {number}", balance=1_000_000)
    accounts = [row[0] for row in shop.rows("SELECT id FROM accounts")]
    for number in range(250):
        account = accounts[0] if number % 2 else accounts[number % 8 // 2]
        await spend(
            shop.context, account, at=20_000 * DAY + number, input_tokens=1, output_tokens=0
        )
    assert await expire(shop, 20_001) == 250
    assert shop.rows("SELECT CAST(sum(requests) AS BIGINT) FROM usage_days") == [(250,)]
    verdict = await shop("ledger.verify", full=True)
    assert (verdict["ok"], verdict["read"]) == (True, 254), verdict


async def test_what_two_try_at_once_happens_once(shop):
    ids = [
        await spend(shop.context, shop.account, at=20_000 * DAY + number) for number in range(60)
    ]
    await usage_retention.take_turn(shop.context.database, Turn("a", 1), 0)
    # Both believe that it is their turn: a process that was frozen may.
    moved = await asyncio.gather(
        *(
            usage_retention.expire(shop.context.database, ids[start : start + 40], Turn(holder, 1))
            for holder, start in (("a", 0), ("b", 20), ("c", 10), ("a", 20))
        )
    )
    assert sum(moved) == 60
    assert shop.rows("SELECT requests, charged FROM usage_days") == [(60, 60)]
    assert (await shop("ledger.verify", full=True))["ok"]


async def test_one_process_at_a_time(shop):
    clock = Wall(20_001 * DAY)
    one, other = (Expiry(shop.context.database, clock, 1) for _ in range(2))
    await usage_retention.take_turn(
        shop.context.database, Turn(one._holder, clock.now_ms + TURN_MS), 0
    )
    with pytest.raises(NotOurTurn):
        await other.run()
    shop.context.clock = clock
    assert (await shop.refused("ledger.expire")).code == "already_running"
    clock.now_ms += TURN_MS + 1
    assert await other.run() == 0
    assert await one.run() == 0


async def test_a_request_that_has_expired_is_refunded_all_the_same(shop):
    request_id = await spend(shop.context, shop.account, at=20_000 * DAY)
    assert (await shop("ledger.expire"))["requests"] == 1
    entry = await shop("ledger.refund", request_id=request_id, reason="wrong model")
    assert (entry["kind"], entry["amount"]) == ("refund", 3600)
    assert (await shop("account.show", name="alice"))["balance"] == 1_000_000
    error = await shop.refused("ledger.refund", request_id=request_id, reason="again")
    assert error.code == "already_refunded"
    assert (await shop("ledger.verify", full=True))["ok"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE usage_days SET charge = charge - 1",
        "UPDATE usage_days SET requests = 5, charged = 3",
        "DELETE FROM usage WHERE admitted_at > 20001 * CAST(86400000 AS BIGINT)",
    ],
)
async def test_days_that_do_not_account_for_the_charges_are_found(shop, statement):
    for day in (20_000, 20_000, 20_003):
        await spend(shop.context, shop.account, at=day * DAY)
    await expire(shop, 20_001)
    assert (await shop("ledger.verify", full=True))["ok"]
    shop.spoil(statement)
    problems = (await shop("ledger.verify", full=True))["problems"]
    assert [p.startswith(f"V5 account {shop.account}: 3 charges of 10800") for p in problems] == [
        True
    ], problems


async def test_it_happens_by_itself(shop):
    await spend(shop.context, shop.account, at=20_000 * DAY)
    passes = Expiry(shop.context.database, shop.context.clock, 90)
    passes.start(first_pass_seconds=0.01, pass_seconds=0.05)
    async with asyncio.timeout(30):
        while passes.requests_total < 1:
            await asyncio.sleep(0.01)
        await spend(shop.context, shop.account, at=20_001 * DAY)
        while passes.requests_total < 2:
            await asyncio.sleep(0.01)
    await passes.close()
    assert passes.failures_total == 0
    assert shop.rows("SELECT count(*) FROM usage_days") == [(2,)]


async def test_nothing_expires_where_everything_is_kept(request, tmp_path):
    async with open_shop("sqlite", request, tmp_path, YIYUAN_USAGE_DETAIL_DAYS="0") as shop:
        await spend(shop.context, shop.account, at=20_000 * DAY)
        assert await shop("ledger.expire") == {"requests": 0, "before": None}
        assert shop.rows("SELECT count(*) FROM usage") == [(1,)]
