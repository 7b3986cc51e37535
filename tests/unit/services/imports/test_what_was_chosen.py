"""What an operator may choose about a move: debts, promises, sign-ins, files, the way back."""

import asyncio
import json
import tomllib

import pytest

from tests.support.new_api_shop import NewApiShop, user
from yiyuan.services.payments.refunds.debts import collect_all, collect_debts
from yiyuan.services.payments.refunds.owed_there import owed_there
from yiyuan.store.tables.people.identities import (
    LoginProviderRow,
    find_identity,
    put_login_provider,
)
from yiyuan.store.tables.people.users import find_user, set_role

K = 15


@pytest.fixture
def shop(tmp_path):
    return NewApiShop(tmp_path / "one.db").add_usual()


@pytest.fixture
async def move(operator, shop):
    async def run(command="take", **parameters):
        given = {"kind": "new-api", "place": str(shop.path), "name": "old", "rate": "7.5"}
        if command in ("look", "take"):
            return await operator(f"import.{command}", **given | parameters)
        return await operator(f"import.{command}", name="old", **parameters)

    return run


async def balance(operator, name):
    return (await operator("account.show", name=name))["balance"]


def notes_of(report, kind):
    return [(note["subject"], note["fields"]) for note in report["notes"] if note["kind"] == kind]


async def test_a_debt_is_paid_by_the_next_credit_and_never_twice(operator, move, shop):
    await move(debts=True)
    account = (await operator("account.show", name="user2"))["id"]
    await operator("account.debit", name="user2", amount=14_000_000, reason="spent here")
    shop.change("UPDATE users SET quota = 0 WHERE id = 2")
    report = await move(debts=True)
    assert notes_of(report, "overdrawn_there") == [("user 2 user2", {"micros": 14_000_000})]
    assert await owed_there(operator.context, account) == 14_000_000
    await operator("account.credit", name="user2", amount=10_000_000, reason="paid here")
    await collect_debts(operator.context, account)
    assert await balance(operator, "user2") == 0
    assert await owed_there(operator.context, account) == 4_000_000
    assert (await move("check"))["ok"], "what is collected counts as booked"
    await operator("account.credit", name="user2", amount=10_000_000, reason="paid here")
    await asyncio.gather(collect_all(operator.context), collect_all(operator.context))
    assert await balance(operator, "user2") == 6_000_000
    await collect_all(operator.context)
    await move(debts=True)
    assert await balance(operator, "user2") == 6_000_000
    assert await owed_there(operator.context, account) == 0
    assert (await operator("ledger.verify"))["ok"]


async def test_without_the_choice_nothing_is_collected(operator, move, shop):
    await move()
    account = (await operator("account.show", name="user2"))["id"]
    await operator("account.debit", name="user2", amount=14_000_000, reason="spent here")
    shop.change("UPDATE users SET quota = 0 WHERE id = 2")
    await move()
    await operator("account.credit", name="user2", amount=10_000_000, reason="paid here")
    await collect_all(operator.context)
    assert await balance(operator, "user2") == 10_000_000
    assert await owed_there(operator.context, account) == 0


async def test_rewards_are_listed_or_booked_as_a_grant_that_follows_the_source(
    operator, move, shop
):
    shop.change("UPDATE users SET aff_quota = 700 WHERE id = 2")
    assert notes_of(await move(), "affiliate") == [("user 2 user2", {"units": 700})]
    assert await balance(operator, "user2") == 1_000_000 * K
    await move(affiliate="grant")
    assert await balance(operator, "user2") == 1_000_700 * K
    page = await operator("ledger.statement_page", name="user2", since=None, until=None)
    assert [row[3] for row in page["rows"]][-1] == "grant"
    shop.change("UPDATE users SET aff_quota = 100, quota = quota + 600 WHERE id = 2")
    await move(affiliate="grant")
    assert await balance(operator, "user2") == 1_000_700 * K, "drawn there: the same money"
    assert (await move("check"))["ok"]
    assert (await move("forget"))["kept"] == []
    assert await balance(operator, "user2") == 0


