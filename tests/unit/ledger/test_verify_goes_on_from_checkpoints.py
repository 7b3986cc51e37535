"""An audit reads what is new; a full one reads everything, and compares it with before."""

import asyncio

import pytest

from tests.support.ledger.shops import ENGINES, open_shop
from tests.unit.services.spending import spend


@pytest.fixture(params=ENGINES)
async def shop(request, tmp_path):
    async with open_shop(request.param, request, tmp_path) as shop:
        yield shop


async def checked(shop, requests=3):
    """A shop with some history, all of it verified."""
    for _ in range(requests):
        await spend(shop.context, shop.account)
    verdict = await shop("ledger.verify")
    assert verdict["ok"], verdict
    return verdict


async def test_the_second_run_reads_only_what_is_new(shop):
    first = await checked(shop)
    assert (first["entries"], first["read"]) == (4, 4)
    again = await shop("ledger.verify")
    assert again == first | {"read": 0}
    await spend(shop.context, shop.account)
    await shop("account.create", name="bob", balance=5)
    later = await shop("ledger.verify")
    assert (later["ok"], later["accounts"], later["entries"], later["read"]) == (True, 2, 6, 2)
    whole = await shop("ledger.verify", full=True)
    assert (whole["ok"], whole["entries"], whole["read"]) == (True, 6, 6)
    assert shop.progress[-1]["message"] == "checked 6 of 6 entries"


async def test_a_tampered_old_entry_is_found_by_a_full_run(shop):
    await checked(shop)
    # In itself the chain is still right: only what was read before tells.
    shop.spoil("UPDATE entries SET memo = 'never said' WHERE seq = 2")
    assert (await shop("ledger.verify"))["ok"]
    verdict = await shop("ledger.verify", full=True)
    start = f"V2 account {shop.account}: entries 1 to 4 are not what was checked on 20"
    assert [problem.startswith(start) for problem in verdict["problems"]] == [True]
    # The evidence is not overwritten.
    assert not (await shop("ledger.verify", full=True))["ok"]


@pytest.mark.parametrize("full", [False, True])
async def test_a_tampered_new_entry_is_found_by_both(shop, full):
    await checked(shop)
    await spend(shop.context, shop.account)
    shop.spoil("UPDATE entries SET amount = amount + 1 WHERE seq = 5")
    verdict = await shop("ledger.verify", full=full)
    problems = " ".join(verdict["problems"])
    assert f"V2 account {shop.account}: entry 5 leaves" in problems
    assert "V9" in problems
    # It is no good to go on from.
    assert shop.rows("SELECT seq FROM checkpoints") == [(4,)]


@pytest.mark.parametrize("full", [False, True])
async def test_an_old_entry_that_is_gone_is_found_by_both(shop, full):
    await checked(shop)
    shop.spoil(
        "DELETE FROM entries WHERE seq = 4",
        "UPDATE accounts SET seq = 3, posted = (SELECT max(balance_after) FROM entries "
        "WHERE seq = 3)",
    )
    problems = (await shop("ledger.verify", full=full))["problems"]
    assert any(problem.startswith(f"V1 account {shop.account}") for problem in problems), problems


async def test_a_head_that_moves_without_an_entry_is_found(shop):
    await checked(shop)
    shop.spoil("UPDATE accounts SET posted = posted + 1")
    problems = (await shop("ledger.verify"))["problems"]
    assert problems[0].startswith(f"V1 account {shop.account}: its balance is")


async def test_usage_since_the_checkpoint_without_its_entry_is_found(shop):
    await checked(shop)
    await spend(shop.context, shop.account)
    shop.spoil("DELETE FROM entries WHERE seq = 5")
    problems = (await shop("ledger.verify"))["problems"]
    assert any("was charged 3600 without entry" in problem for problem in problems), problems


async def test_two_at_once_and_writers_between_them(shop):
    async def work():
        for _ in range(40):
            await spend(shop.context, shop.account, input_tokens=1, output_tokens=1)

    async def look(full):
        verdicts = [await shop("ledger.verify", full=full) for _ in range(6)]
        assert all(verdict["ok"] for verdict in verdicts), verdicts

    await asyncio.gather(work(), look(full=False), look(full=True))
    assert (await shop("ledger.verify", full=True))["entries"] == 41
