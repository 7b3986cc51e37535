"""`/pay/{instance}/notify` and `/pay/{instance}/return`: what payment providers call.

A notify is read whole, at most 64 KiB, and handed to its method; what is answered is the
method's word. Whoever sends sixty bad ones in a minute is answered 429 without being read
for the rest of it. The way back of a customer credits nothing: it leads to the order's
page, which asks.
"""

import re
from collections import Counter
from typing import Final
from urllib.parse import parse_qsl

from yiyuan.auth.client_address import client_address
from yiyuan.http.server.exchange import Exchange
from yiyuan.integrations.payments.values import Received
from yiyuan.kernel.errors import ApiError, RequestTooLarge
from yiyuan.services.payments.methods.instances import Instance
from yiyuan.services.payments.notify import notified_instance, order_looked_at, take_notify
from yiyuan.services.shared.context import ServiceContext
from yiyuan.telemetry.metrics import Metrics

PREFIX: Final = "/pay/"
BODY_BYTES_MAX: Final = 64 * 1024
BAD_A_MINUTE_MAX: Final = 60
_ADDRESSES_MAX: Final = 10_000
_PATH: Final = re.compile(r"/pay/([0-9a-z]{12})/(notify|return)/?", re.ASCII)
_NO_STORE: Final = (("cache-control", "no-store"), ("x-content-type-options", "nosniff"))
_TEXT: Final = (("content-type", "text/plain; charset=utf-8"), *_NO_STORE)


class BadNotifies:
    """How many bad notifies an address has sent in this minute."""

    def __init__(self) -> None:
        """Nothing so far."""
        self._minute = -1
        self._counts: Counter[str] = Counter()

    def count(self, address: str, now_seconds: float, amount: int = 0) -> int:
        """Add to an address's count; the count."""
        minute = int(now_seconds // 60)
        if minute != self._minute or len(self._counts) > _ADDRESSES_MAX:
            self._minute = minute
            self._counts.clear()
        if amount:
            self._counts[address] += amount
        return self._counts.get(address, 0)


class PaymentCallbacks:
    """Serves what lies below `/pay/`."""

    def __init__(self, context: ServiceContext, metrics: Metrics) -> None:
        """`context` acts as the provider's voice, never as a person's."""
        self._context = context
        self._metrics = metrics
        self._bad = BadNotifies()

    def serves(self, path: str) -> bool:
        """Whether a path is one of ours."""
        return path.startswith(PREFIX)

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        match = _PATH.fullmatch(exchange.path)
        if match is None:
            exchange.respond(404, _TEXT, b"not found")
        elif exchange.method not in ("GET", "POST"):
            exchange.respond(405, (*_TEXT, ("allow", "GET, POST")), b"not allowed")
        elif match[2] == "return":
            await self._lead_back(exchange)
        else:
            await self._take(exchange, match[1])

    async def _take(self, exchange: Exchange, method_id: str) -> None:
        address, now = self._address(exchange), self._context.clock.monotonic()
        if self._bad.count(address, now) >= BAD_A_MINUTE_MAX:
            exchange.respond(429, (*_TEXT, ("retry-after", "60")), b"too many")
            return
        try:
            body = await exchange.body(BODY_BYTES_MAX) if exchange.method == "POST" else b""
        except RequestTooLarge:
            exchange.respond(413, _TEXT, b"too large")
            return
        except ApiError:
            exchange.respond(400, _TEXT, b"not understood")
            return
        instance = await notified_instance(self._context, method_id)
        if instance is None:
            self._bad.count(address, now, 1)
            exchange.respond(404, _TEXT, b"not found")
            return
        received = Received(exchange.method, exchange.query, exchange.headers, body)
        await self._follow(exchange, instance, received, address)

    async def _follow(
        self, exchange: Exchange, instance: Instance, received: Received, address: str
    ) -> None:
        taken = await take_notify(self._context, instance, received, address)
        reply, verdict = taken.reply, taken.verdict
        if verdict == "forged":
            self._bad.count(address, self._context.clock.monotonic(), 1)
        labels = (instance.method.name, verdict)
        self._metrics.count("yiyuan_payment_notifies", labels)
        headers = (("content-type", reply.content_type), *_NO_STORE)
        exchange.respond(reply.status, headers, reply.body)

    async def _lead_back(self, exchange: Exchange) -> None:
        """To the order's page, whatever the provider's parameters say."""
        fields = dict(parse_qsl(exchange.query[:4096]))
        number = fields.get("out_trade_no") or fields.get("number", "")
        order_id = await order_looked_at(self._context, number[:64])
        place = "/console/orders" if order_id is None else f"/console/orders/{order_id}?back=1"
        exchange.respond(303, (("location", place), *_NO_STORE))

    def _address(self, exchange: Exchange) -> str:
        forwarded = exchange.headers.get("x-forwarded-for")
        trusted = self._context.settings.trusted_proxies
        return client_address(exchange.peer, forwarded, trusted)
