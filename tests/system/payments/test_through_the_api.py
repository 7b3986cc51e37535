"""The same through the console's API: customers order, operators decide, others see nothing."""

import json

import pytest

from tests.support.payment_gateways.partner import Partner
from tests.system.console_api.person import invited, operator
from tests.system.payments.shop import ENGINES, PaidShop, database_of, start_gateway


@pytest.fixture(scope="module", params=ENGINES)
def parts(request, cli, tmp_path_factory):
    """A server, its owner, two customers."""
    home, environment = tmp_path_factory.mktemp("pay-api") / "home", database_of(request.param)
    with start_gateway(home, cli, **environment) as gateway, Partner("epay_md5") as partner:
        shop = PaidShop(gateway, partner)
        owner = operator(gateway, "owner@example.com")
        other = shop.new_account()
        customer = invited(gateway, shop.account, "alice@example.com")
        stranger = invited(gateway, other, "bob@example.com")
        yield shop, owner, customer, stranger
        shop.check_books()


def test_01_a_customer_orders_pays_and_gets_a_receipt(parts):
    shop, _, customer, _ = parts
    base = f"/api/accounts/{shop.account}"
    choices = customer.call("GET", f"{base}/top-up")
    assert [m["name"] for m in choices["methods"]] == [shop.method]
    assert choices["presets"][0] == 10_000_000
    priced = customer.call("GET", f"{base}/top-up?amount=12345678")["methods"][0]["prices"][-1]
    assert priced == {"wanted": 12345678, "amount_minor": 1235, "credit": 12350000, "bonus": 0}
    assert customer.refused("GET", f"{base}/top-up?amount=999999") == "invalid_argument"
    asked = {"method": choices["methods"][0]["id"], "amount": "¥12.5", "type": "alipay"}
    order = customer.call("POST", f"{base}/orders", asked)
    assert (order["state"], order["amount"], order["credit"]) == ("pending", "12.50", 12_500_000)
    assert order["show"] == shop.show(order)["show"]
    assert order["picture"]["size"] > 20
    shop.partner.pay(order["number"])
    checked = customer.call("POST", f"{base}/orders/{order['id']}/check")
    assert checked["state"] == "credited"
    receipt = customer.call("GET", f"{base}/orders/{order['id']}/receipt")
    assert receipt["entry_id"]
    assert (receipt["net_amount"], receipt["net_credit"]) == ("12.50", 12_500_000)
    paid = receipt["order"]
    assert (paid["id"], paid["amount"], paid["credit"]) == (order["id"], "12.50", 12_500_000)
    invoice = {"title": "某某公司", "tax_number": "9131", "email": "a@example.com"}
    assert customer.call("POST", f"{base}/orders/{order['id']}/invoice", invoice)["invoice"] == (
        "asked"
    )
    listed = customer.call("GET", f"{base}/orders")["items"]
    assert listed[0]["id"] == order["id"]
    assert "12.50" in customer.ask("GET", f"{base}/orders.csv").text
    entry = customer.call("GET", f"{base}/statement")["items"][-1]
    assert (entry["id"], entry["kind"]) == (receipt["entry_id"], "topup")
    assert entry["amount"] == 12_500_000
    named = customer.call("GET", f"{base}/orders/{entry['reason']}")  # as its statement links
    assert named["id"] == order["id"]


