"""What only one provider does: older events, yen, white space, probes, coupons, key changes."""

import contextlib
import datetime as dt
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.gateway_process import Cli
from tests.support.payment_gateways.partner import APIV3_KEY
from tests.support.waiting import wait_for
from tests.system.console_api.person import operator
from tests.system.payments.shop import kinds


@kinds("stripe_checkout")
def test_21_events_out_of_order_and_a_delayed_method(shop):
    order = shop.order()
    assert shop.partner.notify(order["number"])["status"] == 200
    assert shop.state(order) == "pending"
    kind = "checkout.session.async_payment_failed"
    assert shop.partner.notify(order["number"], type=kind)["status"] == 200
    assert shop.state(order) == "pending"
    shop.partner.pay(order["number"])
    kind = "checkout.session.async_payment_succeeded"
    assert shop.partner.notify(order["number"], type=kind)["status"] == 200
    assert shop.state(order) == "credited"
    assert shop.partner.notify(order["number"], type="unknown.event")["status"] == 200
    assert shop.partner.notify(order["number"], tampered=True)["status"] == 400
    assert shop.partner.notify(order["number"], scheme="v0")["status"] == 400
    more = {"more_parts": [f"v1={'0' * 64}"]}
    assert shop.partner.notify(order["number"], **more)["status"] == 200


def set_session(shop, order, **fields) -> None:
    """What Stripe's session of an order says, whatever has happened."""
    shop.partner.do("change", number=order["number"], session=fields)


@kinds("stripe_checkout")
def test_21_a_completed_session_that_is_not_paid_yet_waits_for_its_payment(shop):
    paid_later, never_paid = shop.order(), shop.order()
    waits = {"status": "complete", "payment_status": "unpaid"}
    for order in (paid_later, never_paid):
        set_session(shop, order, **waits)
        assert shop.partner.notify(order["number"])["status"] == 200
        assert shop.state(order) == "pending"
    kind = "checkout.session.async_payment_failed"
    assert shop.partner.notify(never_paid["number"], type=kind)["status"] == 200
    assert shop.state(never_paid) == "pending"
    set_session(shop, paid_later)
    shop.partner.pay(paid_later["number"])
    kind = "checkout.session.async_payment_succeeded"
    assert shop.partner.notify(paid_later["number"], type=kind)["status"] == 200
    assert shop.state(paid_later) == "credited"
    # What was sent before comes after, and of an order that is credited nothing follows.
    for kind in ("completed", "async_payment_failed", "expired"):
        late = {"type": f"checkout.session.{kind}", "object": waits}
        assert shop.partner.notify(paid_later["number"], **late)["status"] == 200
        assert shop.state(paid_later) == "credited"
    assert shop.balance() == 12_340_000


@kinds("stripe_checkout")
def test_21_a_session_that_asked_for_no_payment_goes_to_review(shop):
    order = shop.order()
    free = {"payment_status": "no_payment_required", "amount_total": 0, "payment_intent": None}
    set_session(shop, order, status="complete", **free)
    assert shop.partner.notify(order["number"])["status"] == 200
    shown = shop.show(order)
    assert (shown["state"], shown["reason"]) == ("review", "no_payment_required")
    assert shop.balance() == 0
    shop.unmatched_minor -= 1234  # nothing came


@kinds("stripe_checkout")
def test_23_an_event_of_an_older_version_is_a_hint_and_no_more(shop):
    order = shop.order()
    shop.partner.pay(order["number"])
    older = {"currency": "eur", "amount_total": 158, "currency_conversion": {"fx_rate": "7.8"}}
    assert shop.partner.notify(order["number"], object=older)["status"] == 200
    assert shop.show(order)["state"] == "credited"
    assert shop.balance() == 12_340_000


