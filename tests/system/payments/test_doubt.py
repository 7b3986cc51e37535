"""What does not fit an order credits nothing, and what is forged leaves nothing behind."""

import pytest

from tests.support.payment_gateways.partner import Partner
from tests.support.payment_gateways.server import send
from tests.system.payments.shop import PaidShop, call, kinds


def test_02_without_its_secret_a_method_is_refused_and_an_unknown_address_is_404(shop):
    name = "no-secret"
    said = shop.gateway.run(
        *("payments", "method", "add", name, "--kind", shop.partner.kind),
        *shop.partner.add_arguments(),
        "--json",
    )
    assert said.code == 1, said
    assert '"invalid_argument"' in said.stderr
    names = [m["name"] for m in shop.gateway.cli("payments", "method", "list")["methods"]]
    assert name not in names
    assert call(shop, "POST", "/pay/aaaaaaaaaaaa/notify", b"x").status == 404
    order = shop.order()
    (kept,) = shop.gateway.rows("SELECT sealed FROM payment_methods WHERE id = ?", shop.method_id)
    unseal = "UPDATE payment_methods SET sealed = ? WHERE id = ?"
    shop.change(unseal, b"", shop.method_id)
    assert call(shop, "POST", shop.notify_path(), b"x").status == 404
    shop.change(unseal, bytes(kept["sealed"]), shop.method_id)
    options = {"epay_md5": {"key": ""}, "stripe_checkout": {"secret": ""}}
    if shop.partner.kind in options:
        shop.partner.pay(order["number"])
        answer = shop.partner.notify(order["number"], **options[shop.partner.kind])
        assert not shop.is_accepted(answer)


def test_03_a_notify_completes_no_order_of_another_instance(shop):
    other = PaidShop(shop.gateway, shop.partner)
    order = shop.order()
    shop.partner.pay(order["number"])
    shop.partner.notify(order["number"], url=other.added["notify_url"])
    assert shop.gateway.rows(
        "SELECT verdict FROM payment_events WHERE method_id = ?", other.method_id
    ) == [{"verdict": "unmatched"}]
    events = shop.show(order)["events"]
    assert [e for e in events if e["source"] == "notify"] == []
    shop.bring_forward(order)
    shop.wait_for(order, "credited", timeout=70)


def test_04_a_signed_success_credits_nothing_while_the_provider_says_unpaid(shop):
    order = shop.order()
    if shop.partner.kind == "alipay":
        shop.partner.do("change", number=order["number"], state="waiting", ref="2026x")
    # What Stripe sends is the session: here one that claims to be paid.
    claimed = {"status": "complete", "payment_status": "paid", "payment_intent": "pi_claimed"}
    assert shop.is_accepted(shop.partner.notify(order["number"], object=claimed))
    shown = shop.show(order)
    assert shown["state"] == "pending"
    assert shop.balance() == 0
    assert "not_paid_there" in [e["verdict"] for e in shown["events"]]


QUERIES = {
    "epay_md5": "act=order",
    "epay_rsa": "api/pay/query",
    "alipay": "alipay.trade.query",
    "wechat_pay": "out-trade-no",
    "stripe_checkout": "checkout/sessions",
}
"""What stands in a call that asks about an order."""


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param("waiting", marks=kinds("epay_md5", "epay_rsa")),
        pytest.param("nested", marks=kinds("epay_md5")),
        *("html", "500"),
    ],
)
def test_05_a_query_that_does_not_say_paid_is_not_paid(shop, lie):
    path = QUERIES[shop.partner.kind] if lie in ("html", "500") else ""
    order = shop.order()
    if lie == "waiting":
        shop.partner.do("change", number=order["number"], state="lying")
    elif path:
        shop.partner.do("spoil", path=path, how=lie, times=1000)
    else:
        shop.partner.do("set", nested=True)
    answer = shop.partner.notify(order["number"])
    assert shop.state(order) == "pending"
    assert shop.is_accepted(answer) == (not path)
    assert shop.balance() == 0
    shop.partner.do("heal")
    shop.partner.do("set", nested=lie == "nested")
    shop.pay(order)
    assert shop.wait_for(order, "credited")["credit"] == 12_340_000
    shop.partner.do("set", nested=False)


