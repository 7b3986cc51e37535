"""EPay (易支付), version 2: SHA256withRSA in both directions, and times that expire.

Requests are signed with the merchant's private key; answers and notifies with the
platform's key, and carry a `timestamp` that may be at most 300 seconds off.
"""

from collections.abc import Mapping
from typing import Final

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import rsa, values
from yiyuan.integrations.payments.checks import check_private_key, check_public_key
from yiyuan.integrations.payments.contract import Hearing, Step
from yiyuan.integrations.payments.epay import wire
from yiyuan.integrations.payments.json_answer import Json, json_object, reason_of, text_of
from yiyuan.integrations.payments.minor_units import read_minor, to_text
from yiyuan.integrations.payments.received import form_fields, say_success

SKEW_SECONDS_MAX: Final = 300
BILL_PAGE: Final = 50
BILL_OFFSET_MAX: Final = 10_000

_PLATFORM_KEY = values.Field(
    "platform_public_key",
    values.Words("Platform public key", "平台公钥"),
    values.Words("On the API page of the merchant's console.", "商户后台“API 信息”里的平台公钥。"),
    is_long=True,
)
_PRIVATE_KEY = values.Field(
    "private_key",
    values.Words("Merchant private key", "商户私钥"),
    values.Words("What the console made for you once.", "商户后台生成密钥对时给出的私钥。"),
    is_secret=True,
    is_long=True,
)
_REFUNDED: Final = "2"
_STATES: Final[Mapping[str, values.FactState]] = {
    "0": "pending",
    "1": "paid",
    _REFUNDED: "paid",
    "4": "pending",
}
"""0 unpaid, 1 paid, 2 refunded; 4 is pre-authorised: not ours yet. 3, frozen, is unknown."""
_SHOWN_AS_ADDRESS = frozenset({"jump", "urlscheme", "scheme"})


def _check(config: values.Config) -> None:
    wire.check_shared(config)
    check_private_key(config, "private_key")
    check_public_key(config, "platform_public_key")


def _signed(
    config: values.Config, fields: Mapping[str, str], moment: values.Moment
) -> dict[str, str]:
    stamped = {**fields, "timestamp": str(moment.now)}
    sign = rsa.sign(config["private_key"], wire.canonical(stamped).encode())
    return {**stamped, "sign": sign, "sign_type": "RSA"}


def _post(
    config: values.Config, page: str, fields: Mapping[str, str], moment: values.Moment
) -> Call:
    signed = _signed(config, {"pid": config["pid"], **fields}, moment)
    return wire.post(wire.address(config, page), signed)


def _is_genuine(config: values.Config, fields: Mapping[str, str], moment: values.Moment) -> bool:
    time = fields.get("timestamp", "")
    if not (time.isdecimal() and time.isascii()) or len(time) > 12:
        return False
    if abs(moment.now - int(time)) > SKEW_SECONDS_MAX:
        return False
    text = wire.canonical(fields).encode()
    return rsa.is_signed(config["platform_public_key"], text, fields.get("sign", ""))


def _answered(config: values.Config, answer: Answer, moment: values.Moment) -> Json | None:
    """A signed answer's object, or None when it proves nothing."""
    found = json_object(answer.body)
    if found is None:
        return None
    plain = {name: _plain(value) for name, value in found.items()}
    signed = {name: value for name, value in plain.items() if value is not None}
    return found if _is_genuine(config, signed, moment) else None


def _plain(value: object) -> str | None:
    """A value as PHP joins it into the signed text; None for arrays."""
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, (dict, list)) or value is None:
        return None
    return f"{value:.14g}" if isinstance(value, float) else str(value)


def _form(config: values.Config, order: values.Order, moment: values.Moment) -> values.Created:
    fields = _signed(config, wire.order_fields(config, order), moment)
    return values.Created(
        values.Show("form", url=wire.address(config, "api/pay/submit"), fields=fields)
    )


def _create(
    config: values.Config, order: values.Order, moment: values.Moment
) -> Call | values.Created:
    fields = wire.order_fields(config, order)
    if config["mode"] == "form" or "type" not in fields:
        return _form(config, order, moment)
    fields |= {
        "method": "web",
        "clientip": order.address,
        "device": "mobile" if order.is_phone else "pc",
    }
    return _post(config, "api/pay/create", fields, moment)


def _read_created(
    config: values.Config, order: values.Order, answer: Answer, moment: values.Moment
) -> values.Created | values.NotCreated:
    found = json_object(answer.body)
    if found is None:
        if answer.status >= 500:
            return values.NotCreated("the gateway's server failed", is_known=False)
        return _form(config, order, moment)
    if text_of(found.get("code")) != "0":
        return values.NotCreated(reason_of(found.get("msg")) or "refused by the gateway")
    if _answered(config, answer, moment) is None:
        return values.NotCreated("the gateway's answer has another signature", is_known=False)
    kind, info = text_of(found.get("pay_type")), text_of(found.get("pay_info"))
    ref = text_of(found.get("trade_no"))
    if kind == "qrcode" and info:
        return values.Created(values.Show("qr", text=info), ref)
    if kind in _SHOWN_AS_ADDRESS and info:
        return values.Created(values.Show("redirect", url=info), ref)
    return _form(config, order, moment)