async def test_what_is_left_of_a_subscription_can_be_a_grant_with_its_end(operator, move, shop):
    shop.change(
        """CREATE TABLE user_subscriptions (id INTEGER, user_id INTEGER, amount_total INTEGER,
           amount_used INTEGER, end_time INTEGER, status TEXT, upgrade_group TEXT,
           prev_user_group TEXT)"""
    )
    shop.add(
        "user_subscriptions",
        {"id": 1, "user_id": 2, "amount_total": 1000, "amount_used": 400, "status": "active",
         "end_time": 4_102_444_800},
        {"id": 2, "user_id": 2, "amount_total": 1000, "amount_used": 0, "status": "expired"},
        {"id": 3, "user_id": 3, "amount_total": 1000, "amount_used": 0, "status": "active",
         "end_time": 1_000_000_000},
    )  # fmt: skip
    await move(subscriptions="grant")
    assert await balance(operator, "user2") == 1_000_600 * K
    assert await balance(operator, "user3") == 1_500_000 * K, "that one is over"
    page = await operator("ledger.statement_page", name="user2", since=None, until=None)
    assert "subscription of 600 until 2100-01-01" in json.dumps([list(r) for r in page["rows"]])


async def test_an_e_mail_that_several_have_belongs_to_nobody_if_so_chosen(operator, move, shop):
    shop.change("UPDATE users SET email = 'same@shop.example' WHERE id IN (2, 3)")
    await move(duplicates="skip")
    assert await find_user(operator.context.database, "same@shop.example") is None
    for number in (2, 3):
        assert await find_user(operator.context.database, f"u{number}@old.invalid")


def service(name, preset):
    return LoginProviderRow(
        f"prov_{name}", name, preset, "", "{}", b"", "", "[]", "{}", 0, 0, 0, 1, None
    )


async def test_identities_are_linked_only_to_services_that_are_the_same(operator, move, shop):
    database = operator.context.database
    shop.change("ALTER TABLE users ADD COLUMN oidc_id TEXT DEFAULT ''")
    shop.change("UPDATE users SET linux_do_id = '4711', oidc_id = 'sub-2' WHERE id = 2")
    shop.change("UPDATE users SET github_id = 'octocat' WHERE id = 3")
    looked = await move("look")
    assert len(notes_of(looked, "identity")) == 2
    await move()
    await database.write([put_login_provider(service("linuxdo", "linuxdo"))])
    await database.write([put_login_provider(service("company", "generic_oidc"))])
    await database.write([put_login_provider(service("github", "github"))])
    report = await move()
    assert [each[1] for each in notes_of(report, "identity")] == [{"service": "OpenID Connect"}]
    linked = await find_identity(database, "prov_linuxdo", "4711")
    assert linked.user_id == (await find_user(database, "u2@old.invalid")).id
    assert await find_identity(database, "prov_company", "sub-2") is None, "not named"
    await move(links=["oidc=company"])
    assert (await find_identity(database, "prov_company", "sub-2")).user_id == linked.user_id
    assert await find_identity(database, "prov_github", "octocat") is None
    error = await operator.refused(
        "import.take", kind="new-api", place=str(shop.path), name="old", rate="7.5",
        links=["oidc=nobody"],
    )  # fmt: skip
    assert error.code == "not_found"
    await move("forget")
    assert await find_identity(database, "prov_linuxdo", "4711") is None


async def test_somebody_elses_identity_is_not_taken(operator, move, shop):
    database = operator.context.database
    await database.write([put_login_provider(service("linuxdo", "linuxdo"))])
    shop.change("UPDATE users SET linux_do_id = '4711' WHERE id IN (2, 3)")
    await move()
    linked = await find_identity(database, "prov_linuxdo", "4711")
    assert linked.user_id == (await find_user(database, "u2@old.invalid")).id
    await move()
    assert await find_identity(database, "prov_linuxdo", "4711") == linked


async def test_the_catalog_as_a_file_is_what_take_applies_and_holds_no_secret(operator, move):
    report = await move("look", catalog_file=True)
    text = report["catalog_file"]
    assert "CANARY" not in text
    found = tomllib.loads(text)
    assert {model["name"] for model in found["model"]} == {"gpt-4o", "plain"}
    assert found["channel"][0]["api_key"].keys() == {"env"}
    taken = await move(catalog_file=True)
    assert taken["catalog_file"] == text
    again = await move(catalog_file=True)
    assert again["catalog_file"] == text
    assert again["catalog"]["changed"] == []


