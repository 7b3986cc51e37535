"""What a budget has spent is proved to the micro, also of charges that no row tells of."""

import contextlib
import sqlite3

import asyncpg
import pytest

from tests.support.ledger.shops import DAY, ENGINES, open_shop
from tests.unit.services.spending import spend
from yiyuan.ledger.operations import SetBudget
from yiyuan.store import schema
from yiyuan.store.postgres import migrate as in_postgres
from yiyuan.store.tables import usage_retention
from yiyuan.store.tables.usage_retention import Turn

FIRST = 20_000 * DAY
HOUR = 3_600_000
CHARGE = 3_600
"""100 and 10 tokens, at 30 and 60."""
BEFORE = (
    "DROP TRIGGER usage_leaves_what_budgets_keep{on}",
    "DROP TABLE budget_remainders",
)
NUMBER = 21


@pytest.fixture(params=ENGINES)
async def shop(request, tmp_path):
    """A shop whose account has a token with a budget in total and one of its month."""
    async with open_shop(request.param, request, tmp_path) as shop:
        made = await shop("token.create", name="t", account="alice")
        shop.token = made["id"]
        for name, period in budgets(shop).items():
            await shop.context.ledger.post(SetBudget(name, shop.token, 900_000, FIRST, period))
        yield shop


def budgets(shop) -> dict[str, str]:
    return {shop.token: "total", f"{shop.token}/month": "month"}


async def pay(shop, at):
    """A request that both budgets count."""
    return await spend(
        shop.context, shop.account, at=at, api_token_id=shop.token, budget_ids=tuple(budgets(shop))
    )


def spent(shop):
    return [row[0] for row in shop.rows("SELECT spent FROM budgets ORDER BY id")]


async def problems(shop):
    return (await shop("ledger.verify", full=True))["problems"]


async def migrated(shop, *changes):
    """The shop as it was before the migration, after some changes, and the migration's own work."""
    url = shop.context.settings.database_url
    on = "" if url is None else " ON usage"
    shop.spoil(*(each.format(on=on) for each in BEFORE), *changes)
    if url is None:
        home = shop.context.settings.home / "yiyuan.db"
        with contextlib.closing(sqlite3.connect(home, isolation_level=None)) as connection:
            connection.executescript(dict(schema.migrations())[NUMBER])
        return
    shop.spoil("DROP FUNCTION keep_what_budgets_count")
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(dict(in_postgres.migrations())[NUMBER])
    finally:
        await connection.close()


async def test_what_has_expired_is_still_counted_to_the_micro(shop):
    for n in range(3):
        await pay(shop, FIRST + n)
    refunded = (await pay(shop, FIRST + 5), await pay(shop, FIRST + 6))
    await shop("ledger.refund", request_id=refunded[0], reason="wrong")
    assert (await shop("ledger.expire"))["requests"] == 5
    await shop("ledger.refund", request_id=refunded[1], reason="late: no budget gets it back")
    assert spent(shop) == [4 * CHARGE, 4 * CHARGE]
    assert await problems(shop) == []
    for wrong in (4 * CHARGE - 1, 4 * CHARGE + 1):
        shop.spoil(f"UPDATE budgets SET spent = {wrong} WHERE period = 'total'")
        found = await problems(shop)
        assert found == [f"V3 budget {shop.token}: {wrong} is spent, its usage makes {4 * CHARGE}"]


async def test_what_expires_after_its_period_is_in_no_remainder(shop):
    await pay(shop, FIRST)
    await pay(shop, FIRST + 40 * DAY)
    ids = [row[0] for row in shop.rows("SELECT request_id FROM usage ORDER BY admitted_at")]
    await usage_retention.expire(shop.context.database, ids[:1], Turn("here", FIRST + 90 * DAY))
    assert spent(shop) == [2 * CHARGE, CHARGE]
    kept = "SELECT budget_id, amount FROM budget_remainders"
    assert [tuple(row) for row in shop.rows(kept)] == [(shop.token, CHARGE)]
    assert await problems(shop) == []


@pytest.mark.parametrize("hours_off", [-0.9, 0, 0.01])
async def test_old_charges_whose_clock_was_wrong_are_proved_from_the_migration_on(shop, hours_off):
    """Half a minute, or an hour, beside the period's beginning: taken as the budget has it."""
    await pay(shop, FIRST)
    later = await pay(shop, FIRST + 2 * HOUR)
    clock = f"UPDATE usage SET admitted_at = {FIRST + int(hours_off * HOUR)} WHERE admitted_at = "
    await migrated(shop, "UPDATE usage SET counted = '?'", f"{clock}{FIRST}")
    assert spent(shop) == [2 * CHARGE, 2 * CHARGE]
    assert await problems(shop) == []
    await pay(shop, FIRST + 3 * HOUR)
    await shop("ledger.refund", request_id=later, reason="old, too")
    assert spent(shop) == [2 * CHARGE, 2 * CHARGE]
    assert await problems(shop) == []
    assert (await shop("ledger.expire"))["requests"] == 3
    assert await problems(shop) == []
    shop.spoil("UPDATE budgets SET spent = spent + 1 WHERE period = 'total'")
    assert len(await problems(shop)) == 1


@pytest.mark.parametrize("period", ["total", "month"])
async def test_a_migration_hides_no_fault(shop, period):
    """More than the doubtful charges can make, or less than the sure ones."""
    await pay(shop, FIRST + 2 * HOUR)
    for n, wrong in enumerate((CHARGE + 1, CHARGE - 1)):
        change = f"UPDATE budgets SET spent = {wrong} WHERE period = '{period}'"
        await migrated(shop, "UPDATE usage SET counted = '?'", change)
        (found,) = await problems(shop)
        assert f"{wrong} is spent, its usage makes {CHARGE}" in found, n


async def test_what_had_expired_before_is_taken_as_the_budget_has_it(shop):
    await pay(shop, FIRST)
    await pay(shop, FIRST + 1)
    await shop("ledger.expire")
    await migrated(shop)
    assert await problems(shop) == []
    shop.spoil("UPDATE budgets SET spent = spent - 1 WHERE period = 'total'")
    assert len(await problems(shop)) == 1