def test_39_an_order_of_another_account_is_404_everywhere(parts):
    shop, _, customer, stranger = parts
    order = customer.call(
        "POST", f"/api/accounts/{shop.account}/orders", {"method": shop.method, "amount": 5_000_000}
    )
    for account in (shop.account, stranger.account):
        base = f"/api/accounts/{account}/orders/{order['id']}"
        for method, path in (
            ("GET", f"/api/accounts/{account}/orders/{order['number']}"),
            ("GET", base),
            ("POST", f"{base}/check"),
            ("POST", f"{base}/cancel"),
            ("GET", f"{base}/receipt"),
            ("POST", f"{base}/invoice"),
        ):
            asked = {"title": "x", "email": "x@example.com"} if "invoice" in path else None
            assert stranger.refused(method, path, asked) == "not_found", (method, path)
    for base in (f"/api/accounts/{stranger.account}/orders", "/api/accounts/nobody/orders"):
        for path in (base, f"{base}.csv", f"{base}?limit=200"):
            assert order["number"] not in stranger.ask("GET", path).text
    for name in ("orders", "orders.csv", "top-up"):
        assert stranger.refused("GET", f"/api/accounts/{shop.account}/{name}") == "not_found"
    assert shop.state(order) == "pending"
    assert customer.refused("GET", "/api/operator/payments/orders") == "not_allowed"
    customer.call("POST", f"/api/accounts/{shop.account}/orders/{order['id']}/cancel")


def test_whoever_makes_and_cancels_orders_in_a_loop_has_to_wait(parts):
    shop, _, _, stranger = parts
    base = f"/api/accounts/{stranger.account}/orders"
    wanted = {"method": shop.method, "amount": 5_000_000}
    for _ in range(20):
        made = stranger.call("POST", base, wanted)
        assert stranger.call("POST", f"{base}/{made['id']}/cancel")["state"] == "cancelled"
    for language, words in (("en", "in a short time"), ("zh", "短时间内下单太多")):
        answer = stranger.ask("POST", base, wanted, accept_language=language)
        assert answer.status_code == 429, answer.text
        assert answer.json()["error"]["code"] == "too_many"
        assert words in answer.json()["error"]["message"]
        assert 0 < int(answer.headers["retry-after"]) <= 600
    # What was not paid may be asked about, but not without end.
    orders = [order["id"] for order in stranger.call("GET", base)["items"]]
    shop.change("UPDATE payment_orders SET asked_at = 0 WHERE account_id = ?", stranger.account)
    answers = [stranger.ask("POST", f"{base}/{order}/check") for order in [*orders, *orders[:1]]]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].headers["retry-after"] == "10"


def test_39_who_only_reads_cannot_credit_and_finance_can(parts):
    shop, _, customer, _ = parts
    order = customer.call(
        "POST", f"/api/accounts/{shop.account}/orders", {"method": shop.method, "amount": 5_000_000}
    )
    path = f"/api/operator/payments/orders/{order['id']}"
    reader = operator(shop.gateway, "read@example.com", "readonly")
    asked = {"reference": "bank-1", "reason": "seen in the bank"}
    assert reader.call("GET", path)["id"] == order["id"]
    refund = {"reason": "asked for", "key": "r1", "amount": "¥2"}
    of_none = {"account": shop.account, "method": shop.method, "amount": "1", **asked}
    orders, method = "/api/operator/payments", f"/api/operator/payment-methods/{shop.method_id}"
    for refused, body in (
        (f"{path}/credit", asked),
        (f"{path}/dismiss", {"reason": "seen"}),
        (f"{path}/refund", refund),
        (f"{orders}/refunds/rfd_1/resolve", {"is_done": True}),
        (f"{orders}/unmatched", of_none),
        (f"{orders}/days", {"method": shop.method, "day": "2026-01-01"}),
        (f"{method}/disable", {}),
        (f"{method}/check", {}),
    ):
        for person in (reader, customer):
            assert person.refused("POST", refused, body) == "not_allowed", refused
    assert shop.state(order) == "pending"
    finance = operator(shop.gateway, "money@example.com", "finance")
    made = finance.call("POST", f"{path}/credit", asked)
    assert made["state"] == "credited"
    assert made["events"][-1]["facts"]["reason"] == "seen in the bank"
    assert finance.call("POST", f"{path}/refund", refund)["refunds"][0]["credit"] == 2_000_000


