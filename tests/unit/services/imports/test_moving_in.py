"""Taking over a shop, again and again, while both sides change."""

import json

import pytest

from tests.support.new_api_shop import NewApiShop, token, user
from yiyuan.auth.api_token import hash_key
from yiyuan.services.payments.codes import redeem
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.tokens.tokens import find_api_token
from yiyuan.store.tables.people.users import find_user

RATE = "7.5"
K = 15


@pytest.fixture
def shop(tmp_path):
    return NewApiShop(tmp_path / "one.db").add_usual()


@pytest.fixture
async def move(operator, shop):
    """Look at or take this shop, under one name and rate."""

    async def run(command="take", **parameters):
        given = {"kind": "new-api", "place": str(shop.path), "name": "old", "rate": RATE}
        if command in ("look", "take"):
            return await operator(f"import.{command}", **given | parameters)
        return await operator(f"import.{command}", name="old", **parameters)

    return run


async def balance(operator, name):
    return (await operator("account.show", name=name))["balance"]


async def entries(operator, name):
    page = await operator("ledger.statement_page", name=name, since=None, until=None)
    return page["rows"]


async def test_a_look_writes_nothing(operator, move):
    report = await move("look")
    assert report["people"] == 4
    assert report["balance"]["micros"] == (1_000_000 + 1_500_000 + 2_000_000) * K
    assert report["balance"]["units_of_root"] == 100_000_000
    assert (await operator("account.list"))["accounts"] == []
    assert (await operator("import.status"))["imports"] == []


async def test_everybody_gets_an_account_of_their_name_money_and_key(operator, move):
    await move()
    document = await move("check")
    assert document["ok"], document
    account = await operator("account.show", name="user2")
    assert account["balance"] == 1_000_000 * K
    assert account["suspended"]
    assert await balance(operator, "root") == 0, "root's is not counted unless asked for"
    found = await find_api_token(
        operator.context.database,
        hash_key(operator.context.secrets.token_pepper, "sk-" + f"{2:048d}"),
    )
    assert found.account_id == account["id"]


async def test_roots_balance_comes_along_when_asked_for(operator, move):
    await move(root_balance=True)
    assert await balance(operator, "root") == 100_000_000 * K


async def test_taking_twice_changes_nothing(operator, move):
    await move()
    before = await operator("account.list"), await entries(operator, "user2")
    await move()
    assert (await operator("account.list"), await entries(operator, "user2")) == before


async def test_a_later_take_books_the_difference_alone(operator, move, shop):
    await move()
    shop.change("UPDATE users SET quota = quota + 1 WHERE id = 2")
    await move()
    amounts = [row[4] for row in await entries(operator, "user2")]
    assert amounts == [1_000_000 * K, K]
    assert (await move("check"))["ok"]


async def test_what_is_spent_and_paid_here_meanwhile_is_not_touched(operator, move, shop):
    await move()
    account = await operator("account.show", name="user2")
    await operator("account.credit", name="user2", amount=77, reason="paid here")
    await operator("account.debit", name="user2", amount=5_000_000, reason="spent here")
    shop.change("UPDATE users SET quota = quota - 100 WHERE id = 2")
    await move()
    assert await balance(operator, "user2") == account["balance"] + 77 - 5_000_000 - 100 * K
    assert (await move("check"))["ok"]


async def test_more_than_is_left_is_taken_as_far_as_it_goes_and_the_rest_is_listed(
    operator, move, shop
):
    await move()
    await operator("account.debit", name="user2", amount=14_999_000, reason="spent here")
    shop.change("UPDATE users SET quota = 0 WHERE id = 2")
    report = await move()
    assert await balance(operator, "user2") == 0
    note = next(note for note in report["notes"] if note["kind"] == "overdrawn_there")
    assert note["fields"] == {"micros": 14_999_000}
    assert (await move("status"))["owed"] == 14_999_000
    assert (await move("check"))["ok"], "what could not be taken is accounted for"
    await operator("account.credit", name="user2", amount=15_000_000, reason="paid here")
    await move()
    assert await balance(operator, "user2") == 1_000, "the next take asks again"


