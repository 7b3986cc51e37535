"""Members, invitations, sign-up codes and notices, as scripts use them without a browser."""

import pytest

from tests.unit.services.conftest import CATALOG
from yiyuan.auth.password import Passwords
from yiyuan.services.people.people import add_user
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.users import MemberRow

PASSWORD = "correct horse battery"


@pytest.fixture
async def alice(operator):
    """An account with its owner and one member more, by e-mail."""
    account = await operator("account.create", name="alice")
    for email in ("alice@shop.example", "bob@shop.example"):
        user = await add_user(
            operator.context, Passwords(), email, PASSWORD, role=None, language=None
        )
        now = operator.context.clock.wall_ms()
        member = users.add_member(MemberRow(account["id"], user.id, now))
        await operator.context.database.write([member])
    return account


async def test_a_members_role_and_budgets_change_and_a_member_goes(operator, alice):
    await operator("member.role", account="alice", person="bob@shop.example", role="viewer")
    changed = await operator(
        "member.budget", account="alice", person="bob@shop.example", day=5, month=50
    )
    assert changed["role"] == "viewer"
    assert {each["period"]: each["limit"] for each in changed["budgets"]} == {"day": 5, "month": 50}
    changed = await operator(
        "member.budget", account="alice", person="bob@shop.example", clear=["day"]
    )
    assert [each["period"] for each in changed["budgets"]] == ["month"]
    error = await operator.refused(
        "member.role", account="alice", person="alice@shop.example", role="viewer"
    )
    assert error.code == "not_allowed", "the last owner stays one"
    await operator("member.remove", account=alice["id"], person="bob@shop.example")
    members = (await operator("member.list", account="alice"))["members"]
    assert [each["email"] for each in members] == ["alice@shop.example"]
    error = await operator.refused(
        "member.budget", account="alice", person="bob@shop.example", day=5
    )
    assert error.code == "not_found"


async def test_an_invitation_is_listed_without_its_link_and_can_be_ended(operator, alice):
    made = await operator("account.invite", name="alice", email="c@shop.example", role="billing")
    (found,) = (await operator("invitation.list", account="alice"))["invitations"]
    assert (found["email"], found["role"]) == ("c@shop.example", "billing")
    assert made["url"].partition("#")[2] not in str(found)
    error = await operator.refused("invitation.end", id=found["id"])
    assert error.code == "not_found", "it is an account's, not the operators'"
    await operator("invitation.end", id=found["id"], account="alice")
    assert (await operator("invitation.list", account="alice"))["invitations"] == []
    error = await operator.refused(
        "account.invite", name="alice", email="c@shop.example", mail_in="en"
    )
    assert error.code == "mail_not_set"


async def test_a_link_that_makes_an_operator_has_a_role_and_can_be_ended(operator):
    await operator("operator.link", role="support")
    (found,) = (await operator("invitation.list"))["invitations"]
    assert found["role"] == "support"
    await operator("invitation.end", id=found["id"])
    assert (await operator("invitation.list"))["invitations"] == []
    assert (await operator.refused("operator.link", role="king")).code == "invalid_argument"


async def test_a_sign_up_code_is_shown_once_and_can_be_ended(operator):
    made = await operator("sign_up_codes.create", name="friends", uses=3, gift=7)
    (found,) = (await operator("sign_up_codes.list"))["codes"]
    assert found == made["item"]
    assert (found["uses"], found["gift"], found["ended"]) == (3, 7, None)
    assert made["code"] not in str(found)
    await operator("sign_up_codes.end", id=found["id"])
    assert (await operator("sign_up_codes.list"))["codes"][0]["ended"]
    assert (await operator.refused("sign_up_codes.end", id="zz")).code == "not_found"


@pytest.mark.parametrize("account", [None, "alice"])
async def test_a_place_is_added_changed_tried_and_removed(operator, alice, account):
    made = await operator(
        "notices.add", kind="webhook", account=account, name="ops",
        fields={"url": "https://127.0.0.1:9/hook"},
    )  # fmt: skip
    place = made["sink"]
    assert made["secret"].startswith("whsec_")
    listed = (await operator("notices.list", account=account))["places"]
    assert listed == [place]
    assert made["secret"] not in str(listed)
    other = "alice" if account is None else None
    assert (await operator("notices.list", account=other))["places"] == []
    changed = await operator(
        "notices.change", id=place["id"], account=account, is_enabled=False, language="zh"
    )
    assert (changed["is_enabled"], changed["language"]) == (False, "zh")
    rolled = await operator("notices.secret", id=place["id"], account=account)
    assert rolled["secret"] != made["secret"]
    tried = await operator("notices.test", id=place["id"], account=account)
    assert (tried["ok"], bool(tried["reason"])) == (False, True)
    error = await operator.refused("notices.remove", id=place["id"], account=other)
    assert error.code == "not_found"
    await operator("notices.remove", id=place["id"], account=account)
    assert (await operator("notices.list", account=account))["places"] == []
    assert (await operator("notices.log", account=account))["deliveries"] == []


async def test_the_threshold_of_an_account_is_set_and_lifted(operator, alice):
    assert (await operator("notices.threshold", account="alice", low_balance=5)) == {
        "low_balance": 5
    }
    assert (await operator("notices.threshold", account="alice"))["low_balance"] is None


async def test_what_was_done_is_told_with_the_latest_first(operator, alice):
    await operator("account.note", name="alice", notes="pays by bank")
    latest = (await operator("audit.list", limit=2))["actions"]
    assert [each["action"] for each in latest] == ["account.note", "account.create"]
    await operator("member.remove", account="alice", person="bob@shop.example")
    assert (await operator("audit.list", limit=1))["actions"][0]["subject"] == "alice"
    only = (await operator("audit.list", action="account.create"))["actions"]
    assert [each["action"] for each in only] == ["account.create"]


async def test_who_used_a_code_and_what_a_model_cost(operator):
    made = await operator("codes.create", value=5, count=2, name="gifts")
    (batch,) = (await operator("codes.list"))["batches"]
    shown = await operator("codes.show", id=batch["id"])
    assert (shown["name"], shown["uses"], len(made["codes"])) == ("gifts", [], 2)
    assert (await operator.refused("codes.show", id="nothing")).code == "not_found"
    await operator.apply(CATALOG)
    await operator.apply(CATALOG.replace('input = "30"', 'input = "31"'))
    prices = (await operator("model.prices", name="gpt-4"))["prices"]
    assert [each["price"]["input"] for each in prices] == ["31", "30"]
    assert [each["is_current"] for each in prices] == [True, False]
    assert (await operator.refused("model.prices", name="gpt-5")).code == "not_found"


async def test_invoices_that_nobody_asked_for(operator):
    assert (await operator("payments.invoices")) == {"invoices": []}