@pytest.mark.parametrize("amount_minor", [1233, 1235, 1, 123400])
def test_06_another_amount_goes_to_review(shop, amount_minor):
    order = shop.order("¥12.34")
    answer = shop.pay(order, amount_minor=amount_minor)
    assert shop.is_accepted(answer)
    shown = shop.show(order)
    assert (shown["state"], shown["reason"]) == ("review", "amount_mismatch")
    assert shop.balance() == 0
    assert shop.is_accepted(shop.partner.notify(order["number"]))


@kinds("epay_md5", "epay_rsa")
@pytest.mark.parametrize(
    ("money", "state"),
    [("12", "credited"), ("12.0", "credited"), ("12.000", "credited"), ("12.001", "review")],
)
def test_06_the_same_amount_however_it_is_written(shop, money, state):
    order = shop.order("¥12")
    shop.partner.do("change", number=order["number"], money=money)
    shop.pay(order, fields={"money": money})
    assert shop.state(order) == state


@kinds("stripe_checkout", "wechat_pay")
def test_06_another_currency_goes_to_review(shop):
    order = shop.order()
    shop.partner.do("change", number=order["number"], currency="usd")
    shop.pay(order)
    shown = shop.show(order)
    assert (shown["state"], shown["reason"]) == ("review", "currency_mismatch")


NOT_OURS = {
    "epay_md5": [("told", {"pid": "9999"}), ("answered", {"pid": "9999"})],
    "epay_rsa": [("told", {"pid": "9999"}), ("answered", {"pid": "9999"})],
    "alipay": [("told", {"seller_id": "2088999999999999"})],
    "wechat_pay": [
        ("told", {"appid": "wx9999999999999999"}),
        ("answered", {"mchid": "1900009999"}),
        ("answered", {"appid": "wx9999999999999999"}),
    ],
}
"""By kind: another merchant's number in the notify, or only in the answer to our question."""


@kinds(*NOT_OURS)
def test_07_another_merchant_in_any_field_of_a_notify_or_an_answer_goes_to_review(shop):
    for where, fields in NOT_OURS[shop.partner.kind]:
        order = shop.order()
        if where == "told":
            shop.pay(order, fields=fields)
        else:
            shop.partner.do("change", number=order["number"], **fields)
            shop.partner.pay(order["number"])
            shop.pass_time(order, 5)  # at most one question a second
            shop.gateway.cli("payments", "check", order["id"])
        shown = shop.show(order)
        assert (shown["state"], shown["reason"]) == ("review", "merchant_mismatch"), fields
    assert shop.balance() == 0


def test_07_another_merchant_goes_to_review(shop):
    fields = {
        "epay_md5": {"pid": "9999"},
        "epay_rsa": {"pid": "9999"},
        "alipay": {"app_id": "2021999999999999"},
        "wechat_pay": {"mchid": "1900009999"},
    }.get(shop.partner.kind)
    order = shop.order()
    if fields is None:
        shop.partner.do("set", livemode=False)
        shop.pay(order)
        shop.partner.do("set", livemode=True)
        reason = "test_mismatch"
    else:
        shop.pay(order, fields=fields)
        reason = "merchant_mismatch"
    shown = shop.show(order)
    assert (shown["state"], shown["reason"]) == ("review", reason)
    assert shop.balance() == 0


def test_08_one_payment_pays_one_order(shop):
    first, second = shop.order(), shop.order()
    ref = shop.partner.pay(first["number"])["ref"]
    shop.partner.notify(first["number"])
    shop.partner.pay(second["number"], ref=ref)
    shop.partner.notify(second["number"])
    assert shop.state(first) == "credited"
    shown = shop.show(second)
    assert (shown["state"], shown["reason"]) == ("review", "payment_ref_used")
    assert shop.balance() == 12_340_000