def test_38_secrets_never_come_back_from_the_api(parts):
    shop, owner, customer, _ = parts
    kinds = owner.call("GET", "/api/operator/payment-kinds")["items"]
    assert {k["kind"] for k in kinds} >= {"epay_md5", "stripe_checkout", "alipay", "wechat_pay"}
    order = customer.call(
        "POST", f"/api/accounts/{shop.account}/orders", {"method": shop.method, "amount": 5_000_000}
    )
    shop.pay(order)
    payments, account = "/api/operator/payments", f"/api/accounts/{shop.account}"
    answers = {
        path: person.ask("GET", path)
        for person, path in (
            *((owner, f"{payments}/{name}") for name in ("orders", "orders.csv", "unmatched")),
            *((owner, f"{payments}/{name}") for name in ("days", "summary")),
            (owner, f"{payments}/orders/{order['id']}"),
            (owner, "/api/operator/payment-methods"),
            (owner, "/api/operator/audit"),
            *((customer, f"{account}/{name}") for name in ("top-up", "orders", "orders.csv")),
            (customer, f"{account}/orders/{order['id']}"),
            (customer, f"{account}/orders/{order['id']}/receipt"),
        )
    }
    for path, answer in answers.items():
        assert answer.status_code == 200, path
        assert not any(secret in answer.text for secret in shop.partner.secrets.values()), path
    assert "notify_url" in answers["/api/operator/payment-methods"].text
    assert order["number"] in answers[f"{payments}/orders.csv"].text


def test_an_order_that_did_not_change_is_not_sent_again(parts):
    shop, _, customer, _ = parts
    order = customer.call(
        "POST", f"/api/accounts/{shop.account}/orders", {"method": shop.method, "amount": 5_000_000}
    )
    path = f"/api/accounts/{shop.account}/orders/{order['id']}"
    first = customer.ask("GET", path)
    tag = first.headers["etag"]
    assert "no-cache" in first.headers["cache-control"]
    assert "private" in first.headers["cache-control"]
    again = customer.ask("GET", path, if_none_match=tag)
    assert (again.status_code, again.content) == (304, b"")
    shop.pay(order)
    changed = customer.ask("GET", path, if_none_match=tag)
    assert changed.status_code == 200
    assert changed.json()["state"] == "credited"
    assert changed.headers["etag"] != tag


def test_customers_and_operators_are_told_of_refunds_and_reviews(parts):
    shop, owner, customer, _ = parts
    base = f"/api/accounts/{shop.account}"
    wanted = {"method": shop.method, "amount": 8_000_000}
    good = customer.call("POST", f"{base}/orders", wanted)
    shop.pay(good)
    wrong = customer.call("POST", f"{base}/orders", wanted)
    shop.pay(wrong, amount_minor=700)
    refund = {"reason": "asked for", "key": "r1", "amount": "¥3"}
    path = f"/api/operator/payments/orders/{good['id']}"
    assert owner.call("POST", f"{path}/refund", refund)["refunds"][0]["state"] == "done"
    owner.call("POST", f"{path}/refund", refund)
    sql = "SELECT event, account_id, data FROM notices WHERE event <> 'payment.credited'"
    found = [
        (row["event"], row["account_id"], json.loads(row["data"])["number"])
        for row in shop.gateway.rows(f"{sql} ORDER BY at, event")
        if json.loads(row["data"]).get("order") in (good["id"], wrong["id"])
    ]
    assert sorted(found, key=str) == sorted(
        [
            ("payment.review", shop.account, wrong["number"]),
            ("order.review", None, wrong["number"]),
            ("payment.refunded", shop.account, good["number"]),
        ],
        key=str,
    )


