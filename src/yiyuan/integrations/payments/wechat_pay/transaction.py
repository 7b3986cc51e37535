"""WeChat Pay v3: Native (a QR code that we draw) and H5 (a page on phones).

`amount.total` is what the order costs; coupons lower `payer_total`, which is never
compared. Every answer and notify is proven before it is read.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, urlencode

import orjson

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import values
from yiyuan.integrations.payments.beijing_time import rfc3339
from yiyuan.integrations.payments.checks import check_address, check_private_key, check_public_key
from yiyuan.integrations.payments.contract import Hearing, Method, Step
from yiyuan.integrations.payments.json_answer import Json, json_object, reason_of, text_of
from yiyuan.integrations.payments.wechat_pay import refunds as after
from yiyuan.integrations.payments.wechat_pay.bill import bill, read_bill
from yiyuan.integrations.payments.wechat_pay.fields import FIELDS
from yiyuan.integrations.payments.wechat_pay.wire import (
    ADDRESS,
    PROBE,
    answered,
    call,
    is_genuine,
    keys,
    opened,
    read_keys,
)

NOT_THERE_SECONDS: Final = 300
"""So long after the create, an order that is not there may still appear."""

_STATES: Final[Mapping[str, values.FactState]] = {
    "SUCCESS": "paid",
    "REFUND": "paid",
    "NOTPAY": "pending",
    "USERPAYING": "pending",
    "ACCEPT": "pending",
    "CLOSED": "closed",
    "REVOKED": "closed",
    "PAYERROR": "failed",
}


def _check(config: values.Config) -> None:
    check_address(config["base_url"] or ADDRESS)
    for name in ("mchid", "appid", "serial_no"):
        if not config[name].isalnum():
            raise values.MethodError(name, "is missing or has characters that do not belong there")
    if not set(_types(config)) <= {"native", "h5"}:
        raise values.MethodError("types", "must be native, h5")
    if len(config["apiv3_key"].encode()) != 32:
        raise values.MethodError("apiv3_key", "must have 32 characters")
    if bool(config["public_key_id"]) != bool(config["public_key"]):
        raise values.MethodError("public_key", "and its id belong together")
    check_private_key(config, "private_key")
    if config["public_key"]:
        check_public_key(config, "public_key")


def _types(config: values.Config) -> tuple[str, ...]:
    return tuple(kind.strip() for kind in (config["types"] or "native").split(",") if kind.strip())


def _merchant(config: values.Config) -> str:
    return f"{config['mchid']}/{config['appid']}"


def _create(config: values.Config, order: values.Order, moment: values.Moment) -> Call:
    kind = order.type or _types(config)[0]
    content: dict[str, Any] = {
        "appid": config["appid"],
        "mchid": config["mchid"],
        "description": order.title,
        "out_trade_no": order.number,
        "time_expire": rfc3339(order.expires),
        "notify_url": order.notify_url,
        "amount": {"total": order.amount_minor, "currency": order.currency.upper()},
    }
    if kind == "h5":
        content["scene_info"] = {"payer_client_ip": order.address, "h5_info": {"type": "Wap"}}
    return call(config, "POST", f"/v3/pay/transactions/{kind}", moment, content)


def _read_created(
    config: values.Config, order: values.Order, answer: Answer, moment: values.Moment
) -> values.Created | values.NotCreated:
    found = answered(config, answer, moment)
    if found is None or answer.status >= 500:
        if answer.status == 401:
            words = (json_object(answer.body) or {}).get("message")
            return values.NotCreated(reason_of(words) or "WeChat Pay does not know our signature")
        return values.NotCreated("WeChat Pay's answer has no good signature", is_known=False)
    if text_of(found.get("code_url")):
        return values.Created(values.Show("qr", text=text_of(found["code_url"])))
    if text_of(found.get("h5_url")):
        back = urlencode({"redirect_url": f"{order.return_url}?number={order.number}"})
        return values.Created(values.Show("redirect", url=f"{text_of(found['h5_url'])}&{back}"))
    return values.NotCreated(reason_of(found.get("message")) or "refused by WeChat Pay")


def _read_notify(
    config: values.Config, received: values.Received, moment: values.Moment
) -> values.Notify:
    signature = received.headers.get("wechatpay-signature", "")
    if signature.startswith(PROBE):
        message = "a probe of WeChat Pay, refused as it should be"
        raise values.NotifyError(message, is_probe=True)
    if not is_genuine(config, received.headers, received.body, moment):
        message = "the signature is not WeChat Pay's, or older than 300 seconds"
        raise values.NotifyError(message)
    event = json_object(received.body) or {}
    plain = opened(config.secrets_of("apiv3_key"), event.get("resource"))
    if plain is None:
        message = "the APIv3 key does not open it"
        raise values.NotifyError(message)
    found = orjson.loads(plain)
    kind, event_ref = text_of(event.get("event_type")), text_of(event.get("id"))
    shown = ("out_trade_no", "transaction_id", "trade_state", "out_refund_no", "refund_status")
    facts = {"event_type": kind, **{n: text_of(found.get(n)) for n in shown if n in found}}
    number = text_of(found.get("out_trade_no"))
    if kind.startswith("REFUND."):
        ref = text_of(found.get("out_refund_no"))
        return values.Notify(
            about="refund", number=number, event_ref=event_ref, refund_ref=ref, facts=facts
        )
    if not kind.startswith("TRANSACTION."):
        return values.Notify(about="nothing", event_ref=event_ref, facts=facts)
    claim = _fact(found)
    return values.Notify(
        about="payment", number=number, event_ref=event_ref, claim=claim, facts=facts
    )


def _fact(found: Json) -> values.Fact:
    amount = found.get("amount")
    money: Json = amount if isinstance(amount, dict) else {}
    total = money.get("total")
    is_told = "mchid" in found or "appid" in found
    merchant = f"{text_of(found.get('mchid'))}/{text_of(found.get('appid'))}" if is_told else None
    return values.Fact(
        state=_STATES.get(text_of(found.get("trade_state")), "unknown"),
        number=text_of(found.get("out_trade_no")) or None,
        merchant=merchant,
        currency=(text_of(money.get("currency")) or "CNY").lower() if money else None,
        amount_minor=total if isinstance(total, int) else None,
        payment_ref=text_of(found.get("transaction_id")) or None,
        is_refunded=found.get("trade_state") == "REFUND",
        reason=reason_of(found.get("trade_state_desc")),
    )


def _acknowledge(verdict: values.Verdict) -> values.Reply:
    if verdict == "accepted":
        return values.Reply(204)
    status = 500 if verdict == "unavailable" else 401
    return values.Reply(status, "application/json", b'{"code":"FAIL","message":"refused"}')


def _query(config: values.Config, order: values.Order, moment: values.Moment) -> Call:
    number = quote(order.number, safe="")
    path = f"/v3/pay/transactions/out-trade-no/{number}?mchid={config['mchid']}"
    return call(config, "GET", path, moment)


def _read_query(
    config: values.Config, _: values.Order, answer: Answer, moment: values.Moment
) -> values.Fact:
    found = answered(config, answer, moment)
    if found is None or answer.status != 200:
        return values.UNKNOWN  # 404 too: whether it will still appear is for the time to tell
    return _fact(found)


def _close(config: values.Config, order: values.Order, moment: values.Moment) -> Call:
    path = f"/v3/pay/transactions/out-trade-no/{quote(order.number, safe='')}/close"
    return call(config, "POST", path, moment, {"mchid": config["mchid"]})


def _read_close(
    config: values.Config, _: values.Order, answer: Answer, moment: values.Moment
) -> bool:
    return answer.status == 204 and answered(config, answer, moment) is not None


METHOD = Method(
    name="wechat_pay",
    title=values.Words("WeChat Pay", "微信支付"),
    fields=FIELDS,
    currencies=frozenset({"cny"}),
    check=_check,
    merchant=_merchant,
    types=_types,
    create=Step(_create, _read_created),
    notify=Hearing(_read_notify, _acknowledge),
    query=Step(_query, _read_query),
    close=Step(_close, _read_close),
    refund=Step(after.refund, after.read_refund),
    query_refund=Step(after.query_refund, after.read_queried_refund),
    refunds=Step(after.refunds, after.read_refunds),
    bill=Step(bill, read_bill),
    keys=Step(keys, read_keys),
)
