"""Late, doubled and half-done things: money that came is credited, once."""

import time
from datetime import datetime

import pytest

from tests.system.payments.shop import kinds

pytestmark = pytest.mark.timeout(300)
CREATES = {
    "epay_md5": "mapi.php",
    "epay_rsa": "api/pay/create",
    "alipay": "precreate",
    "wechat_pay": "native",
    "stripe_checkout": "client_reference_id",
}
"""What stands in a call that makes an order."""


def cancelled(shop):
    """An order that its customer has cancelled."""
    order = shop.order()
    assert shop.gateway.cli("payments", "cancel", order["id"])["state"] == "cancelled"
    return order


def expired(shop):
    """An order whose time is over."""
    order = shop.order()
    shop.pass_time(order, 31 * 60)
    shop.wait_for(order, "expired")
    return order


def failed(shop):
    """An order whose making the provider has never confirmed."""
    shop.partner.do("spoil", path=CREATES[shop.partner.kind], how="after", times=3)
    order = shop.order()
    shop.partner.do("heal")
    assert order["state"] == "created"
    shop.pass_time(order, 61)
    shop.wait_for(order, "failed")
    return order


@pytest.mark.parametrize("ended", [cancelled, expired, failed])
def test_12_paid_after_its_end_is_credited_once(shop, ended):
    order = ended(shop)
    assert shop.told(order, "payment.failed") == (ended is failed)
    assert shop.is_accepted(shop.pay(order))
    assert shop.show(order)["state"] == "credited"
    assert shop.balance() == 12_340_000
    shop.partner.notify(order["number"])
    assert len(shop.entries()) == 1


@kinds("wechat_pay")
def test_12_a_payment_that_failed_there_and_then_came(shop):
    order = shop.order()
    shop.partner.do("change", number=order["number"], state="failed")
    shop.wait_for(order, "failed")
    assert shop.told(order, "payment.failed") == 1
    shop.pay(order)
    assert shop.wait_for(order, "credited")["credit"] == 12_340_000
    assert shop.told(order, "payment.failed") == 1


@kinds("epay_md5", "alipay", "wechat_pay", "stripe_checkout")
def test_what_the_provider_refuses_to_make_has_failed_and_says_why(shop):
    shop.partner.do("set", refused_money="6.66", refused_minor=666)
    said = shop.gateway.run(
        *("payments", "order", shop.account, "¥6.66", "--method", shop.method, "--json")
    )
    assert said.code == 1
    assert '"provider_refused"' in said.stderr
    orders = shop.gateway.cli("payments", "list", "--account", shop.account)["orders"]
    assert [o["state"] for o in orders] == ["failed"]
    assert orders[0]["reason"]
    assert shop.told(orders[0], "payment.failed") == 1


def test_14_a_notify_may_come_before_the_create_has_answered(shop):
    shop.partner.do("spoil", path=CREATES[shop.partner.kind], how="slow_notify")
    order = shop.order()
    assert order["state"] == "credited"  # by the notify: the first question comes 5 s later
    assert order["show"]["kind"] in ("qr", "redirect")
    assert shop.balance() == 12_340_000


@pytest.mark.parametrize("how", ["after"])
def test_15_a_create_that_arrived_although_our_call_broke(shop, how):
    shop.partner.do("spoil", path=CREATES[shop.partner.kind], how=how, times=3)
    order = shop.order()
    shop.partner.do("heal")
    assert order["state"] == "created"
    assert order["show"] is None
    assert list(shop.partner.do("trades")) == [order["number"]]
    shop.partner.pay(order["number"])
    shop.bring_forward(order)
    assert shop.wait_for(order, "credited", timeout=30)["credit"] == 12_340_000


@kinds("stripe_checkout")
def test_22_a_failure_that_stripe_keeps_under_its_key_is_tried_under_the_next(shop):
    shop.partner.do("fail_creates", times=1)
    order = shop.order()
    assert order["state"] == "pending"
    sessions = {
        sid: s for sid, s in shop.partner.do("sessions").items() if s["number"] == order["number"]
    }
    assert len(sessions) == 2
    for session in sessions:
        shop.partner.do("pay", number=order["number"], session=session)
        assert shop.partner.notify(order["number"])["status"] == 200
    shop.wait_for(order, "credited")
    orders = shop.gateway.cli("payments", "list", "--account", shop.account)["orders"]
    assert sorted(o["state"] for o in orders) == ["credited", "review"]
    assert orders[0]["reason"] == f"paid_twice:{order['number']}"
    assert shop.balance() == 12_340_000


@kinds("stripe_checkout")
def test_22_a_second_payment_that_is_heard_of_before_the_first_is_booked_is_kept(shop):
    shop.partner.do("fail_creates", times=1)
    order = shop.order()
    first, second = (
        sid for sid, s in shop.partner.do("sessions").items() if s["number"] == order["number"]
    )
    shop.partner.do("pay", number=order["number"], session=first)
    assert shop.partner.notify(order["number"])["status"] == 200
    shop.wait_for(order, "credited")
    shop.partner.do("pay", number=order["number"], session=second)
    shop.change("UPDATE payment_orders SET state = 'paid' WHERE id = ?", order["id"])
    assert shop.partner.notify(order["number"])["status"] == 200
    orders = shop.gateway.cli("payments", "list", "--account", shop.account)["orders"]
    assert sorted(o["state"] for o in orders) == ["credited", "review"]
    assert shop.balance() == 12_340_000


