"""What a take costs: a tenth of a large shop in a tenth of its time, and look-ups of keys."""

import json
import subprocess
import sys

import pytest

from tests.project.tidy.tree import ROOT
from tests.support.new_api_shop import NewApiShop, token, user
from yiyuan.auth.api_token import hash_key
from yiyuan.services.tokens.old_keys import find_by_key

PEOPLE, KEYS_EACH = 1_000, 5
FIRST_SECONDS, AGAIN_SECONDS = 30.0, 6.0
"""Processor time; 10,000 people and 50,000 keys may take 5 minutes, and 1 the second time."""
MEMORY_MB = 500


@pytest.mark.slow
def test_a_tenth_of_a_large_shop_and_again(tmp_path):
    shop = NewApiShop(tmp_path / "large.db").add_usual(people=1)
    people = range(100, 100 + PEOPLE)
    shop.add("users", *(user(number, f"user {number}", quota=number) for number in people))
    keys = (token(n * 10 + k, n) for n in people for k in range(KEYS_EACH))
    shop.add("tokens", *keys)
    cost = measured(tmp_path / "home", shop)
    first, again = cost["seconds"]
    assert first < FIRST_SECONDS
    assert again < AGAIN_SECONDS
    assert cost["memory_mb"] < MEMORY_MB
    taking = [step for step in cost["told"] if step.get("stage") in {"people", "keys"}]
    assert {step["stage"] for step in taking} == {"people", "keys"}
    assert all(step["done"] <= step["total"] for step in taking)
    assert cost["ok"]


def measured(home, shop) -> dict:
    """What two takes cost, in a process of their own: what ran before here does not count."""
    command = [sys.executable, "-m", "tests.support.measured_takes", str(home), str(shop.path)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(printed.stdout)


async def test_a_wrong_key_costs_one_look_up_more_and_a_right_one_none(operator, tmp_path):
    shop = NewApiShop(tmp_path / "old.db").add_usual()
    await operator("import.take", kind="new-api", place=str(shop.path), name="old", rate="7.5")
    context = operator.context
    asked = []
    database = context.database

    class Counted:
        """The database, its questions counted."""

        def __getattr__(self, name):
            return getattr(database, name)

        async def read(self, sql, parameters=()):
            asked.append(sql)
            return await database.read(sql, parameters)

    context.database = Counted()
    right = f"sk-{2:048d}"

    async def cost(key) -> tuple[bool, int]:
        asked.clear()
        found = await find_by_key(context, hash_key(context.secrets.token_pepper, key), key)
        return found is not None, len(asked)

    try:
        assert (await cost(right))[0]
        assert not any("legacy_keys" in sql for sql in asked)
        for wrong in ("sk-" + "x" * 48, "nonsense", right + "7", "sk-" + "x" * 48 + "-12"):
            assert await cost(wrong) == (False, 2), wrong
        assert (await cost(right.removeprefix("sk-")))[0]
        assert (await cost(right + "-12"))[0]
    finally:
        context.database = database
