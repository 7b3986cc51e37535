"""EPay (易支付), version 1: MD5 signatures over a shared key.

`sign` is the MD5 of the canonical text and the key, with nothing between them; some
forks write `&key=` between (`md5_tail`). Answers to queries are not signed: their proof
is the TLS connection to the gateway. Whoever runs such a gateway also runs the money,
so a fork that says too little (no amount) is not believed.
"""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import values
from yiyuan.integrations.payments.contract import Hearing, Step
from yiyuan.integrations.payments.epay import wire
from yiyuan.integrations.payments.json_answer import Json, json_object, reason_of, text_of
from yiyuan.integrations.payments.minor_units import read_minor, to_text
from yiyuan.integrations.payments.received import form_fields, say_success

_KEY = values.Field(
    "key",
    values.Words("Merchant key", "商户密钥"),
    values.Words("On the API page of the merchant's console.", "商户后台“API 信息”里的密钥。"),
    is_secret=True,
)
_TAIL = values.Field(
    "md5_tail",
    values.Words("How the key is appended", "密钥的拼接方式"),
    values.Words(
        "plain is what almost all gateways do; key puts &key= before it. The test finds out.",
        "绝大多数网关是 plain；key 表示前面加 &key=。“测试”会找出正确的一种。",
    ),
    is_required=False,
    choices=("plain", "key"),
    default="plain",
)
_PLAIN = values.Field(
    "plain_http",
    values.Words("Ask without TLS", "不加密查单"),
    values.Words(
        "Answers to questions are not signed here: over http:// anybody on the way can say that "
        "an order is paid, and reads the key. yes takes that risk knowingly.",
        "查单的应答没有签名：用 http:// 时，途中任何人都能冒充“已支付”，并看到密钥。"
        "选 yes 表示您了解并承担此风险。",
    ),
    is_required=False,
    choices=("no", "yes"),
    default="no",
)
_SHOWN_ON_PHONES = ("payurl", "urlscheme", "qrcode")
_SHOWN_ON_DESKTOPS = ("qrcode", "payurl", "urlscheme")
BILL_PAGE = 50
BILL_PAGES_MAX = 200


def signature(fields: Mapping[str, str], key: str, tail: str) -> str:
    """The `sign` of some fields under a key."""
    text = wire.canonical(fields) + ("&key=" if tail == "key" else "") + key
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _check(config: values.Config) -> None:
    wire.check_shared(config)
    if not config["key"].strip():
        raise values.MethodError("key", "is missing")
    if wire.is_plain(config["base_url"]) and config["plain_http"] != "yes":
        problem = "must begin with https://, or plain_http must be yes"
        raise values.MethodError("base_url", problem)
    if config["md5_tail"] not in ("", "plain", "key"):
        raise values.MethodError("md5_tail", "must be plain or key")


def _signed(config: values.Config, fields: Mapping[str, str]) -> dict[str, str]:
    sign = signature(fields, config["key"], config["md5_tail"])
    return {**fields, "sign": sign, "sign_type": "MD5"}


def _form(config: values.Config, order: values.Order) -> values.Created:
    fields = _signed(config, wire.order_fields(config, order))
    return values.Created(
        values.Show("form", url=wire.address(config, "submit.php"), fields=fields)
    )


def _create(config: values.Config, order: values.Order, _: values.Moment) -> Call | values.Created:
    fields = wire.order_fields(config, order)
    if config["mode"] == "form" or "type" not in fields:
        return _form(config, order)
    fields |= {"clientip": order.address, "device": "mobile" if order.is_phone else "pc"}
    return wire.post(wire.address(config, "mapi.php"), _signed(config, fields))


def _read_created(
    config: values.Config, order: values.Order, answer: Answer, _: values.Moment
) -> values.Created | values.NotCreated:
    found = json_object(answer.body)
    if found is None:
        if answer.status >= 500:
            return values.NotCreated("the gateway's server failed", is_known=False)
        return _form(config, order)  # no such API: the gateway's page does the same
    if text_of(found.get("code")) != "1":
        return values.NotCreated(reason_of(found.get("msg")) or "refused by the gateway")
    inner = found.get("data")
    told = {**(inner if isinstance(inner, dict) else {}), **found}
    for name in _SHOWN_ON_PHONES if order.is_phone else _SHOWN_ON_DESKTOPS:
        text = text_of(told.get(name))
        if text:
            shown = (
                values.Show("qr", text=text)
                if name == "qrcode"
                else values.Show("redirect", url=text)
            )
            return values.Created(shown, text_of(told.get("trade_no")))
    return _form(config, order)