async def test_a_negative_quota_is_nothing_here(operator, move, shop):
    shop.change("UPDATE users SET quota = -40184 WHERE id = 2")
    report = await move()
    assert await balance(operator, "user2") == 0
    assert report["balance"]["units_negative"] == -40184


@pytest.mark.parametrize("rate", ["7", "7.3", "7.25", "0.1"])
async def test_all_rates_check_green(operator, move, shop, rate):
    shop.change("UPDATE users SET quota = 9007199254740993 WHERE id = 3")
    await move(rate=rate)
    document = await move("check")
    assert document["ok"], document["equalities"]


async def test_another_database_or_rate_under_the_same_name_is_refused(operator, move, tmp_path):
    await move()
    other = NewApiShop(tmp_path / "two.db")
    other.add("users", user(1, "root", password="$2a$04$another", role=100))
    assert (await refused(move(place=str(other.path)))).code == "another_source"
    assert (await refused(move(rate="7"))).code == "another_rate"


async def test_a_wrong_kind_is_refused_and_told_what_it_is(move):
    error = await refused(move("look", kind="one-api"))
    assert error.code == "wrong_kind"
    assert "new-api" in error.message


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"place": "/nowhere/old.db"}, "source_unusable"),
        ({"rate": "0"}, "invalid_argument"),
        ({"rate": "seven"}, "invalid_argument"),
        ({"rate": "1/3"}, "invalid_argument"),
        ({"name": "Old Shop"}, "invalid_argument"),
        ({"kind": "another"}, "invalid_argument"),
        ({"answers": {"option": "<html>"}}, "bad_answer"),
        ({"answers": {"option": '{"data": 1}'}}, "source_unusable"),
        ({"answers": {"strange": "{}"}}, "invalid_argument"),
        ({"only": ["everything"]}, "invalid_argument"),
    ],
)
async def test_what_cannot_be_is_refused_and_writes_nothing(operator, move, parameters, code):
    assert (await refused(move(**parameters))).code == code
    assert (await operator("account.list"))["accounts"] == []


async def test_open_unlocks_those_that_wait_and_no_others(operator, move, shop):
    shop.change("UPDATE users SET status = 2 WHERE id = 3")
    await move()
    await operator("account.resume", name="user4")
    await operator("account.suspend", name="user4")
    assert await move("open") == {"name": "old", "opened": 2, "left_suspended": 2}
    assert "suspended" not in await operator("account.show", name="user2")
    assert (await operator("account.show", name="user3"))["suspended"], "it was there, too"
    assert (await operator("account.show", name="user4"))["suspended"], "by an operator here"


async def test_open_is_refused_while_something_is_not_equal(operator, move, shop):
    await move()
    shop.change("UPDATE users SET quota = quota + 1 WHERE id = 2")
    assert (await refused(move("open"))).code == "check_failed"
    assert (await operator("account.show", name="user2"))["suspended"]


async def test_open_before_any_take_is_refused(move):
    assert (await refused(move("open"))).code == "not_found"


async def test_who_comes_after_the_opening_is_locked_until_the_next_one(operator, move, shop):
    await move()
    await move("open")
    shop.add("users", user(9, "late", quota=1))
    await move()
    assert (await operator("account.show", name="late"))["suspended"]
    assert "suspended" not in await operator("account.show", name="user2")
    await move("open")
    assert "suspended" not in await operator("account.show", name="late")


async def test_names_that_are_taken_get_a_number_and_odd_ones_are_made_to_fit(operator, move, shop):
    await operator("account.create", name="user2")
    shop.add("users", user(5, "tab\there"), user(6, " tab here"), user(7, "emoji😀🎉 李四"))
    await move()
    names = {account["name"] for account in (await operator("account.list"))["accounts"]}
    assert {"user2", "user2 2", "tab here", "tab here 2", "emoji😀🎉 李四"} <= names


