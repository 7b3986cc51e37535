"""Stripe Checkout: a session at Stripe's page, proven by reading the session.

Events are hints: endpoints made in the dashboard may deliver older shapes, so each one
only makes us read the session, the refunds or the dispute with our pinned version.
Adaptive pricing is switched off, so the session's currency stays ours.
"""

import hashlib
import hmac
from typing import Final
from urllib.parse import quote

from yiyuan.i18n.message import Message
from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import values
from yiyuan.integrations.payments.checks import check_address, own_address
from yiyuan.integrations.payments.contract import Hearing, Method, Step
from yiyuan.integrations.payments.json_answer import json_object, reason_of, text_of
from yiyuan.integrations.payments.minor_units import EXPONENTS
from yiyuan.integrations.payments.stripe_checkout import refunds as after
from yiyuan.integrations.payments.stripe_checkout.wire import (
    ADDRESS,
    PAGE,
    call,
    fact,
    id_of,
    number_of,
)

SKEW_SECONDS_MAX: Final = 300
LIFE_SECONDS_MIN: Final = 31 * 60
"""Stripe wants 30 minutes at least, from when the call arrives."""

_FIELDS = (
    own_address(ADDRESS),
    values.Field(
        "currency",
        values.Words("Currency", "币种"),
        values.Words(
            "What customers pay in, such as usd; its rate is set with topup_currencies.",
            "客户支付的币种，例如 usd；汇率在 topup_currencies 设置。",
        ),
        choices=tuple(sorted(EXPONENTS)),
        default="usd",
    ),
    values.Field(
        "secret_key",
        values.Words("Secret key", "密钥（Secret key）"),
        values.Words(
            "Developers → API keys: sk_live_… or rk_live_….",
            "Developers → API keys 里的 sk_live_… 或 rk_live_…。",
        ),
        is_secret=True,
    ),
    values.Field(
        "webhook_secret",
        values.Words("Signing secret of the webhook", "Webhook 签名密钥"),
        values.Words(
            "Developers → Webhooks → your endpoint: whsec_….",
            "Developers → Webhooks → 你的端点里的 whsec_…。",
        ),
        is_secret=True,
    ),
)
_ABOUT_PAYMENT = "checkout.session."
_DISPUTE = "charge.dispute."


def _check(config: values.Config) -> None:
    if not config["secret_key"].startswith(("sk_", "rk_")):
        raise values.MethodError(
            "secret_key", Message("must begin with {start} or {other}", start="sk_", other="rk_")
        )
    if not config["webhook_secret"].startswith("whsec_"):
        raise values.MethodError(
            "webhook_secret", Message("must begin with {start}", start="whsec_")
        )
    if config["currency"].lower() not in EXPONENTS:
        raise values.MethodError(
            "currency", Message("must be one of {choices}", choices=", ".join(sorted(EXPONENTS)))
        )
    check_address(config["base_url"] or ADDRESS)


def _create(config: values.Config, order: values.Order, _: values.Moment) -> Call:
    fields = {
        "mode": "payment",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": order.currency,
        "line_items[0][price_data][unit_amount]": str(order.amount_minor),
        "line_items[0][price_data][product_data][name]": order.title,
        "client_reference_id": order.number,
        "metadata[order]": order.number,
        "payment_intent_data[metadata][order]": order.number,
        "success_url": f"{order.return_url}?number={order.number}",
        "cancel_url": f"{order.return_url}?number={order.number}",
        "expires_at": str(order.expires),
        "adaptive_pricing[enabled]": "false",
    }
    key = f"{order.number}-{order.attempt}"
    return call(config, "POST", "checkout/sessions", fields, key)


def _read_created(
    _: values.Config, __: values.Order, answer: Answer, ___: values.Moment
) -> values.Created | values.NotCreated:
    found = json_object(answer.body)
    if answer.status == 200 and found and text_of(found.get("url")):
        return values.Created(
            values.Show("redirect", url=text_of(found["url"])), text_of(found.get("id"))
        )
    if answer.status >= 500 or answer.status == 409 or found is None:
        # Stripe keeps the first answer to a key, failures included: the next key is new.
        return values.NotCreated("Stripe failed", is_known=False, may_retry=True)
    error = found.get("error")
    return values.NotCreated(
        reason_of(error.get("message")) if isinstance(error, dict) else "refused"
    )