@kinds("epay_md5", "epay_rsa")
def test_16_a_notify_may_come_in_three_ways_and_in_no_other(shop):
    for way in ("get", "post", "post_query"):
        order = shop.order()
        assert shop.is_accepted(shop.pay(order, way=way)), way
        assert shop.state(order) == "credited"
    order = shop.order()
    shop.partner.pay(order["number"])
    for way in ("repeated", "mixture"):
        assert shop.partner.notify(order["number"], way=way)["body"] == "fail"
    assert [e for e in shop.show(order)["events"] if e["source"] == "notify"] == []


@kinds("epay_md5", "alipay", "wechat_pay")
def test_a_good_notify_without_an_order_is_kept_once_however_often_it_is_sent(shop):
    order = shop.order()
    fields = {"out_trade_no": "nobody-knows-it"}
    prepared = shop.partner.do("prepare", number=order["number"], fields=fields)
    for _ in range(5):
        method, url, headers, body = prepared
        assert shop.is_accepted(send(method, url, headers, body and body.encode()))
    sql = "SELECT count(*) AS n FROM payment_events WHERE method_id = ? AND verdict = 'unmatched'"
    assert shop.gateway.rows(sql, shop.method_id) == [{"n": 1}]


@kinds("epay_md5", "epay_rsa")
@pytest.mark.parametrize(
    "more",
    [
        {"param": "", "buyer": "   "},
        {"name": "充值 100% + 赠送 & 更多=1"},
        {"param": "a+b%2Bc&d=e", "zz_unknown": "1"},
        {"product": "x", "name": ""},
    ],
)
def test_17_whatever_stands_in_the_free_fields(shop, more):
    order = shop.order()
    assert shop.is_accepted(shop.pay(order, fields=more))
    assert shop.state(order) == "credited"


@kinds("epay_md5")
def test_18_the_other_way_to_append_the_key_is_found_by_the_test(shop):
    with Partner("epay_md5", md5_tail="key") as other:
        fork = PaidShop(shop.gateway, other)
        said = fork.gateway.run("payments", "method", "test", fork.method, "--json")
        assert '"found_md5_tail": "key"' in said.stdout, said
        order = fork.order()
        assert fork.is_accepted(fork.pay(order))
        assert fork.state(order) == "credited"
        fork.check_books()


@kinds("epay_md5", "epay_rsa")
@pytest.mark.parametrize("values", [{"types": ""}, {"mode": "form"}])
def test_a_method_whose_orders_are_made_on_the_gateways_page_passes_its_test(shop, values):
    shop.add(shop.method, **values)
    checked = shop.gateway.cli("payments", "method", "test", shop.method)
    assert (checked["ok"], checked["shown"], checked["asked"]) == (True, "form", "unknown_there")
    if shop.partner.kind == "epay_rsa":
        return
    assert checked["reason"] == "订单号不存在"
    shop.partner.do("set", key="another")
    said = shop.gateway.cli("payments", "method", "test", shop.method)
    shop.partner.do("set", key=shop.partner.secrets["key"])
    assert said["reason"] == "商户密钥错误"


@kinds("epay_rsa", "wechat_pay")
@pytest.mark.parametrize("how", ["stale", "wrong_key"])
def test_19_an_answer_that_is_stale_or_of_another_key_is_unknown(shop, how):
    order = shop.order()
    shop.partner.pay(order["number"])
    path = "query" if shop.partner.kind == "epay_rsa" else "out-trade-no"
    shop.partner.do("spoil", path=path, how=how, times=1000)
    assert not shop.is_accepted(shop.partner.notify(order["number"]))
    assert shop.state(order) == "pending"
    shop.partner.do("heal")
    assert shop.is_accepted(shop.partner.notify(order["number"]))
    assert shop.state(order) == "credited"


@kinds("epay_rsa", "wechat_pay", "stripe_checkout")
def test_19_a_notify_of_301_seconds_ago_is_refused(shop):
    order = shop.order()
    shop.partner.pay(order["number"])
    assert not shop.is_accepted(shop.partner.notify(order["number"], age=301))
    assert shop.is_accepted(shop.partner.notify(order["number"], age=290))
    assert shop.state(order) == "credited"