def test_what_an_operator_writes_down_is_not_shown_to_the_customer(parts):
    shop, owner, customer, _ = parts
    base = f"/api/accounts/{shop.account}"
    secret = "chargeback-ring-suspect"
    wanted = {"method": shop.method, "amount": 6_000_000}
    dismissed, refunded = (customer.call("POST", f"{base}/orders", wanted) for _ in range(2))
    shop.pay(dismissed, amount_minor=500)
    shop.pay(refunded)
    orders = "/api/operator/payments/orders"
    assert owner.call("GET", f"{orders}/{dismissed['id']}")["came"] == {
        "amount": "5.00",
        "credit": 5_000_000,
    }
    owner.call("POST", f"{orders}/{dismissed['id']}/dismiss", {"reason": secret})
    asked = {"reason": secret, "key": "r9", "amount": "¥2"}
    owner.call("POST", f"{orders}/{refunded['id']}/refund", asked)
    shown = customer.call("GET", f"{base}/orders/{dismissed['id']}")
    assert (shown["state"], shown["reason"]) == ("review", "dismissed")
    paths = ["orders", "orders.csv", "statement", "statement.csv", "overview"]
    paths += [f"orders/{order['id']}" for order in (dismissed, refunded)]
    paths += [f"orders/{refunded['id']}/receipt"]
    for path in paths:
        assert secret not in customer.ask("GET", f"{base}/{path}").text, path
    assert secret in owner.ask("GET", f"{orders}/{dismissed['id']}").text
    assert secret in owner.ask("GET", f"{orders}/{refunded['id']}").text
    # Whoever decides sees it among those that were dismissed, not among those that wait.
    for state, is_there in (("review", False), ("dismissed", True)):
        found = owner.call("GET", f"{orders}?state={state}")["items"]
        assert (dismissed["id"] in [each["id"] for each in found]) is is_there
    # What the refund took names the order, as what it paid does.
    entries = customer.call("GET", f"{base}/statement")["items"]
    of_order = [each for each in entries if each["reason"] == refunded["number"]]
    assert [(each["kind"], each["amount"]) for each in of_order] == [
        ("topup", 6_000_000),
        ("reversal", -2_000_000),
    ]


def test_orders_are_found_by_age_and_by_being_tests(parts):
    shop, owner, customer, _ = parts
    wanted = {"method": shop.method, "amount": 6_000_000}
    base = f"/api/accounts/{shop.account}/orders"
    old, young = (customer.call("POST", base, wanted)["id"] for _ in range(2))
    shop.pass_time({"id": old}, 90 * 60)
    orders = "/api/operator/payments/orders"

    def found(asked: str) -> set[str]:
        listed = owner.call("GET", f"{orders}?{asked}")["items"]
        return {each["id"] for each in listed} & {old, young}

    assert found("limit=200") == found("older_minutes=0") == found("test=0") == {old, young}
    assert found("older_minutes=60") == found("older_minutes=60&test=0") == {old}
    assert found("older_minutes=1440") == found("test=1") == set()
    assert old in owner.ask("GET", f"{orders}.csv?older_minutes=60").text
    assert owner.ask("GET", f"{orders}?older_minutes=-1").status_code == 400
    assert owner.ask("GET", f"{orders}?test=yes").status_code == 400
    by_command = shop.gateway.cli("payments", "list", "--older", "60", "--real")["orders"]
    assert {old} == {order["id"] for order in by_command} & {old, young}
    assert old not in str(shop.gateway.cli("payments", "list", "--test"))


def test_20_without_a_public_address_nothing_can_be_enabled(parts, cli, tmp_path):
    shop = parts[0]
    for url in ("", "https://ai.example.com/"):
        environment = {"YIYUAN_PUBLIC_URL": url} if url else {}
        from tests.support.gateway_process import Gateway  # noqa: PLC0415

        home = tmp_path / ("a" if url else "b")
        with Gateway(home, cli, **environment) as gateway:
            said = gateway.run(
                *("payments", "method", "add", "x", "--kind", "epay_md5"),
                *shop.partner.add_arguments(),
                *("--secrets-stdin", "--json"),
                stdin=shop.partner.secrets_json(),
            )
        assert said.code == 1
        assert '"public_url"' in said.stderr
