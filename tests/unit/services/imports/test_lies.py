"""Databases that lie, and shops that change between the acts: refused, listed or left out."""

import pytest

from tests.support.new_api_shop import NewApiShop, token, user
from yiyuan.auth.api_token import hash_key
from yiyuan.services.imports.settings import rate_of
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.tokens.tokens import find_api_token
from yiyuan.store.tables.people.users import find_user

K = 15
INT64 = 2**63 - 1
A_CODE = "a" * 32


@pytest.fixture
def shop(tmp_path):
    return NewApiShop(tmp_path / "one.db").add_usual()


@pytest.fixture
async def move(operator, shop):
    """Look at or take this shop, under one name and rate."""

    async def run(command="take", **parameters):
        given = {"kind": "new-api", "place": str(shop.path), "name": "old", "rate": "7.5"}
        if command in ("look", "take"):
            return await operator(f"import.{command}", **given | parameters)
        return await operator(f"import.{command}", name="old", **parameters)

    return run


async def refused(awaitable):
    with pytest.raises(ServiceError) as caught:
        await awaitable
    return caught.value


async def tokens_of(operator, name):
    return (await operator("token.list", account=name))["tokens"]


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        (f"UPDATE users SET quota = {INT64} WHERE id = 2", "user 2"),
        ("UPDATE users SET quota = '1e30' WHERE id = 2", "user 2"),
        (f"INSERT INTO redemptions (id, key, quota) VALUES (6, '{A_CODE}', {INT64})", "code 6"),
        ("INSERT INTO options VALUES ('billing_setting.billing_mode', '[1]')", "list"),
        ("INSERT INTO options VALUES ('GroupGroupRatio', '[5]')", "list"),
        ("INSERT INTO options VALUES ('AutoGroups', '5')", "int"),
    ],
)
async def test_what_cannot_be_true_is_refused_by_look_and_take_and_named(move, shop, sql, named):
    shop.change(sql)
    for command in ("look", "take"):
        error = await refused(move(command))
        assert error.code == "source_unusable"
        assert named in error.message


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE users SET quota = '1e999999999' WHERE id = 2",
        "UPDATE users SET quota = 'lots' WHERE id = 2",
        "UPDATE users SET username = NULL WHERE id IN (2, 3)",
        f"UPDATE tokens SET expired_time = {INT64} WHERE id = 2",
        "UPDATE tokens SET expired_time = 1800000000000 WHERE id = 2",
        f"UPDATE tokens SET unlimited_quota = 0, remain_quota = {INT64} WHERE id = 2",
        f"""INSERT INTO redemptions (id, key, quota, expired_time)
            VALUES (1, '{A_CODE}', 5, {INT64}), (2, '%_', 5, 0), (3, '', 5, 0), (4, 'x', -5, 0)""",
        f"""INSERT INTO top_ups (id, user_id, amount, money, create_time)
            VALUES (1, 2, {INT64}, 'x', {INT64}), (2, 2, -5, NULL, -1)""",
        "UPDATE channels SET model_mapping = '[1,', setting = 'x', header_override = '7'",
        """UPDATE channels SET channel_info =
           '{"is_multi_key": true, "multi_key_status_list": [1, 2]}'""",
    ],
)
async def test_what_makes_no_sense_harms_nothing_else(operator, move, shop, sql):
    shop.change(sql)
    await move()
    assert (await move("check"))["ok"]
    for account in (await operator("account.list"))["accounts"]:
        await operator("token.list", account=account["id"])
    assert (await operator("ledger.verify"))["ok"]


@pytest.mark.parametrize("ratio", ["-1", "1e30", "1e999999999"])
async def test_a_price_that_is_none_is_listed_and_not_sold(operator, move, shop, ratio):
    shop.change(
        "UPDATE options SET value = ? WHERE key = 'ModelRatio'",
        f'{{"gpt-4o": {ratio}, "plain": 1}}',
    )
    report = await move()
    assert "model gpt-4o" in [
        note["subject"] for note in report["notes"] if note["kind"] == "price_unknown"
    ]
    models = (await operator("catalog.export"))["catalog"]["model"]
    assert [model["name"] for model in models] == ["plain"]
    assert (await move("check"))["ok"]


@pytest.mark.parametrize("factor", ["-0.5", "1e12"])
async def test_a_factor_that_is_none_switches_its_keys_off(operator, move, shop, factor):
    shop.change(
        "UPDATE options SET value = ? WHERE key = 'GroupRatio'",
        f'{{"default": 1, "vip": {factor}}}',
    )
    shop.change("UPDATE tokens SET \"group\" = 'vip' WHERE id = 2")
    await move()
    assert (await tokens_of(operator, "user2"))[0]["disabled"]
    assert not (await tokens_of(operator, "user3"))[0].get("disabled")