@kinds("stripe_checkout")
def test_24_yen_have_no_decimals_and_dinars_are_refused_at_set_up(shop):
    shop.gateway.cli("settings", "set", "topup_currencies", '{"cny":"1","jpy":"0.05"}')
    try:
        shop.method += "-jpy"
        shop.added = shop.add(shop.method, currency="jpy")
        order = shop.order("¥50")
        assert (order["amount"], order["currency"], order["credit"]) == ("1000", "jpy", 50_000_000)
        trade = shop.partner.do("trades")[order["number"]]
        assert (trade["amount_minor"], trade["currency"]) == (1000, "jpy")
        assert shop.pay(order)["status"] == 200
        assert shop.state(order) == "credited"
        said = shop.gateway.run(
            *("payments", "method", "add", "dinars", "--kind", "stripe_checkout"),
            *("--set", "currency=kwd", "--secrets-stdin", "--json"),
            stdin=shop.partner.secrets_json(),
        )
        assert said.code == 1
        assert "the field currency must be one of" in said.stderr
    finally:
        shop.gateway.cli("settings", "set", "topup_currencies", '{"cny":"1"}')


@kinds("stripe_checkout")
def test_36_a_session_of_the_day_before_that_was_paid_on_this_one_is_no_difference(shop):
    order = shop.order("¥5")
    shop.pay(order)
    shop.wait_for(order, "credited")
    beijing = int(time.time()) + 8 * 3600
    midnight = beijing - beijing % 86_400 - 8 * 3600
    shop.partner.do("change", number=order["number"], created=midnight - 900)
    noon = (midnight + 12 * 3600) * 1000
    shop.change("UPDATE payment_orders SET paid_at = ? WHERE id = ?", noon, order["id"])
    day = time.strftime("%Y-%m-%d", time.gmtime(beijing))
    found = shop.gateway.cli("payments", "compare", shop.method, day)
    # Other tests of the shop leave differences of their own on this day.
    assert order["number"] not in [each["number"] for each in found["differences"]]
    assert found["ours_minor"] >= 500


@kinds("alipay")
def test_27_an_answer_is_verified_as_it_stands_white_space_and_all(shop):
    shop.partner.do("set", space="  ")
    order = shop.order()
    assert shop.is_accepted(shop.pay(order))
    assert shop.state(order) == "credited"
    shop.partner.do("set", space="")
    changed = shop.order()
    shop.partner.pay(changed["number"])
    shop.partner.do("spoil", path="alipay.trade.query", how="stale", times=1000)
    assert not shop.is_accepted(shop.partner.notify(changed["number"]))
    assert shop.state(changed) == "pending"
    shop.partner.do("heal")
    assert shop.is_accepted(shop.partner.notify(changed["number"]))


@kinds("wechat_pay")
def test_28_probes_certificates_coupons_and_another_key(shop):
    order = shop.order()
    shop.partner.pay(order["number"], coupon=300)
    # More of them than an address may send bad ones in a minute: they do not count.
    probes = shop.partner.do("notify", number=order["number"], times=61, probe=True)
    assert {answer["status"] for answer in probes} == {401}
    assert shop.partner.notify(order["number"], apiv3_key="x" * 32)["status"] == 401
    assert shop.state(order) == "pending"
    # A serial that is not known yet: the certificate is fetched, and the notify is good.
    assert shop.partner.notify(order["number"], signs_with="certificate")["status"] == 204
    shop.wait_for(order, "credited")
    assert shop.balance() == 12_340_000
    assert shop.partner.notify(order["number"], signs_with="public_key")["status"] == 204
    paid_meanwhile = shop.order()
    shop.partner.pay(paid_meanwhile["number"])
    said = shop.gateway.cli("payments", "cancel", paid_meanwhile["id"])
    assert said["state"] == "credited"
    assert APIV3_KEY not in shop.gateway.said()


