"""Deals with a provider through a method alone: sends its calls, reads the answers."""

import dataclasses
import itertools
import time
import urllib.error
import urllib.request
import uuid
from urllib.parse import urlsplit

from tests.support.payment_gateways.partner import Partner
from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments.contract import methods
from yiyuan.integrations.payments.values import Config, Created, Moment, Order, Received

_NUMBERS = itertools.count(1)


def send(call: Call) -> Answer:
    """Send a call for real."""
    request = urllib.request.Request(
        call.url,
        call.body if call.method == "POST" else None,
        dict(call.headers),
        method=call.method,
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as answer:
            return Answer(answer.status, _lower(answer.headers), answer.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, _lower(error.headers), error.read())


def _lower(headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def now() -> Moment:
    """This moment."""
    return Moment(int(time.time()), uuid.uuid4().hex)


class Dealing:
    """One provider and one instance of our method for it."""

    def __init__(self, partner: Partner, **values: str) -> None:
        """`values` change the instance's plain fields."""
        self.partner = partner
        self.method = methods()[partner.kind]
        self.config = Config({**partner.values, **values}, partner.secrets)
        self.method.check(self.config)

    def order(self, amount_minor: int = 1234, **more) -> Order:
        """An order that nobody knows yet."""
        fields = {
            "number": f"y{next(_NUMBERS):023d}",
            "currency": "cny",
            "amount_minor": amount_minor,
            "title": "充值 & 100% +",
            "notify_url": "http://127.0.0.1:9/pay/x/notify",
            "return_url": "http://127.0.0.1:9/pay/x/return",
            "expires": int(time.time()) + 3600,
        }
        return Order(**{**fields, **more})

    def create(self, order: Order) -> Created:
        """Make it at the provider."""
        made = self.method.create.ask(self.config, order, now())
        if isinstance(made, Call):
            made = self.method.create.read(self.config, order, send(made), now())
        assert isinstance(made, Created), made
        return made

    def made(self, amount_minor: int = 1234) -> Order:
        """An order that the provider knows."""
        order = self.order(amount_minor)
        return dataclasses.replace(order, session_ref=self.create(order).session_ref)

    def query(self, order: Order):
        """Ask about it."""
        answer = send(self.method.query.ask(self.config, order, now()))
        return self.method.query.read(self.config, order, answer, now())

    def received(self, order: Order, **options) -> Received:
        """A notify of the provider, as our server would see it."""
        method, url, headers, body = self.partner.do("prepare", number=order.number, **options)
        query = urlsplit(url).query
        return Received(method, query, _lower(headers), (body or "").encode())

    def read_notify(self, order: Order, **options):
        """What we make of it."""
        return self.method.notify.read(self.config, self.received(order, **options), now())
