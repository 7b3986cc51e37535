"""What we send to Stripe, and read of it, against Stripe's own mock server.

It refuses fields, values and versions that its description of the API does not have.
"""

import dataclasses
import time
from urllib.parse import urlencode

import pytest

from tests.conformance.payments.dealing import now, send
from tests.support.payment_gateways.stripe_mock import NoStripeMock, StripeMock
from yiyuan.integrations.payments.contract import methods
from yiyuan.integrations.payments.values import Config, Created, Order

METHOD = methods()["stripe_checkout"]
ORDER = Order(
    number="y00000000000000000000001",
    currency="cny",
    amount_minor=1234,
    title="充值 & 100%",
    notify_url="https://ai.example.com/pay/x/notify",
    return_url="https://ai.example.com/pay/x/return",
    expires=int(time.time()) + 3600,
    session_ref="cs_test_1",
    payment_ref="pi_1",
)
pytestmark = pytest.mark.timeout(1000)


@pytest.fixture(scope="module")
def config():
    """Our method, pointed at the mock."""
    try:
        running = StripeMock()
    except NoStripeMock as reason:
        pytest.skip(str(reason))
    with running:
        values = {"base_url": running.origin, "currency": "cny"}
        yield Config(values, {"secret_key": "sk_test_123", "webhook_secret": "whsec_x"})


def test_a_session_is_made_of_fields_that_stripe_has(config):
    answer = send(METHOD.create.ask(config, ORDER, now()))
    assert answer.status == 200, answer.body
    made = METHOD.create.read(config, ORDER, answer, now())
    assert isinstance(made, Created)
    assert made.session_ref.startswith("cs_")
    assert made.show.url.startswith("https://")


def test_what_it_does_not_know_it_refuses(config):
    call = METHOD.create.ask(config, ORDER, now())
    unknown = dataclasses.replace(call, body=call.body + b"&" + urlencode({"tip": "1"}).encode())
    assert send(unknown).status == 400
    other = [(n, "2020-08-27" if n == "stripe-version" else v) for n, v in call.headers]
    assert send(dataclasses.replace(call, headers=tuple(other))).status == 400
    bare = [(n, v) for n, v in call.headers if n != "authorization"]
    assert send(dataclasses.replace(call, headers=tuple(bare))).status == 401


@pytest.mark.parametrize("session", ["cs_test_1", ""])
def test_a_session_is_asked_by_its_id_or_found_in_the_list(config, session):
    order = dataclasses.replace(ORDER, session_ref=session)
    answer = send(METHOD.query.ask(config, order, now()))
    assert answer.status == 200, answer.body
    fact = METHOD.query.read(config, order, answer, now())
    # It keeps nothing: the session is nobody's, so it must not pass for a payment of ours.
    assert fact.state in ("unknown", "pending", "closed", "paid")
    assert fact.amount_minor != ORDER.amount_minor


def test_a_session_is_closed_by_an_empty_form(config):
    answer = send(METHOD.close.ask(config, ORDER, now()))
    assert answer.status == 200, answer.body


def test_a_refund_is_made_and_listed(config):
    answer = send(METHOD.refund.ask(config, ORDER, "rfd_1", 234, now()))
    assert answer.status == 200, answer.body
    made = METHOD.refund.read(config, ORDER, answer, now())
    assert made.state == "done"
    assert made.ref.startswith("re_")
    answer = send(METHOD.refunds.ask(config, ORDER, "", now()))
    assert answer.status == 200, answer.body
    assert all(fact.ref for fact in METHOD.refunds.read(config, ORDER, answer, now()))


def test_a_dispute_is_read(config):
    answer = send(METHOD.query_dispute.ask(config, "dp_1", now()))
    assert answer.status == 200, answer.body
    fact = METHOD.query_dispute.read(config, answer)
    assert fact.ref
    assert fact.state != "unknown"
    assert isinstance(fact.amount_minor, int)


def test_the_sessions_of_a_day_are_listed(config):
    call = METHOD.bill.ask(config, "2026-11-22", now())
    answer = send(call)
    assert answer.status == 200, answer.body
    METHOD.bill.read(config, "2026-11-22", call, answer, now())