def _is_signed(config: values.Config, received: values.Received, moment: values.Moment) -> bool:
    pairs = [
        part.strip().partition("=")
        for part in received.headers.get("stripe-signature", "").split(",")[:20]
    ]
    times = [value for name, _, value in pairs if name == "t"]
    given = [value for name, _, value in pairs if name == "v1" and value.isascii()]
    if len(times) != 1 or not (times[0].isdecimal() and times[0].isascii()):
        return False
    if len(times[0]) > 12 or abs(moment.now - int(times[0])) > SKEW_SECONDS_MAX:
        return False
    signed = f"{times[0]}.".encode() + received.body
    good = False
    for secret in config.secrets_of("webhook_secret"):
        wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        for value in given:
            good |= hmac.compare_digest(wanted, value)
    return good


def _read_notify(
    config: values.Config, received: values.Received, moment: values.Moment
) -> values.Notify:
    if not _is_signed(config, received, moment):
        message = "the signature is not Stripe's, or older than 300 seconds"
        raise values.NotifyError(message)
    event = json_object(received.body) or {}
    kind, event_ref = text_of(event.get("type")), text_of(event.get("id"))
    data = event.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    if not isinstance(thing, dict):
        return values.Notify(about="nothing", event_ref=event_ref, facts={"type": kind})
    facts = {"type": kind, "object": text_of(thing.get("id"))}
    payment_ref = id_of(thing.get("payment_intent"))
    if kind.startswith(_ABOUT_PAYMENT):
        return values.Notify(
            about="payment",
            number=number_of(thing),
            event_ref=event_ref,
            session_ref=text_of(thing.get("id")),
            payment_ref=payment_ref,
            facts=facts,
        )
    if kind.startswith(_DISPUTE):
        return values.Notify(
            about="dispute",
            payment_ref=payment_ref,
            event_ref=event_ref,
            dispute_ref=text_of(thing.get("id")),
            facts=facts,
        )
    if kind.startswith("refund.") or kind in ("charge.refunded", "charge.refund.updated"):
        return values.Notify(
            about="refund",
            payment_ref=payment_ref,
            event_ref=event_ref,
            refund_ref=payment_ref,
            facts=facts,
        )
    return values.Notify(about="nothing", event_ref=event_ref, facts=facts)


def _acknowledge(verdict: values.Verdict) -> values.Reply:
    status = {"accepted": 200, "forged": 400, "refused": 400, "unavailable": 503}[verdict]
    return values.Reply(status, body=b"ok" if status == 200 else b"")


def _query(config: values.Config, order: values.Order, _: values.Moment) -> Call:
    if order.session_ref:
        return call(config, "GET", f"checkout/sessions/{quote(order.session_ref, safe='')}")
    return call(config, "GET", "checkout/sessions", {"limit": PAGE})


def _read_query(
    _: values.Config, order: values.Order, answer: Answer, __: values.Moment
) -> values.Fact:
    found = json_object(answer.body)
    if answer.status != 200 or found is None:
        return values.UNKNOWN
    if "data" in found:  # we never learned the session's id: look among the latest
        mine = [s for s in found["data"] if number_of(s) == order.number]
        found = next((s for s in mine if s.get("payment_status") == "paid"), None) or (
            mine[0] if mine else None
        )
        if found is None:
            return values.UNKNOWN
    return fact(found)


def _close(config: values.Config, order: values.Order, _: values.Moment) -> Call:
    return call(config, "POST", f"checkout/sessions/{quote(order.session_ref, safe='')}/expire")


def _read_close(_: values.Config, __: values.Order, answer: Answer, ___: values.Moment) -> bool:
    found = json_object(answer.body)
    return answer.status == 200 and (found or {}).get("status") == "expired"


METHOD = Method(
    name="stripe_checkout",
    title=values.Words("Stripe Checkout", "Stripe Checkout"),
    fields=_FIELDS,
    currencies=frozenset(EXPONENTS),
    life_seconds_min=LIFE_SECONDS_MIN,
    check=_check,
    merchant=lambda _: "",
    types=lambda _: (),
    create=Step(_create, _read_created),
    notify=Hearing(_read_notify, _acknowledge),
    query=Step(_query, _read_query),
    close=Step(_close, _read_close),
    closes_by_session=True,
    refund=Step(after.refund, after.read_refund),
    refunds=Step(after.refunds, after.read_refunds),
    query_dispute=Step(after.query_dispute, after.read_dispute),
    bill=Step(after.bill, after.read_bill),
)
