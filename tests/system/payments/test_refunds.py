"""Money that goes back: taken first, sent once, and what is spent is a debt."""

import contextlib
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.drivers import CHAT
from tests.support.gateway_process import Cli, Customer
from tests.support.payment_gateways.server import send
from tests.support.waiting import wait_for
from tests.system.console_api.person import Person, operator
from tests.system.payments.shop import kinds, together


def credited(shop, amount: str = "¥10.01"):
    """A credited order."""
    order = shop.order(amount)
    shop.pay(order)
    return shop.wait_for(order, "credited")


def refund(shop, order, key: str, amount: str | None = None):
    """Ask for a refund; the command's outcome."""
    part = () if amount is None else ("--amount", amount)
    said = shop.gateway.run(
        *("payments", "refund", order["id"], "--reason", "asked for", "--key", key),
        *part,
        "--json",
    )
    return said.code, json.loads(said.stdout or said.stderr)


def test_32_parts_with_odd_fen_add_up_to_the_whole(shop):
    order = credited(shop)
    for key, amount in (("a", "¥3.33"), ("b", "¥3.34"), ("c", None)):
        code, made = refund(shop, order, key, amount)
        assert (code, made["state"]) == (0, "done"), made
    assert shop.balance() == 0
    shown = shop.show(order)
    assert shown["refunded"] == shown["credit"] == 10_010_000
    assert sum(r["credit"] for r in shown["refunds"]) == 10_010_000
    assert refund(shop, order, "d", "¥0.01")[0] == 1
    given = shop.partner.do("trades")[order["number"]]["refunded_minor"]
    assert given == 1001


@pytest.fixture(scope="module")
def finance(server):
    """Who may refund, at a page."""
    return operator(server, f"finance-{time.monotonic_ns()}@example.com", "finance")


def click(finance, order, key: str, amount: str):
    """One click at a page of its own: the status, and the refunds of the order then."""
    page = Person(finance.gateway)
    page.http.cookies.update(finance.http.cookies)
    asked = {"reason": "asked for", "key": key, "amount": amount}
    answer = page.ask("POST", f"/api/operator/payments/orders/{order['id']}/refund", asked)
    return answer.status_code, answer.json().get("refunds")


def test_32_fifty_clicks_at_once_are_one_refund(shop, finance):
    order = credited(shop)
    outcomes = together([lambda: click(finance, order, "same", "¥1")] * 50)
    assert {status for status, _ in outcomes} == {200}
    assert len({made["id"] for _, refunds in outcomes for made in refunds}) == 1
    assert shop.balance() == 9_010_000
    assert len(shop.partner.do("trades")[order["number"]]["refunds"]) == 1


def test_refunds_never_take_what_is_spent(shop):
    order = credited(shop)
    shop.gateway.cli("account", "debit", shop.account, "9000000", "--reason", "spent")
    code, error = refund(shop, order, "x")
    assert (code, error["error"]["code"]) == (1, "insufficient_balance")
    assert shop.partner.do("trades")[order["number"]]["refunds"] == []
    assert refund(shop, order, "y", "¥1")[1]["state"] == "done"
    assert shop.balance() == 10_000


def test_a_refund_that_the_provider_refuses_is_put_back(shop):
    order = credited(shop)
    shop.partner.do("set", refuse_refunds=True)
    _, made = refund(shop, order, "x")
    shop.partner.do("set", refuse_refunds=False)
    assert made["state"] == "failed"
    assert shop.balance() == 10_010_000
    assert shop.show(order)["refunded"] == 0
    assert refund(shop, order, "y")[1]["state"] == "done"


@kinds("epay_rsa", "stripe_checkout", "alipay", "wechat_pay")
def test_33_a_refund_whose_answer_is_lost_is_asked_about_and_never_made_twice(shop):
    order = credited(shop)
    path = {
        "epay_rsa": "api/pay/refund",
        "stripe_checkout": "/v1/refunds",
        "alipay": "alipay.trade.refund",
        "wechat_pay": "/v3/refund",
    }[shop.partner.kind]
    shop.partner.do("spoil", path=path, how="after")
    _, made = refund(shop, order, "x")
    assert made["state"] == "sent"
    assert refund(shop, order, "x")[1]["id"] == made["id"]

    if shop.partner.kind != "epay_rsa":  # with which its 30 seconds are waited for
        shop.bring_forward(order, "payment_refunds", "order_id")

    def is_done() -> bool:
        return [r["state"] for r in shop.show(order)["refunds"]] == ["done"]

    wait_for(is_done, timeout=60, every=0.5, what="the refund to be known")
    assert len(shop.partner.do("trades")[order["number"]]["refunds"]) == 1
    assert shop.balance() == 0