@kinds("stripe_checkout")
def test_a_payment_link_with_an_orders_number_appended_pays_for_no_order(shop):
    paid, open_order = shop.order(), shop.order()
    shop.pay(paid)
    assert shop.state(paid) == "credited"
    for order in (paid, open_order):
        session = shop.partner.do("payment_link", number=order["number"], amount_minor=1234)
        url = shop.added["notify_url"]
        assert shop.partner.notify(session, url=url)["status"] == 200
        shop.unmatched_minor += 1234
    assert shop.state(open_order) == "pending"
    assert shop.balance() == 12_340_000
    found = shop.gateway.cli("payments", "list", "--account", shop.account)["orders"]
    assert sorted(order["state"] for order in found) == ["credited", "pending"]
    assert len(shop.gateway.cli("payments", "unmatched")["events"]) >= 2


def check(owner, shop):
    """Press the test button."""
    return owner.call("POST", f"/api/operator/payment-methods/{shop.method_id}/check")


def arrival(owner, shop, checked):
    """What the page is told of the test order's notify."""
    path = f"/api/operator/payment-methods/{shop.method_id}/check/{checked['number']}"
    return owner.call("GET", path)


def make_older(shop, checked, seconds: int) -> None:
    """Let a test order have been made longer ago: its note is never changed, so there are two."""
    sql = """INSERT INTO payment_events (at, order_id, method_id, source, event_ref, verdict,
                                         facts, address)
             SELECT at - ?, NULL, method_id, source, event_ref, verdict, facts, address
             FROM payment_events WHERE event_ref = ? AND verdict = 'test' ORDER BY at LIMIT 1"""
    shop.change(sql, seconds * 1000, checked["number"])


@pytest.fixture(scope="module")
def owner(server):
    """Who presses the button."""
    return operator(server, f"tester-{time.monotonic_ns()}@example.com")


def test_the_test_button_says_that_a_notify_arrived_from_outside(shop, owner):
    checked = check(owner, shop)
    assert checked["ok"], checked
    assert checked["waits_until"]
    if shop.partner.kind == "stripe_checkout":  # it notifies of the end; nobody has to pay
        assert checked["closed"]
        kind = {"type": "checkout.session.expired"}
    else:
        assert checked["show"]["kind"] in ("qr", "redirect", "form")
        assert arrival(owner, shop, checked)["state"] == "waiting"
        shop.partner.pay(checked["number"])
        shop.unmatched_minor += shop.partner.do("trades")[checked["number"]]["amount_minor"]
        kind = {}
    for _ in range(2):
        assert shop.is_accepted(shop.partner.notify(checked["number"], **kind))
    assert arrival(owner, shop, checked)["state"] == "arrived"
    unmatched = shop.gateway.cli("payments", "unmatched")["events"]
    assert checked["number"] not in str(unmatched)


def test_the_test_button_says_why_no_notify_arrived(shop, owner):
    first = check(owner, shop)
    make_older(shop, first, 100)
    assert arrival(owner, shop, first)["state"] == "waiting"
    make_older(shop, first, 21)
    is_closed = shop.partner.kind == "stripe_checkout"
    reason = "not_told" if is_closed else "not_paid"
    assert arrival(owner, shop, first) == {"state": "missing", "reason": reason, "at": None}
    path = f"/api/operator/payment-methods/{shop.method_id}/check/nobody-knows"
    assert owner.refused("GET", path) == "not_found"
    if is_closed:
        return
    second = check(owner, shop)
    shop.partner.pay(second["number"])
    shop.unmatched_minor += 1
    make_older(shop, second, 121)
    assert arrival(owner, shop, second)["reason"] == "not_told"
    if shop.partner.kind == "epay_md5":
        assert not shop.is_accepted(shop.partner.notify(second["number"], key="another"))
        assert arrival(owner, shop, second)["reason"] == "forged"


