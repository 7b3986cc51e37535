"""What holds for every payment method that discovery finds, against its scripted provider."""

import dataclasses
import time

import pytest

from tests.conformance.payments.dealing import Dealing, now, send
from tests.support.payment_gateways.partner import KINDS, Partner
from yiyuan.integrations.payments.beijing_time import day_of
from yiyuan.integrations.payments.contract import methods
from yiyuan.integrations.payments.values import Config, NotCreated, NotifyError


def test_every_method_has_a_scripted_provider():
    assert set(methods()) == set(KINDS)


def test_titles_and_help_are_in_both_languages_and_secrets_have_no_default():
    for method in methods().values():
        for words in (method.title, *(w for f in method.fields for w in (f.title, f.help))):
            assert words.en and words.zh, method.name
        names = [field.name for field in method.fields]
        assert len(names) == len(set(names))
        assert any(field.is_secret for field in method.fields)
        assert not any(field.is_secret and field.default for field in method.fields)


def test_a_payment_from_its_order_to_the_proof(partner: Partner):
    dealing = Dealing(partner)
    order = dealing.order()
    created = dealing.create(order)
    assert created.show.url or created.show.text
    order = dataclasses.replace(order, session_ref=created.session_ref)
    assert dealing.query(order).state == "pending"
    partner.pay(order.number)
    fact = dealing.query(order)
    assert (fact.state, fact.amount_minor, fact.currency) == ("paid", 1234, "cny")
    assert fact.number in (order.number, None)
    assert fact.payment_ref
    assert fact.merchant in (None, dealing.method.merchant(dealing.config))


def test_a_notify_names_the_order_and_claims_what_was_paid(partner: Partner):
    dealing = Dealing(partner)
    order = dealing.made()
    partner.pay(order.number)
    found = dealing.read_notify(order)
    assert (found.about, found.number) == ("payment", order.number)
    if found.claim is not None:
        assert found.claim.amount_minor == 1234
        assert found.claim.merchant == dealing.method.merchant(dealing.config)
    text = repr(found)
    assert not any(secret in text for secret in partner.secrets.values())


def test_a_notify_is_refused_when_a_byte_of_it_changes(partner: Partner):
    dealing = Dealing(partner)
    order = dealing.made()
    partner.pay(order.number)
    received = dealing.received(order)
    spoiled = dataclasses.replace(
        received,
        query=received.query.replace("12.34", "12.35"),
        body=received.body.replace(b"12.34", b"12.35").replace(b'"id"', b'"iD"'),
    )
    assert spoiled != received
    with pytest.raises(NotifyError):
        dealing.method.notify.read(dealing.config, spoiled, now())


def test_nothing_verifies_under_an_empty_secret(partner: Partner):
    dealing = Dealing(partner)
    order = dealing.made()
    partner.pay(order.number)
    bare = Config({**partner.values, "platform_public_key": "", "alipay_public_key": ""}, {})
    if partner.kind == "wechat_pay":
        received = dealing.received(order)
    elif partner.kind == "epay_md5":
        received = dealing.received(order, key="")
    elif partner.kind == "stripe_checkout":
        received = dealing.received(order, secret="")
    else:
        received = dealing.received(order)
    with pytest.raises(NotifyError):
        dealing.method.notify.read(bare, received, now())


@pytest.mark.parametrize("how", ["html", "wrong_key", "500"])
def test_an_answer_that_proves_nothing_is_unknown(partner: Partner, how: str):
    if how == "wrong_key" and partner.kind in ("epay_md5", "stripe_checkout"):
        pytest.skip("its answers are proven by TLS alone")
    dealing = Dealing(partner)
    order = dealing.made()
    partner.pay(order.number)
    partner.do("spoil", how=how)
    assert dealing.query(order).state == "unknown"
    assert dealing.query(order).state == "paid"


def test_a_refused_order_says_why_on_one_short_line(partner: Partner):
    dealing = Dealing(partner)
    partner.do("set", refused_money="6.66", refused_minor=666)
    order = dealing.order(666)
    made = dealing.method.create.ask(dealing.config, order, now())
    read = dealing.method.create.read(dealing.config, order, send(made), now())
    if partner.kind == "epay_rsa":
        return  # the scripted one refuses nothing
    assert isinstance(read, NotCreated)
    assert read.is_known
    assert 0 < len(read.reason) <= 200
    assert "\n" not in read.reason


def test_an_order_is_closed_before_it_is_paid_and_not_after(partner: Partner):
    dealing = Dealing(partner)
    if dealing.method.close is None:
        pytest.skip("cannot close")

    def closed(order) -> bool:
        answer = send(dealing.method.close.ask(dealing.config, order, now()))
        return dealing.method.close.read(dealing.config, order, answer, now())

    order = dealing.made()
    partner.do("change", number=order.number, state="waiting")
    assert closed(order)
    assert dealing.query(order).state == "closed"
    paid = dealing.made()
    partner.pay(paid.number)
    assert not closed(paid)


def test_a_refund_is_done_once_and_can_be_asked_about(partner: Partner):
    dealing = Dealing(partner)
    order = dealing.made()
    ref = partner.pay(order.number)["ref"]
    order = dataclasses.replace(order, payment_ref=ref)
    method, config = dealing.method, dealing.config

    def refund() -> str:
        answer = send(method.refund.ask(config, order, "rfd0001", 234, now()))
        return method.refund.read(config, order, answer, now()).state

    assert refund() == "done"
    if "rfd0001" not in str(partner.do("trades")[order.number]["refunds"]):
        return  # version 1 of EPay has no number for a refund
    assert refund() in ("done", "unknown")
    assert len(partner.do("trades")[order.number]["refunds"]) == 1
    if method.query_refund is not None:
        answer = send(method.query_refund.ask(config, order, "rfd0001", 234, now()))
        assert method.query_refund.read(config, order, answer, now()).state == "done"
    else:
        answer = send(method.refunds.ask(config, order, "", now()))
        found = method.refunds.read(config, order, answer, now())
        assert [f.our_ref for f in found if f.state == "done"] == ["rfd0001"]


def test_the_list_of_a_day_has_what_was_paid(partner: Partner):
    dealing = Dealing(partner)
    orders = [dealing.made(amount) for amount in (100, 2500)]
    for order in orders:
        partner.pay(order.number)
    method, config = dealing.method, dealing.config
    day = day_of(int(time.time()))
    call, trades = method.bill.ask(config, day, now()), []
    while call is not None:
        part = method.bill.read(config, day, call, send(call), now())
        trades += part.trades
        call = part.next
    found = {trade.number: trade.amount_minor for trade in trades}
    assert {order.number: found.get(order.number) for order in orders} == {
        orders[0].number: 100,
        orders[1].number: 2500,
    }


def test_11_only_what_was_taken_is_acknowledged(partner: Partner):
    reply_to = Dealing(partner).method.notify.reply
    for verdict in ("accepted", "forged", "refused", "unavailable"):
        reply = reply_to(verdict)
        is_well = {
            "wechat_pay": reply.status in (200, 204),
            "stripe_checkout": 200 <= reply.status < 300,
        }.get(partner.kind, reply.status == 200 and b"success" in reply.body.lower())
        assert is_well == (verdict == "accepted"), (verdict, reply)


def test_reprs_show_no_secret(partner: Partner):
    dealing = Dealing(partner)
    call = dealing.method.query.ask(dealing.config, dealing.made(), now())
    shown = repr(call) + repr(dealing.config)
    assert not any(secret in shown for secret in partner.secrets.values())