@pytest.mark.parametrize("key", ["", "   ", None, "short", "clé" * 20, "x" * 5_000])
async def test_a_key_that_nobody_could_send_comes_switched_off(operator, move, shop, key):
    shop.change("UPDATE tokens SET key = ? WHERE id = 2", key)
    report = await move()
    assert (await tokens_of(operator, "user2"))[0]["disabled"]
    assert [n["subject"] for n in report["notes"] if n["kind"] == "token_key"] == ["token 2 key 2"]


async def test_a_password_hash_that_would_take_hours_is_none(operator, move, shop):
    shop.change("UPDATE users SET password = ? WHERE id = 2", f"$2a$31${2:053d}")
    await move()
    assert (await find_user(operator.context.database, "u2@old.invalid")).password_hash == ""


@pytest.mark.parametrize("rate", ["1e999999999", "-7", "7_5", "7,5", "nan", "7."])
def test_a_rate_is_a_plain_decimal(rate):
    with pytest.raises(ServiceError):
        rate_of(rate)


@pytest.mark.parametrize(
    "sql", ["DELETE FROM tokens WHERE id = 2", "UPDATE tokens SET deleted_at = 'now' WHERE id = 2"]
)
async def test_a_key_that_was_given_up_there_meanwhile_does_nothing_here(operator, move, shop, sql):
    await move()
    shop.change(sql)
    report = await move()
    assert [n["subject"] for n in report["notes"] if n["kind"] == "key_gone"] == ["token 2"]
    assert (await tokens_of(operator, "user2"))[0]["disabled"]
    assert not (await tokens_of(operator, "user3"))[0].get("disabled")
    assert (await move("check"))["ok"]
    shop.change("DELETE FROM tokens WHERE id = 2")
    shop.add("tokens", token(2, 2))
    await move()
    assert not (await tokens_of(operator, "user2"))[0].get("disabled"), "it is back there"


async def test_whoever_was_deleted_there_meanwhile_is_not_opened(operator, move, shop):
    await move()
    shop.change("UPDATE users SET deleted_at = 'now' WHERE id = 2")
    report = await move()
    assert [n["subject"] for n in report["notes"] if n["kind"] == "user_gone"] == ["user 2"]
    assert await move("open") == {"name": "old", "opened": 3, "left_suspended": 1}
    assert (await operator("account.show", name="user2"))["suspended"]
    assert (await tokens_of(operator, "user2"))[0]["disabled"]


async def test_root_may_choose_another_password_between_two_takes(move, shop):
    await move()
    shop.change("UPDATE users SET password = ? WHERE id = 1", f"$2a$04${77:053d}")
    await move()
    assert (await move("check"))["ok"]


async def test_two_shops_of_people_without_passwords_are_not_one(move, shop, tmp_path):
    shop.add("users", user(9, "late", password=""))
    await move()
    other = NewApiShop(tmp_path / "two.db")
    other.add("users", user(1, "root", password=f"$2a$04${99:053d}"), user(9, "late", password=""))
    assert (await refused(move(place=str(other.path)))).code == "another_source"


async def test_after_a_forget_that_kept_somebody_the_others_come_back_whole(operator, move, shop):
    shop.add("redemptions", {"id": 1, "key": A_CODE, "quota": 10})
    await move()
    await operator("account.credit", name="user3", amount=1, reason="paid here")
    assert (await move("forget"))["forgotten"] == 3
    await move()
    document = await move("check")
    assert document["ok"], document["equalities"]
    assert await find_user(operator.context.database, "u2@old.invalid") is not None
    pepper = operator.context.secrets.token_pepper
    found = await find_api_token(operator.context.database, hash_key(pepper, f"sk-{2:048d}"))
    assert found is not None
    codes = await operator.context.database.read("SELECT count(*) FROM redeem_codes")
    assert codes[0][0] == 1
    assert (await operator("account.show", name="user2"))["balance"] == 1_000_000 * K


async def test_the_way_back_never_takes_the_money_of_who_was_forgotten(move, shop):
    shop.change("UPDATE users SET status = 2 WHERE id = 3")
    await move()
    await move("open")
    assert (await move("forget"))["forgotten"] == 1
    back = await move("return")
    assert back["sql"] == []
    assert "3" in back["left_alone"]


async def test_an_opening_that_was_interrupted_is_finished_and_never_forgotten(operator, move):
    await move()
    account = await operator("account.resume", name="user2")
    assert (await move("forget"))["kept"] == [account["id"]], "it is open: somebody may be in it"
    await move()
    answer = await move("open")
    assert (answer["opened"], answer["left_suspended"]) == (3, 0)
    assert (await move("status"))["locked"] == 0