@kinds("alipay")
def test_26_a_qr_code_that_nobody_scanned_stays_pending(shop):
    order = shop.order()
    assert shop.gateway.cli("payments", "check", order["id"])["state"] == "pending"
    ended = shop.gateway.cli("payments", "cancel", order["id"])
    assert ended["state"] == "cancelled"
    shop.pay(order)
    assert shop.state(order) == "credited"


@kinds("alipay")
def test_26_a_code_that_is_scanned_after_an_hour_and_59_minutes_is_credited(shop):
    order = expired(shop)
    assert shop.partner.do("trades")[order["number"]]["state"] == "unscanned"
    shop.pass_time(order, 88 * 60)
    shop.pay(order)
    assert shop.state(order) == "credited"


def test_29_what_a_balance_cannot_hold_is_refused_before_anybody_pays(alone):
    most = 2**63 - 1
    rich = alone.gateway.cli("account", "create", "rich", "--balance", str(most - 1_500_000))
    asked = ("payments", "order", rich["id"], "¥2", "--method", alone.method, "--json")
    said = alone.gateway.run(*asked)
    assert said.code == 1
    assert '"too_much"' in said.stderr
    assert alone.partner.do("trades") == {}
    # It fits when it is ordered, and no more when it is paid: a person decides.
    order = alone.order("¥1", account=rich["id"])
    alone.gateway.cli("account", "credit", rich["id"], "1000000", "--reason", "meanwhile")
    alone.pay(order)
    shown = alone.wait_for(order, "review")
    assert shown["reason"] == "does_not_fit"


def test_30_settings_that_change_meanwhile_touch_no_order(shop):
    order = shop.order("¥10")
    shop.gateway.cli("settings", "set", "topup_currencies", '{"cny":"0.5"}')
    shop.gateway.cli("settings", "set", "topup_bonus", '[{"min":1000000,"percent":"10"}]')
    try:
        shop.pay(order)
        shown = shop.show(order)
        assert (shown["state"], shown["credit"], shown["bonus"]) == ("credited", 10_000_000, 0)
        other = shop.order(str(10_000_000))
        assert (other["amount"], other["credit"], other["bonus"]) == ("20.00", 10**7, 10**6)
        shop.pay(other)
        assert shop.balance() == 10_000_000 + 11_000_000
        kinds = [(e["kind"], e["amount"], e["contra"]) for e in shop.entries()]
        assert kinds[1:] == [("topup", 10_000_000, "cash"), ("grant", 1_000_000, "promo")]
    finally:
        shop.gateway.cli("settings", "set", "topup_currencies", '{"cny":"1"}')
        shop.gateway.cli("settings", "set", "topup_bonus", "[]")


@kinds("epay_md5", "stripe_checkout", "wechat_pay")
def test_43_a_secret_that_was_replaced_still_verifies_for_a_day(shop):
    name, option = {
        "epay_md5": ("key", "key"),
        "stripe_checkout": ("webhook_secret", "secret"),
        "wechat_pay": ("apiv3_key", "apiv3_key"),
    }[shop.partner.kind]
    first, second = shop.order(), shop.order()
    before, new = dict(shop.partner.secrets), "whsec_a-new-secret-0123456789-abc"[:32]
    shop.partner.secrets = {**before, name: new}
    try:
        shop.add(shop.method)
        shop.partner.do("set", **{name: new})
        methods = shop.gateway.cli("payments", "method", "list")["methods"]
        shown = next(method for method in methods if method["name"] == shop.method)
        until = datetime.fromisoformat(shown["old_secrets_until"]).timestamp()
        assert 23 * 3600 < until - time.time() <= 24 * 3600
        assert before[name] not in str(shown)
        assert shop.is_accepted(shop.pay(first, **{option: before[name]}))
        assert shop.state(first) == "credited"
        a_minute_ago = int(time.time() * 1000) - 60_000
        over = "UPDATE payment_methods SET old_until = ? WHERE id = ?"
        shop.change(over, a_minute_ago, shop.method_id)
        assert not shop.is_accepted(shop.pay(second, **{option: before[name]}))
        assert shop.state(second) == "pending"
        assert shop.is_accepted(shop.partner.notify(second["number"]))
        assert shop.state(second) == "credited"
    finally:
        shop.partner.secrets = before
        shop.partner.do("set", **{name: before[name]})


def test_an_amount_outside_the_bounds_is_refused_before_anybody_pays(shop):
    for amount in ("¥0.99", "¥2000.01", "999999"):
        said = shop.gateway.run(
            *("payments", "order", shop.account, amount, "--method", shop.method, "--json")
        )
        assert said.code == 1, amount
        assert '"invalid_argument"' in said.stderr
    assert shop.gateway.cli("payments", "list", "--account", shop.account)["orders"] == []


@pytest.mark.parametrize("minutes", [5, 45, 120])
def test_an_order_waits_as_long_as_the_setting_says_and_its_provider_allows(shop, minutes):
    shop.gateway.cli("settings", "set", "topup_minutes", str(minutes))
    try:
        order = shop.order()
    finally:
        shop.gateway.cli("settings", "set", "topup_minutes", "30")
    least = 31 if shop.partner.kind == "stripe_checkout" else 0
    waits = datetime.fromisoformat(order["expires"]) - datetime.fromisoformat(order["created"])
    assert waits.total_seconds() // 60 == max(minutes, least)


@pytest.mark.parametrize("minutes", ["4", "121"])
def test_an_order_waits_no_shorter_and_no_longer_than_people_pay(shop, minutes):
    refused = shop.gateway.run("settings", "set", "topup_minutes", minutes)
    assert refused.code == 1
    assert "must be a whole number from 5 to 120" in refused.stderr