@kinds("epay_md5")
def test_a_command_waits_for_the_notify_and_says_meanwhile_what_to_pay(shop):
    beside = Cli()  # one runs its commands one after the other
    with ThreadPoolExecutor(1) as pool, contextlib.closing(beside):
        argv = ("payments", "method", "test", shop.method, "--wait", "--json")
        waiting = pool.submit(beside.run, argv, shop.gateway.environment)
        noted = "SELECT event_ref FROM payment_events WHERE method_id = ? AND verdict = 'test'"
        look = lambda: shop.gateway.rows(noted, shop.method_id)  # noqa: E731 - for the wait
        number = wait_for(look, timeout=30, what="the test order")[0]["event_ref"]
        shop.partner.pay(number)
        shop.unmatched_minor += 1
        assert shop.is_accepted(shop.partner.notify(number))
        said = waiting.result()
    assert said.code == 0, said
    assert json.loads(said.stdout)["arrival"]["state"] == "arrived"
    assert said.stderr.startswith("0.01 CNY: http")


@kinds("epay_md5")
def test_the_list_of_methods_says_which_are_enabled(shop):
    def listed():
        methods = shop.gateway.cli("payments", "method", "list")["methods"]
        found = next(each for each in methods if each["name"] == shop.method)
        text = shop.gateway.run("payments", "method", "list").stdout
        return found["enabled"], next(line for line in text.splitlines() if shop.method in line)

    assert listed()[0] is True
    assert "enabled" in listed()[1]
    shop.gateway.cli("payments", "method", "disable", shop.method)
    assert listed()[0] is False
    assert "disabled" in listed()[1]


@kinds("epay_md5", "epay_rsa")
def test_networks_that_are_none_are_refused_at_set_up(shop):
    for networks, code in (("203.0.113.0/33", 1), ("anywhere", 1), ("127.0.0.0/8, ::1", 0)):
        said = shop.gateway.run(
            *("payments", "method", "add", shop.method, "--kind", shop.partner.kind),
            *shop.partner.add_arguments(),
            *("--set", f"notify_networks={networks}", "--secrets-stdin", "--json"),
            stdin=shop.partner.secrets_json(),
        )
        assert said.code == code, networks
    order = shop.order()
    assert shop.is_accepted(shop.pay(order))
    assert shop.state(order) == "credited"


@kinds("epay_md5")
def test_a_method_that_is_changed_stays_a_tests_until_it_is_said_to_be_live(shop):
    def changed(*flags):
        return shop.gateway.cli(
            *("payments", "method", "add", shop.method, "--kind", "epay_md5"), *flags
        )["is_test"]

    assert shop.added["is_test"] is False
    assert changed("--test") is True
    assert changed("--set", "types=alipay") is True
    assert changed("--live") is False
    said = shop.gateway.run(
        *("payments", "method", "add", shop.method, "--kind", "epay_md5", "--set", "key=x")
    )
    assert said.code == 1
    assert "--secrets-stdin" in said.stderr


@kinds("epay_md5")
def test_commands_show_refunds_and_differences(shop):
    order = shop.order("¥3")
    shop.pay(order)
    made = shop.gateway.cli(
        *("payments", "refund", order["id"], "--reason", "by hand", "--amount", "¥1"),
        *("--key", "shown"),
    )
    shown = shop.gateway.run("payments", "show", order["id"]).stdout
    assert f"{made['id']}  done  1.00 CNY  by hand" in shown
    assert "refunded: ¥1.00 (1,000,000 词元)" in shown
    more = ("payments", "refund", order["id"], "--reason", "again", "--key", "more")
    assert "at most 2.00 CNY" in shop.gateway.run(*more, "--amount", "¥2.5").stderr
    assert shop.gateway.run(*more).code == 0
    other = ("payments", "refund", order["id"], "--reason", "again", "--key", "other")
    assert "given back already" in shop.gateway.run(*other).stderr
    wrong = shop.order("¥3")
    shop.pay(wrong, amount_minor=200)
    today = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=8)).date().isoformat()
    said = shop.gateway.run("payments", "compare", shop.method, today).stdout
    assert f"  amount  {wrong['number']}  ours: 3.00  theirs: 2.00\n" in said
    assert said in shop.gateway.run("payments", "days").stdout
    assert shop.gateway.run("payments", "invoice-done", "inv_nobody").code == 1
    assert shop.gateway.run("payments", "list", "--state", "nonsense").code != 0