def notify_refund(shop, order):
    """The provider tells of a refund."""
    kind = {"stripe_checkout": "refund.created", "wechat_pay": "REFUND.SUCCESS"}
    options = {"type": kind[shop.partner.kind]} if shop.partner.kind in kind else {}
    return shop.partner.notify(order["number"], **options)


@kinds("stripe_checkout", "alipay", "wechat_pay")
def test_25_and_35_a_refund_in_the_providers_console_is_booked_once(shop):
    order = credited(shop)
    assert refund(shop, order, "ours", "¥1")[1]["state"] == "done"
    shop.partner.do("refund", number=order["number"], amount_minor=200)
    for _ in range(3):
        assert shop.is_accepted(notify_refund(shop, order))
    shown = shop.show(order)
    assert shown["refunded_amount"] == "3.00"
    assert sorted(r["cause"] for r in shown["refunds"]) == ["operator", "provider"]
    assert shop.balance() == 7_010_000
    assert [e["kind"] for e in shop.entries()].count("topup") == 1


@kinds("stripe_checkout", "alipay", "wechat_pay")
def test_35_a_refund_there_and_refunds_here_at_the_same_time(shop, finance):
    order = credited(shop)
    shop.partner.do("refund", number=order["number"], amount_minor=200)
    kind = {"stripe_checkout": "refund.created", "wechat_pay": "REFUND.SUCCESS"}
    options = {"type": kind[shop.partner.kind]} if shop.partner.kind in kind else {}
    prepared = shop.partner.do("prepare", number=order["number"], **options)
    method, url, headers, body = prepared
    told = [lambda: send(method, url, headers, body.encode())] * 3
    here = [lambda n=n: click(finance, order, f"k{n}", "¥1") for n in range(3)]
    outcomes = together([*told, *here])
    assert all(shop.is_accepted(answer) for answer in outcomes[:3])
    assert [status for status, _ in outcomes[3:]] == [200] * 3
    shown = shop.show(order)
    assert {each["state"] for each in shown["refunds"]} == {"done"}
    assert shown["refunded_amount"] == "5.00"
    assert sorted(r["cause"] for r in shown["refunds"]) == ["operator"] * 3 + ["provider"]
    assert shop.balance() == 5_010_000


@kinds("epay_rsa")
def test_35_a_gateway_that_tells_only_the_sum(shop):
    order = credited(shop)
    shop.partner.do("refund", number=order["number"], amount_minor=200)
    for _ in range(2):
        shop.gateway.cli("payments", "check", order["id"])
    assert shop.show(order)["refunded_amount"] == "2.00"
    assert shop.balance() == 8_010_000


@kinds("epay_rsa")
def test_35_a_question_that_was_asked_before_a_refund_and_answered_after_it_takes_nothing(shop):
    order = credited(shop)
    shop.pass_time(order, 5)  # at most one question a second
    shop.partner.do("spoil", path="api/pay/query", how="late")
    beside = Cli()  # one runs its commands one after the other
    with ThreadPoolExecutor(1) as pool, contextlib.closing(beside):
        argv = ("payments", "check", order["id"], "--json")
        asked = pool.submit(beside.run, argv, shop.gateway.environment)
        wait_for(lambda: not shop.partner.do("spoiled"), timeout=10, every=0.1, what="a question")
        assert refund(shop, order, "x", "¥1")[1]["state"] == "done"
        assert asked.result().code == 0
    assert [r["cause"] for r in shop.show(order)["refunds"]] == ["operator"]
    assert shop.balance() == 9_010_000