def _read_notify(
    config: values.Config, received: values.Received, _: values.Moment
) -> values.Notify:
    fields = form_fields(received)
    sign = fields.get("sign", "").lower()
    keys = config.secrets_of("key")
    tail = config["md5_tail"]
    good = [
        hmac.compare_digest(signature(fields, key, tail), sign) for key in keys if sign.isascii()
    ]
    if not any(good):
        message = "the signature is not the gateway's"
        raise values.NotifyError(message)
    return wire.notify(fields)


def _api(config: values.Config, act: str, **more: str) -> Call:
    query = urlencode({"act": act, "pid": config["pid"], "key": config["key"], **more})
    return Call("GET", f"{wire.address(config, 'api.php')}?{query}")


def _query(config: values.Config, order: values.Order, _: values.Moment) -> Call:
    return _api(config, "order", out_trade_no=order.number)


def _read_query(
    _: values.Config, __: values.Order, answer: Answer, ___: values.Moment
) -> values.Fact:
    found = json_object(answer.body)
    if found is None:
        return values.UNKNOWN
    if text_of(found.get("code")) != "1":
        return values.Fact(state="unknown", reason=reason_of(found.get("msg")))
    inner = found.get("data")
    told: Json = inner if isinstance(inner, dict) else found
    return values.Fact(
        state="paid" if _is_paid(told) else "pending",
        number=text_of(told.get("out_trade_no")) or None,
        merchant=text_of(told.get("pid")) or None,
        currency="cny",
        amount_minor=read_minor(told.get("money"), "cny"),
        payment_ref=text_of(told.get("trade_no")) or None,
        other_refs=wire.other_refs(told),
    )


def _is_paid(told: Json) -> bool:
    """`trade_status` rules where it is there; else `status` 1 is paid."""
    word = text_of(told.get("trade_status"))
    if word:
        return word == "TRADE_SUCCESS"
    return text_of(told.get("status")) == "1"


def _refund(
    config: values.Config, order: values.Order, _: str, amount_minor: int, __: values.Moment
) -> Call:
    fields = {
        "pid": config["pid"],
        "key": config["key"],
        "out_trade_no": order.number,
        "money": to_text(amount_minor, order.currency),
    }
    return wire.post(f"{wire.address(config, 'api.php')}?act=refund", fields)


def _read_refund(
    _: values.Config, __: values.Order, answer: Answer, ___: values.Moment
) -> values.RefundFact:
    found = json_object(answer.body)
    code, reason = text_of((found or {}).get("code")), reason_of((found or {}).get("msg"))
    if code == "1" or (code == "0" and "成功" in reason):
        return values.RefundFact(state="done")
    if code in ("", "0"):  # forks disagree about 0: a person has to look
        return values.RefundFact(state="unknown", reason=reason)
    return values.RefundFact(state="failed", reason=reason)


def _bill(config: values.Config, _: str, __: values.Moment) -> Call:
    return _api(config, "orders", limit=str(BILL_PAGE), page="1")


def _read_bill(
    config: values.Config, day: str, call: Call, answer: Answer, _: values.Moment
) -> values.BillPart:
    found = json_object(answer.body)
    lines = found.get("data") if found and text_of(found.get("code")) == "1" else None
    if not isinstance(lines, list):
        message = "the gateway gives no list of orders"
        raise values.BillError(message)
    of_day, is_over = [], len(lines) < BILL_PAGE
    for line in lines:
        time = text_of(line.get("endtime")) or text_of(line.get("addtime"))
        is_over |= text_of(line.get("addtime"))[:10] < day and bool(time)
        if time[:10] == day and _is_paid(line):
            of_day.append(_trade(line))
    page = int(call.url.rpartition("page=")[2]) + 1
    if is_over or page > BILL_PAGES_MAX:
        return values.BillPart(tuple(of_day))
    following = _api(config, "orders", limit=str(BILL_PAGE), page=str(page))
    return values.BillPart(tuple(of_day), next=following)


def _trade(line: Json) -> values.Trade:
    amount_minor = read_minor(line.get("money"), "cny")
    number, ref = text_of(line.get("out_trade_no")), text_of(line.get("trade_no"))
    return values.Trade(number, ref, -1 if amount_minor is None else amount_minor, "cny")


METHOD = wire.method(
    name="epay_md5",
    title=values.Words("EPay (MD5)", "易支付（MD5）"),
    fields=(*wire.SHARED_FIELDS, _TAIL, _PLAIN, _KEY),
    check=_check,
    create=Step(_create, _read_created),
    notify=Hearing(_read_notify, say_success),
    query=Step(_query, _read_query),
    refund=Step(_refund, _read_refund),
    repeats_refunds=False,
    bill=Step(_bill, _read_bill),
)