async def test_the_first_of_two_with_one_e_mail_keeps_it(operator, move, shop):
    shop.change("UPDATE users SET email = 'Same@shop.example' WHERE id IN (2, 4)")
    shop.change("UPDATE users SET email = 'same@shop.example' WHERE id = 3")
    report = await move()
    first = await find_user(operator.context.database, "same@shop.example")
    assert first.login_name == "user2"
    assert sum(note["kind"] == "email_taken" for note in report["notes"]) == 2
    placeholder = await find_user(operator.context.database, "u3@old.invalid")
    assert placeholder.login_name == "user3"


async def test_budgets_follow_the_source_by_the_difference(operator, move, shop):
    shop.change("UPDATE tokens SET unlimited_quota = 0, remain_quota = 100 WHERE id = 2")
    await move()

    async def limit():
        found = await operator("token.list", account="user2")
        return found["tokens"][0]["budget"]

    assert await limit() == 100 * K
    ours = (await operator("token.list", account="user2"))["tokens"][0]["id"]
    await operator("token.set", id=ours, budget=5_000)
    shop.change("UPDATE tokens SET remain_quota = 130 WHERE id = 2")
    await move()
    assert await limit() == 5_000 + 30 * K
    shop.change("UPDATE tokens SET unlimited_quota = 1 WHERE id = 2")
    await move()
    assert await limit() is None


async def test_a_key_changes_with_the_source_but_never_comes_back_to_life(operator, move, shop):
    await move()
    shop.change("UPDATE tokens SET status = 2, name = 'renamed' WHERE id = 2")
    await move()
    found = (await operator("token.list", account="user2"))["tokens"][0]
    assert found["name"] == "renamed"
    assert found["disabled"]
    await operator("token.revoke", id=found["id"])
    shop.change("UPDATE tokens SET status = 1, name = 'again' WHERE id = 2")
    await move()
    found = (await operator("token.list", account="user2"))["tokens"][0]
    assert (found["name"], bool(found["revoked"])) == ("renamed", True)


async def test_a_key_that_somebody_has_here_already_is_listed(operator, move):
    await operator("account.create", name="mine")
    await operator("token.create", name="t", account="mine", key="sk-" + f"{2:048d}")
    report = await move()
    assert [note["subject"] for note in report["notes"] if note["kind"] == "key_here"] == [
        "token 2 key 2"
    ]
    assert not (await move("check"))["ok"], "that key does not lead to its account"


async def test_the_operators_own_channel_of_the_same_name_stays(operator, move, shop):
    shop.change("UPDATE channels SET name = 'openai'")
    await operator.apply(
        """
        [[channel]]
        name = "openai"
        provider = "openai"
        base_url = "https://api.openai.com/v1"
        api_key = { env = "OPENAI_API_KEY" }
        models = { "gpt-4" = "gpt-4.1" }
        [[model]]
        name = "gpt-4"
        price = { input = "30", output = "60" }
        """
    )
    await move()
    catalog = (await operator("catalog.export"))["catalog"]
    channels = {channel["name"]: channel["base_url"] for channel in catalog["channel"]}
    assert channels == {
        "openai": "https://api.openai.com/v1",
        "openai 2": "http://127.0.0.1:9/v1",
    }


async def test_what_an_operator_improved_stays_unless_the_source_changes(operator, move, shop):
    await move()
    await operator.apply('[[model]]\nname = "plain"\nprice = { input = "1", output = "1" }')

    async def price():
        models = (await operator("catalog.export"))["catalog"]["model"]
        return next(each["price"] for each in models if each["name"] == "plain")

    await move()
    assert (await price())["input"] == "1"
    shop.change("""UPDATE options SET value = '{"gpt-4o": 1.25, "plain": 2}'
                   WHERE key = 'ModelRatio'""")
    await move()
    assert (await price())["input"] == "30"