async def test_channels_of_clouds_come_along(operator, move, shop):
    account = {"project_id": "p-1", "client_email": "a@shop.example", "private_key": "CANARY x"}
    shop.change("ALTER TABLE channels ADD COLUMN other TEXT DEFAULT ''")
    shop.add(
        "channels",
        {"id": 50, "type": 41, "name": "vertex", "key": json.dumps(account, indent=1),
         "models": "plain", "other": "us-east5"},
        {"id": 51, "type": 33, "name": "bedrock", "key": "ABSKCANARY|us-east-1",
         "models": "plain", "model_mapping": '{"plain": "claude-sonnet-4-20250514"}'},
    )  # fmt: skip
    report = await move()
    assert "CANARY" not in json.dumps(report)
    file = tomllib.loads((await operator("catalog.export"))["toml"])
    channels = {each["name"]: each for each in file["channel"]}
    assert channels["vertex"]["provider"] == "vertex"
    bedrock = channels["bedrock"]
    assert (bedrock["provider"], bedrock["speaks"]) == ("bedrock", ["anthropic_messages"])
    assert bedrock["models"] == {"plain": "us.anthropic.claude-sonnet-4-20250514-v1:0"}
    assert (await move("check"))["ok"]


async def test_administrators_become_operators_only_if_so_chosen_and_only_once(
    operator, move, shop
):
    shop.change("UPDATE users SET role = 10 WHERE id IN (2, 3)")
    shop.change("UPDATE users SET status = 2 WHERE id = 3")

    async def roles():
        database = operator.context.database
        people = [await find_user(database, f"u{number}@old.invalid") for number in (1, 2, 3, 4)]
        return [person.operator_role for person in people]

    assert len(notes_of(await move(), "role")) == 3
    assert await roles() == [None] * 4
    await move(roles="keep")
    assert await roles() == ["owner", "support", None, None], "who is off there gets nothing"
    database = operator.context.database
    support = await find_user(database, "u2@old.invalid")
    await database.write([set_role(support.id, None)])
    shop.change("UPDATE users SET password = '$2a$10$new' WHERE id = 2")
    await move(roles="keep")
    assert await roles() == ["owner", None, None, None], "what was taken away here stays away"
    assert (await move("check"))["ok"]


async def test_mailboxes_count_as_proven_only_if_so_chosen(operator, move, shop):
    database = operator.context.database
    shop.change("UPDATE users SET email = 'a@shop.example' WHERE id = 2")
    await move()
    assert (await find_user(database, "a@shop.example")).email_verified_at is None
    await move(emails_verified=True)
    proven = (await find_user(database, "a@shop.example")).email_verified_at
    assert proven is not None
    assert (await find_user(database, "u3@old.invalid")).email_verified_at is None
    await move(emails_verified=True)
    assert (await find_user(database, "a@shop.example")).email_verified_at == proven


async def test_the_way_back_is_told_for_those_whose_money_changed(operator, move, shop):
    await move()
    await operator("account.credit", name="user2", amount=31, reason="paid here")
    await operator("account.debit", name="user3", amount=1, reason="spent here")
    shop.add("users", user(9, "late", quota=5))
    answer = await move("return")
    assert answer["sql"] == [
        "UPDATE users SET quota = 1000002 WHERE id = 2 AND quota = 1000000;",
        "UPDATE users SET quota = 1499999 WHERE id = 3 AND quota = 1500000;",
    ]
    assert answer["unchanged"] == 1
    assert answer["left_alone"] == ["1", "9"], "root, and who is not here"
    for statement in answer["sql"]:
        shop.change(statement)
    shop.change("UPDATE users SET quota = 7 WHERE id = 2")
    shop.change(answer["sql"][0])  # it names what it replaces, so it changes nothing now


async def test_a_take_by_name_alone_goes_by_what_was_asked_for(operator, move, shop):
    await move(affiliate="grant")
    shop.change("UPDATE users SET aff_quota = 3, quota = quota + 2 WHERE id = 2")
    await operator("import.take", name="old")
    assert await balance(operator, "user2") == 1_000_005 * K
    assert (await operator.refused("import.take", name="other")).code == "not_found"


@pytest.mark.parametrize(
    ("choice", "value"),
    [
        ("subscriptions", "book"),
        ("affiliate", "yes"),
        ("duplicates", "last"),
        ("roles", "owner"),
        ("links", ["github_id=x"]),
        ("links", ["oidc"]),
    ],
)
async def test_a_choice_that_is_none_is_refused(operator, shop, choice, value):
    error = await operator.refused(
        "import.look", kind="new-api", place=str(shop.path), name="old", **{choice: value}
    )
    assert error.code == "invalid_argument"
    assert choice in str(error)
