"""Case 29, on both engines: of the owners of an account who delete themselves at once one stays."""

import asyncio

import pytest

from yiyuan.kernel.settings import load
from yiyuan.ledger.operations import OpenAccount
from yiyuan.services.people.people import accounts_of, keep_user
from yiyuan.services.people.privacy import delete_person
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.opening import open_context
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.users import MemberRow


@pytest.fixture(params=["sqlite", "postgres"])
async def context(request, tmp_path):
    environment = {}
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        environment["YIYUAN_DATABASE_URL"] = server.new_database()
    async with open_context(load(environment, home=tmp_path / "home")) as opened:
        yield opened


async def members(context, account_id: str, roles: list[str]) -> list:
    await context.ledger.post(OpenAccount(account_id, account_id, context.clock.wall_ms(), 5, "x"))
    found = []
    for number, role in enumerate(roles):
        email = f"{account_id}-{number}@mail.example"
        user = await keep_user(context, email, "", role=None, language=None)
        row = MemberRow(account_id, user.id, context.clock.wall_ms(), role)
        await context.database.write([users.add_member(row)])
        found.append(user)
    return found


async def test_29_one_owner_stays_however_many_go_at_once(context):
    for number in range(3):
        account_id = f"acct_go{number}"
        people = await members(context, account_id, ["owner", "owner", "viewer"])
        going = [delete_person(context, user) for user in people[:2]]
        outcomes = await asyncio.gather(*going, return_exceptions=True)
        refused = [each for each in outcomes if each is not None]
        assert [each.code for each in refused if isinstance(each, ServiceError)] == ["not_allowed"]
        left = await users.members_of(context.database, account_id)
        assert sorted(member.role for member in left) == ["owner", "viewer"]
        stays = next(member.user_id for member in left if member.role == "owner")
        assert len(await accounts_of(context, stays)) == 1


async def test_whoever_was_alone_goes_and_the_account_is_suspended(context):
    (person,) = await members(context, "acct_alone", ["owner"])
    await delete_person(context, person)
    account = await context.ledger.account("acct_alone")
    assert account.is_suspended
    assert await users.find_user(context.database, person.id) is None