async def test_codes_work_once_the_shop_is_open_and_once(operator, move, shop):
    codes = {"unused": "a" * 32, "used": "b" * 32, "expired": "c" * 32, "later": "D" * 32}
    shop.add(
        "redemptions",
        {"id": 1, "key": codes["unused"], "quota": 1000},
        {"id": 2, "key": codes["used"], "quota": 1000, "status": 3},
        {"id": 3, "key": codes["expired"], "quota": 1000, "expired_time": 1},
        {"id": 4, "key": codes["later"], "quota": 2000, "expired_time": 4_000_000_000},
    )
    await move()
    account = (await operator("account.show", name="user2"))["id"]

    async def code_of(text):
        try:
            return (await redeem(operator.context, account, text)).amount
        except ServiceError as error:
            return error.code

    assert await code_of(codes["unused"]) == "code_expired", "it could be redeemed there as well"
    shop.change("UPDATE redemptions SET status = 3 WHERE id = 4")
    await move()
    await move("open")
    assert await code_of(codes["unused"].upper()) == 1000 * K
    assert await code_of(codes["unused"]) == "already_redeemed"
    assert await code_of(codes["used"]) == "code_not_valid"
    assert await code_of(codes["expired"]) == "code_not_valid"
    assert await code_of(codes["later"]) == "code_expired", "it was used there meanwhile"


async def test_forget_takes_back_what_nobody_touched(operator, move, shop):
    await move()
    await operator("account.credit", name="user3", amount=1, reason="paid here")
    answer = await move("forget")
    kept = (await operator("account.show", name="user3"))["id"]
    assert answer == {"name": "old", "forgotten": 3, "kept": [kept]}
    assert await balance(operator, "user2") == 0
    assert await find_user(operator.context.database, "u2@old.invalid") is None
    assert (await operator("ledger.verify"))["ok"]


async def test_after_forget_the_shop_can_be_taken_anew_at_another_rate(operator, move):
    await move()
    await move("forget")
    assert (await operator("import.status"))["imports"] == []
    await move(rate="7")
    assert await balance(operator, "user2") == 1_000_000 * 14
    assert (await move("check"))["ok"]
    assert {a["name"] for a in (await operator("account.list"))["accounts"]} == {
        "root", "user2", "user3", "user4"
    }  # fmt: skip


async def test_only_some_parts_can_be_taken(operator, move):
    await move(only=["users"])
    assert (await operator("token.list", account="user2"))["tokens"] == []
    assert (await operator("catalog.export"))["catalog"]["model"] == []


async def test_nothing_that_is_told_or_kept_shows_a_secret(operator, move, shop):
    shop.add("redemptions", {"id": 1, "key": "e" * 32, "quota": 1})
    shop.add("tokens", token(77, 2, key="CANARYKEY" * 5))
    said = [await move("look"), await move(), await move("check"), await move("status")]
    text = json.dumps(said)
    for secret in ("sk-up-CANARY", "CANARYKEY", "$2a$04$", "e" * 32):
        assert secret not in text, secret
    rows = await operator.context.database.read("SELECT details FROM audit_log")
    assert "CANARY" not in json.dumps([tuple(row) for row in rows])
    stored = (operator.context.settings.home / "yiyuan.db").read_bytes()
    assert b"sk-up-CANARY" not in stored
    assert b"CANARYKEY" not in stored


async def refused(awaitable):
    with pytest.raises(ServiceError) as caught:
        await awaitable
    return caught.value


async def test_an_interrupted_posting_is_found_and_not_made_again(operator, move):
    """The entry is there, the note of it is not: the next take goes by the entry."""
    report = await move()
    assert report["people"] == 4
    await operator.context.database.write([("DELETE FROM imported WHERE kind = ?", ("user",))])
    await move()
    assert [row[4] for row in await entries(operator, "user2")] == [1_000_000 * K]
    assert (await move("check"))["ok"]
