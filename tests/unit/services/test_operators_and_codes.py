"""Operators, their management keys and batches of codes, as every surface handles them."""

from yiyuan.services.accounts.profile import change_profile
from yiyuan.store.tables.site_settings import find_profile

PASSWORD = "correct horse battery"


async def owner(operator, email="owner@example.com"):
    return await operator("operator.create", email=email, password=PASSWORD)


async def test_a_role_is_changed_and_the_last_owner_stays(operator):
    await owner(operator)
    refused = await operator.refused("operator.role", person="owner@example.com", role="none")
    assert refused.code == "not_allowed"
    await owner(operator, "second@example.com")
    changed = await operator("operator.role", person="second@example.com", role="finance")
    assert (changed["email"], changed["role"]) == ("second@example.com", "finance")
    roles = {each["email"]: each["role"] for each in (await operator("operator.list"))["operators"]}
    assert roles == {"owner@example.com": "owner", "second@example.com": "finance"}
    assert (await operator("operator.role", person="second@example.com", role="none"))[
        "role"
    ] is None


async def test_a_management_key_is_made_listed_and_ended(operator):
    made = await operator(
        "operator.key_create", name="backup", role="readonly", allow_ip=["10.0.0.0/8"]
    )
    assert made["key"].startswith("yk-")
    (key,) = (await operator("operator.key_list"))["keys"]
    assert (key["name"], key["role"], key["allow_ip"]) == ("backup", "readonly", ["10.0.0.0/8"])
    assert made["key"] not in str(key)
    await operator("operator.key_revoke", id=made["id"])
    (key,) = (await operator("operator.key_list"))["keys"]
    assert key["revoked"] is not None
    refused = await operator.refused(
        "operator.key_create", name="x", role="readonly", allow_ip=["x"]
    )
    assert refused.code == "invalid_argument"


async def test_a_batch_is_listed_and_ended(operator):
    made = await operator("codes.create", value=1_000_000, count=3, name="autumn")
    (batch,) = (await operator("codes.list"))["batches"]
    assert (batch["id"], batch["name"], batch["count"], batch["redeemed"]) == (
        made["batch"],
        "autumn",
        3,
        0,
    )
    assert not any(code in str(batch) for code in made["codes"])
    assert (await operator("codes.revoke", id=made["batch"]))["revoked"] is not None
    assert (await operator.refused("codes.revoke", id="batch_none")).code == "not_found"


async def test_accounts_come_in_the_order_that_was_asked_for(operator):
    for name, balance in (("alice", 5), ("bob", 1), ("carol", 9)):
        await operator("account.create", name=name, balance=balance)
    found = await operator("account.list", sort="balance")
    assert [each["name"] for each in found["accounts"]] == ["bob", "alice", "carol"]
    spent = await operator("account.list", sort="spend")
    assert {each["spend_month"] for each in spent["accounts"]} == {0}
    assert (await operator.refused("account.list", sort="size")).message.startswith(
        "sort must be one"
    )


async def test_a_note_is_replaced_and_what_was_promised_stays(operator):
    account = await operator("account.create", name="alice")
    await change_profile(operator.context, account["id"], tier_min_balance=5_000_000)
    assert (await operator("account.note", name="alice", notes="pays late"))["notes"] == "pays late"
    known = await find_profile(operator.context.database, account["id"])
    assert (known.notes, known.tier_min_balance) == ("pays late", 5_000_000)
    before = await change_profile(operator.context, account["id"], tier_min_balance=None)
    assert before.tier_min_balance == 5_000_000
    refused = await operator.refused("account.note", name="alice", notes="x" * 4_001)
    assert refused.message == "notes must be a text of 0 to 4000 characters"
    assert (await operator.refused("account.note", name="bob", notes="")).code == "not_found"
