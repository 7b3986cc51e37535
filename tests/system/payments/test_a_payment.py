"""From the order to the balance, for every method, on both engines."""

from tests.system.payments.shop import YUAN


def test_01_the_good_path_credits_once_and_all_papers_agree(shop):
    order = shop.order("¥12.34")
    assert order["state"] == "pending"
    assert order["credit"] == 12_340_000
    assert order["show"]["kind"] in ("qr", "redirect", "form")
    assert shop.is_accepted(shop.pay(order))
    shown = shop.show(order)
    assert (shown["state"], shown["amount"], shown["currency"]) == ("credited", "12.34", "cny")
    assert shop.balance() == 12_340_000
    entries = shop.entries()
    assert [(e["kind"], e["amount"], e["contra"]) for e in entries] == [
        ("topup", 12_340_000, "cash")
    ]
    assert entries[0]["idem_key"] == f"topup:{order['id']}"
    assert shop.is_accepted(shop.partner.notify(order["number"]))
    assert shop.balance() == 12_340_000


def test_13_a_notify_that_never_arrives_is_made_good_by_asking(shop):
    order = shop.order()
    shop.partner.pay(order["number"])
    shop.wait_for(order, "credited", timeout=70)
    assert shop.balance() == 12_340_000


def test_42_the_same_order_shows_the_same_thing_while_it_is_pending(shop):
    order = shop.order()
    shown = [shop.show(order)["show"] for _ in range(10)]
    assert all(each == order["show"] for each in shown)
    assert len(shop.partner.do("trades")) == 1


def test_09_fifty_notifies_at_once_make_one_entry(shop):
    order = shop.order(str(3 * YUAN))
    shop.partner.pay(order["number"])
    answers = shop.partner.do("notify", number=order["number"], times=50)
    assert all(shop.is_accepted(answer) for answer in answers), answers
    assert shop.balance() == 3 * YUAN
    assert len(shop.entries()) == 1