@kinds("stripe_checkout")
def test_34_a_dispute_over_spent_money_is_a_debt_that_the_next_top_up_pays(shop):
    order = credited(shop, "¥10")
    client = Customer(shop.gateway, shop.account, "", "", "").token()
    shop.gateway.cli("account", "debit", shop.account, "8000000", "--reason", "spent")

    def dispute(kind: str, status: str, moves: list[int]) -> None:
        ref = f"dp_{order['number']}"
        shop.partner.do("dispute", number=order["number"], status=status, moves=moves, ref=ref)
        answer = shop.partner.notify(order["number"], type=f"charge.dispute.{kind}", dispute=ref)
        assert answer["status"] == 200

    dispute("created", "warning_needs_response", [])
    assert not shop.gateway.cli("account", "show", shop.account).get("suspended")
    dispute("created", "needs_response", [])
    assert shop.gateway.cli("account", "show", shop.account)["suspended"]
    assert shop.balance() == 2_000_000
    for _ in range(2):
        dispute("funds_withdrawn", "needs_response", [-1000])
    assert shop.balance() == 0
    refused = client.post(CHAT.path, CHAT.body("gpt-4", "Hi"))
    assert (refused.status, refused.error["code"]) == (403, "account_suspended")
    assert refused.error["owed"] == 8_000_000
    assert refused.error["topup_url"].endswith("/console/top-up")
    assert "it owes ¥8.00" in refused.error["message"]
    second = credited(shop, "¥10")
    assert second["state"] == "credited"
    assert shop.balance() == 2_000_000
    assert not shop.gateway.cli("account", "show", shop.account).get("suspended")
    for _ in range(2):
        dispute("closed", "won", [-1000, 1000])
    assert shop.balance() == 12_000_000
    told = shop.gateway.rows("SELECT data FROM notices WHERE event = 'order.disputed' ORDER BY at")
    said = [json.loads(row["data"]) for row in told]
    states = [data["state"] for data in said if data["number"] == order["number"]]
    assert sorted(states) == sorted(set(states)), "each state is told once"
    assert {"inquiry", "open", "withdrawn", "reinstated"} <= set(states)


def test_credit_by_hand_needs_a_payment_that_is_nobody_elses(shop):
    paid = credited(shop)
    order = shop.order()
    taken = shop.gateway.run(
        *("payments", "credit", order["id"], "--reference", paid["payment_ref"]),
        *("--reason", "seen in the bank", "--json"),
    )
    assert taken.code == 1
    assert '"payment_ref_used"' in taken.stderr
    made = shop.gateway.cli(
        *("payments", "credit", order["id"], "--reference", "bank-4711", "--reason", "seen")
    )
    assert (made["state"], made["payment_ref"]) == ("credited", "bank-4711")
    assert shop.balance() == 10_010_000 + 12_340_000
    again = shop.gateway.run("payments", "credit", order["id"], "--json")
    assert again.code == 1


@pytest.mark.parametrize("amount", [None, "¥11"])
def test_an_order_in_review_can_be_credited_as_ordered_or_as_paid(shop, amount):
    order = shop.order("¥12")
    shop.pay(order, amount_minor=1100)
    assert shop.state(order) == "review"
    part = () if amount is None else ("--amount", amount)
    shop.gateway.cli("payments", "credit", order["id"], "--reason", "let it be", *part)
    assert shop.balance() == (12_000_000 if amount is None else 11_000_000)


@kinds("stripe_checkout", "alipay")
def test_what_went_back_to_its_payer_is_not_credited_as_well(shop):
    def credit(order, *part: str):
        return shop.gateway.run("payments", "credit", order["id"], *part, "--json")

    whole, part = shop.order("¥12"), shop.order("¥12")
    for order, amount in ((whole, "¥12"), (part, "¥3")):
        shop.pay(order, amount_minor=1500)
        assert shop.state(order) == "review"
        assert refund(shop, order, "back", amount)[1]["state"] == "done"
        refused = credit(order)
        assert refused.code == 1
        assert '"already_refunded"' in refused.stderr
    assert credit(whole, "--amount", "¥12").code == 1
    assert shop.balance() == 0
    assert credit(part, "--amount", "¥12").code == 0
    assert shop.balance() == 12_000_000


@kinds("stripe_checkout")
def test_a_disputed_payment_in_review_is_not_credited(shop):
    order = shop.order("¥12")
    shop.pay(order, amount_minor=1500)
    ref = f"dp_{order['number']}"
    shop.partner.do("dispute", number=order["number"], status="lost", moves=[-1500], ref=ref)
    shop.partner.notify(order["number"], type="charge.dispute.closed", dispute=ref)
    refused = shop.gateway.run("payments", "credit", order["id"], "--json")
    assert refused.code == 1
    assert '"already_refunded"' in refused.stderr
    assert shop.balance() == 0