def _read_notify(
    config: values.Config, received: values.Received, moment: values.Moment
) -> values.Notify:
    fields = form_fields(received)
    if not _is_genuine(config, fields, moment):
        message = "the signature is not the gateway's, or older than 300 seconds"
        raise values.NotifyError(message)
    return wire.notify(fields)


def _query(config: values.Config, order: values.Order, moment: values.Moment) -> Call:
    return _post(config, "api/pay/query", {"out_trade_no": order.number}, moment)


def _read_query(
    config: values.Config, _: values.Order, answer: Answer, moment: values.Moment
) -> values.Fact:
    found = _answered(config, answer, moment)
    if found is None or text_of(found.get("code")) != "0":
        return values.UNKNOWN
    word, status = text_of(found.get("trade_status")), text_of(found.get("status"))
    refunded_minor = read_minor(found.get("refundmoney"), "cny")
    state = _STATES.get(status, "unknown")
    if word and word != "TRADE_SUCCESS" and state == "paid":
        state = "pending"
    return values.Fact(
        state=state,
        number=text_of(found.get("out_trade_no")) or None,
        merchant=text_of(found.get("pid")) or None,
        currency="cny",
        amount_minor=read_minor(found.get("money"), "cny"),
        payment_ref=text_of(found.get("trade_no")) or None,
        other_refs=wire.other_refs(found),
        refunded_minor=refunded_minor,
        is_refunded=status == _REFUNDED and not refunded_minor,
    )


def _refund(
    config: values.Config, order: values.Order, ref: str, amount_minor: int, moment: values.Moment
) -> Call:
    fields = {
        "out_trade_no": order.number,
        "out_refund_no": ref,
        "money": to_text(amount_minor, order.currency),
    }
    return _post(config, "api/pay/refund", fields, moment)


def _read_refund(
    config: values.Config, _: values.Order, answer: Answer, moment: values.Moment
) -> values.RefundFact:
    found = _answered(config, answer, moment)
    if found is None:
        return values.RefundFact(state="unknown")
    reason = reason_of(found.get("msg"))
    if text_of(found.get("code")) == "0":
        return values.RefundFact(state="done", ref=text_of(found.get("refund_no")))
    if "已存在" in reason:  # our number was there before: ask what became of it
        return values.RefundFact(state="unknown", reason=reason)
    return values.RefundFact(state="failed", reason=reason)


def _query_refund(
    config: values.Config, _: values.Order, ref: str, __: int, moment: values.Moment
) -> Call:
    return _post(config, "api/pay/refundquery", {"out_refund_no": ref}, moment)


def _read_queried_refund(
    config: values.Config, _: values.Order, answer: Answer, moment: values.Moment
) -> values.RefundFact:
    found = _answered(config, answer, moment)
    if found is None:
        return values.RefundFact(state="unknown")
    if text_of(found.get("code")) != "0":  # a number that it has had is never made twice
        return values.RefundFact(state="absent", reason=reason_of(found.get("msg")))
    state = {"1": "done", "0": "failed"}.get(text_of(found.get("status")), "unknown")
    return values.RefundFact(
        state="done" if state == "done" else "failed" if state == "failed" else "unknown",
        ref=text_of(found.get("refund_no")),
        amount_minor=read_minor(found.get("money"), "cny"),
    )


def _list(config: values.Config, offset: int, moment: values.Moment) -> Call:
    fields = {"offset": str(offset), "limit": str(BILL_PAGE), "status": "1"}
    return _post(config, "api/merchant/orders", fields, moment)


def _bill(config: values.Config, _: str, moment: values.Moment) -> Call:
    return _list(config, 0, moment)


def _read_bill(
    config: values.Config, day: str, call: Call, answer: Answer, moment: values.Moment
) -> values.BillPart:
    found = _answered(config, answer, moment)
    lines = (found or {}).get("data")
    if found is None or not isinstance(lines, list):
        message = "the gateway gives no signed list of orders"
        raise values.BillError(message)
    of_day = tuple(_trade(line) for line in lines if text_of(line.get("endtime"))[:10] == day)
    is_over = len(lines) < BILL_PAGE or any(
        "" < text_of(line.get("addtime"))[:10] < day for line in lines
    )
    offset = int(call.body.partition(b"offset=")[2].partition(b"&")[0]) + BILL_PAGE
    if is_over or offset > BILL_OFFSET_MAX:
        return values.BillPart(of_day)
    return values.BillPart(of_day, next=_list(config, offset, moment))


def _trade(line: Json) -> values.Trade:
    number, ref = text_of(line.get("out_trade_no")), text_of(line.get("trade_no"))
    amount_minor = read_minor(line.get("money"), "cny")
    refunded_minor = read_minor(line.get("refundmoney"), "cny") or 0
    return values.Trade(
        number, ref, -1 if amount_minor is None else amount_minor, "cny", refunded_minor
    )


METHOD = wire.method(
    name="epay_rsa",
    title=values.Words("EPay (RSA)", "易支付（RSA）"),
    fields=(*wire.SHARED_FIELDS, _PLATFORM_KEY, _PRIVATE_KEY),
    check=_check,
    create=Step(_create, _read_created),
    notify=Hearing(_read_notify, say_success),
    query=Step(_query, _read_query),
    refund=Step(_refund, _read_refund),
    query_refund=Step(_query_refund, _read_queried_refund),
    bill=Step(_bill, _read_bill),
)
