"""Alipay (RSA2): a QR code that we draw, or Alipay's page on desktops and phones.

A QR code that nobody has scanned is no trade yet: `ACQ.TRADE_NOT_EXIST` is pending, it
cannot be closed, and may still be paid until `time_expire`. A partial refund notifies as
`TRADE_SUCCESS` once more.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import rsa, values
from yiyuan.integrations.payments.alipay.bill import bill, read_bill
from yiyuan.integrations.payments.alipay.certificates import check_certificates
from yiyuan.integrations.payments.alipay.fields import FIELDS
from yiyuan.integrations.payments.alipay.gateway import (
    ADDRESS,
    answered,
    canonical,
    gateway_address,
    post,
    signed_fields,
)
from yiyuan.integrations.payments.beijing_time import written
from yiyuan.integrations.payments.checks import check_address, check_private_key, check_public_key
from yiyuan.integrations.payments.contract import Hearing, Method, Step
from yiyuan.integrations.payments.json_answer import Json, reason_of, text_of
from yiyuan.integrations.payments.minor_units import read_minor, to_text
from yiyuan.integrations.payments.received import form_fields, say_success

_PRODUCTS: Final[Mapping[str, tuple[str, str]]] = {
    "page": ("alipay.trade.page.pay", "FAST_INSTANT_TRADE_PAY"),
    "wap": ("alipay.trade.wap.pay", "QUICK_WAP_WAY"),
}
_PRECREATE, _QUERY, _CLOSE = "alipay.trade.precreate", "alipay.trade.query", "alipay.trade.close"
_REFUND, _REFUND_QUERY = "alipay.trade.refund", "alipay.trade.fastpay.refund.query"
_PAID = frozenset({"TRADE_SUCCESS", "TRADE_FINISHED"})
_NOT_THERE = "ACQ.TRADE_NOT_EXIST"


def _check(config: values.Config) -> None:
    check_address(config["base_url"] or ADDRESS)
    if not config["app_id"].isalnum():
        raise values.MethodError("app_id", "must be the application's number")
    if not set(_types(config)) <= {"qr", *_PRODUCTS}:
        raise values.MethodError("types", "must be qr, page, wap")
    check_private_key(config, "private_key")
    check_public_key(config, "alipay_public_key")
    check_certificates(config)


def _types(config: values.Config) -> tuple[str, ...]:
    return tuple(kind.strip() for kind in (config["types"] or "qr").split(",") if kind.strip())


def _create(
    config: values.Config, order: values.Order, moment: values.Moment
) -> Call | values.Created:
    kind = order.type or _types(config)[0]
    content = {
        "out_trade_no": order.number,
        "total_amount": to_text(order.amount_minor, order.currency),
        "subject": order.title,
        "time_expire": written(order.expires),
    }
    addresses = {"notify_url": order.notify_url}
    if kind not in _PRODUCTS:
        return post(config, _PRECREATE, content, moment, addresses)
    method, product = _PRODUCTS[kind]
    addresses["return_url"] = order.return_url
    fields = signed_fields(config, method, {**content, "product_code": product}, moment, addresses)
    return values.Created(
        values.Show("redirect", url=f"{gateway_address(config)}?{urlencode(fields)}")
    )


def _read_created(
    config: values.Config, _: values.Order, answer: Answer, __: values.Moment
) -> values.Created | values.NotCreated:
    found = answered(config, _PRECREATE, answer)
    if found is None:
        return values.NotCreated("Alipay's answer has no good signature", is_known=False)
    if _is_done(found) and text_of(found.get("qr_code")):
        return values.Created(values.Show("qr", text=text_of(found["qr_code"])))
    return values.NotCreated(_reason(found), is_known=not _is_unknown(found))


def _is_done(found: Json) -> bool:
    return text_of(found.get("code")) == "10000"


def _is_unknown(found: Json) -> bool:
    """Errors of their system say nothing about the trade."""
    sub_code = text_of(found.get("sub_code"))
    return text_of(found.get("code")) == "20000" or "SYSTEM_ERROR" in sub_code.upper()


def _reason(found: Json) -> str:
    return reason_of(found.get("sub_msg")) or reason_of(found.get("msg")) or "refused by Alipay"


def _read_notify(
    config: values.Config, received: values.Received, _: values.Moment
) -> values.Notify:
    fields = form_fields(received)
    text = canonical(fields, "sign", "sign_type").encode()
    if not rsa.is_signed(config["alipay_public_key"], text, fields.get("sign", "")):
        message = "the signature is not Alipay's"
        raise values.NotifyError(message)
    number = fields.get("out_trade_no", "")
    refunded = fields.get("refund_fee") or fields.get("gmt_refund")
    shown = ("app_id", "seller_id", "trade_no", "trade_status", "total_amount", "refund_fee")
    return values.Notify(
        about="refund" if refunded else "payment",
        number=number,
        event_ref=fields.get("notify_id", ""),
        refund_ref=fields.get("out_biz_no", "") if refunded else "",
        claim=_claim(config, fields),
        facts={name: fields[name][:100] for name in shown if name in fields},
    )


def _claim(config: values.Config, fields: Mapping[str, str]) -> values.Fact:
    is_ours = fields.get("app_id", config["app_id"]) == config["app_id"]
    if config["seller_id"]:
        is_ours &= fields.get("seller_id", config["seller_id"]) == config["seller_id"]
    amount_minor = read_minor(fields.get("total_amount"), "cny")
    return values.Fact(
        state="paid" if fields.get("trade_status") in _PAID else "unknown",
        number=fields.get("out_trade_no"),
        merchant=config["app_id"]
        if is_ours
        else f"{fields.get('app_id')}/{fields.get('seller_id')}",
        currency="cny",
        amount_minor=-1 if amount_minor is None else amount_minor,
        payment_ref=fields.get("trade_no"),
    )


def _query(config: values.Config, order: values.Order, moment: values.Moment) -> Call:
    return post(config, _QUERY, {"out_trade_no": order.number}, moment)


def _read_query(
    config: values.Config, order: values.Order, answer: Answer, _: values.Moment
) -> values.Fact:
    found = answered(config, _QUERY, answer)
    if found is None or _is_unknown(found):
        return values.UNKNOWN
    if text_of(found.get("sub_code")) == _NOT_THERE:
        return values.Fact(state="pending", number=order.number)
    if not _is_done(found):
        return values.UNKNOWN
    word = text_of(found.get("trade_status"))
    states: Mapping[str, values.FactState] = {"WAIT_BUYER_PAY": "pending", "TRADE_CLOSED": "closed"}
    return values.Fact(
        state="paid" if word in _PAID else states.get(word, "unknown"),
        number=text_of(found.get("out_trade_no")) or None,
        currency="cny",
        amount_minor=read_minor(found.get("total_amount"), "cny"),
        payment_ref=text_of(found.get("trade_no")) or None,
    )


def _close(config: values.Config, order: values.Order, moment: values.Moment) -> Call:
    return post(config, _CLOSE, {"out_trade_no": order.number}, moment)


def _read_close(config: values.Config, _: values.Order, answer: Answer, __: values.Moment) -> bool:
    found = answered(config, _CLOSE, answer)
    return found is not None and _is_done(found)


def _refund(
    config: values.Config, order: values.Order, ref: str, amount_minor: int, moment: values.Moment
) -> Call:
    content = {
        "out_trade_no": order.number,
        "out_request_no": ref,
        "refund_amount": to_text(amount_minor, order.currency),
    }
    return post(config, _REFUND, content, moment)


def _read_refund(
    config: values.Config, _: values.Order, answer: Answer, __: values.Moment
) -> values.RefundFact:
    found = answered(config, _REFUND, answer)
    if found is None or _is_unknown(found):
        return values.RefundFact(state="unknown")
    if _is_done(found):
        is_moved = found.get("fund_change") == "Y"
        return values.RefundFact(state="done" if is_moved else "unknown")
    return values.RefundFact(state="failed", reason=_reason(found))


def _query_refund(
    config: values.Config, order: values.Order, ref: str, _: int, moment: values.Moment
) -> Call:
    content = {"out_trade_no": order.number, "out_request_no": ref}
    return post(config, _REFUND_QUERY, content, moment)


def _read_queried_refund(
    config: values.Config, _: values.Order, answer: Answer, __: values.Moment
) -> values.RefundFact:
    found = answered(config, _REFUND_QUERY, answer)
    if found is None or not _is_done(found):
        return values.RefundFact(state="unknown")
    # An empty success means: no such refund, so far.
    is_there = found.get("refund_status") == "REFUND_SUCCESS" or "refund_amount" in found
    ref = text_of(found.get("out_request_no"))
    return values.RefundFact(
        state="done" if is_there else "absent",
        ref=ref,
        our_ref=ref,
        amount_minor=read_minor(found.get("refund_amount"), "cny"),
    )


def _refunds(config: values.Config, order: values.Order, ref: str, moment: values.Moment) -> Call:
    return _query_refund(config, order, ref or order.payment_ref, 0, moment)


def _read_refunds(
    config: values.Config, order: values.Order, answer: Answer, moment: values.Moment
) -> tuple[values.RefundFact, ...]:
    found = _read_queried_refund(config, order, answer, moment)
    return (found,) if found.state == "done" else ()


METHOD = Method(
    name="alipay",
    title=values.Words("Alipay", "支付宝"),
    fields=FIELDS,
    currencies=frozenset({"cny"}),
    check=_check,
    merchant=lambda config: config["app_id"],
    types=_types,
    create=Step(_create, _read_created),
    notify=Hearing(_read_notify, say_success),
    query=Step(_query, _read_query),
    close=Step(_close, _read_close),
    refund=Step(_refund, _read_refund),
    query_refund=Step(_query_refund, _read_queried_refund),
    refunds=Step(_refunds, _read_refunds),
    bill=Step(bill, read_bill),
)
