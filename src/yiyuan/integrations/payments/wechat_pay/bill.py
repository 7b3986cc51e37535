"""WeChat Pay's bill of a day: a signed link, and behind it CSV whose SHA-1 is told."""

import csv
import hashlib
from typing import Final
from urllib.parse import urlencode

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments import values
from yiyuan.integrations.payments.json_answer import reason_of, text_of
from yiyuan.integrations.payments.minor_units import to_minor
from yiyuan.integrations.payments.wechat_pay.wire import answered, call, signed

_HASH_HEADER: Final = "x-bill-sha1"
"""Carries the announced hash from the link to the file; WeChat Pay ignores it."""


def bill(config: values.Config, day: str, moment: values.Moment) -> Call:
    """Ask for the link."""
    query = urlencode({"bill_date": day, "bill_type": "ALL"})
    return call(config, "GET", f"/v3/bill/tradebill?{query}", moment)


def read_bill(
    config: values.Config, _: str, previous: Call, answer: Answer, moment: values.Moment
) -> values.BillPart:
    """The link, then the file. Raises BillError."""
    wanted = dict(previous.headers).get(_HASH_HEADER)
    if wanted is not None:
        return _read(answer.body, wanted)
    found = answered(config, answer, moment)
    if found is None:
        message = "the answer has no good signature"
        raise values.BillError(message)
    if found.get("code") == "NO_STATEMENT_EXIST":
        return values.BillPart()
    url, digest = text_of(found.get("download_url")), text_of(found.get("hash_value"))
    if not url or text_of(found.get("hash_type")) != "SHA1":
        raise values.BillError(reason_of(found.get("message")) or "WeChat Pay gives no bill")
    following = signed(config, "GET", url, moment)
    headers = (*following.headers, (_HASH_HEADER, digest.lower()))
    return values.BillPart(next=Call("GET", url, headers))


def _read(body: bytes, wanted: str) -> values.BillPart:
    """Payments and refunds; a refund may be of a payment of an earlier day."""
    if hashlib.sha1(body, usedforsecurity=False).hexdigest() != wanted:
        message = "the bill is not the one that was announced"
        raise values.BillError(message)
    rows = csv.reader(body.decode("utf-8-sig").splitlines())
    names = next(rows, [])
    paid: dict[str, values.Trade] = {}
    refunds: list[values.GivenBack] = []
    for row in rows:
        line = dict(zip(names, (cell.lstrip("`") for cell in row), strict=False))
        number, state = line.get("商户订单号", ""), line.get("交易状态")
        if state == "SUCCESS":
            amount = _minor(line.get("订单金额") or line.get("应结订单金额") or "")
            paid[number] = values.Trade(number, line.get("微信订单号", ""), amount, "cny")
        elif state == "REFUND":
            amount = _minor(line.get("申请退款金额") or line.get("退款金额") or "")
            ours = line.get("商户退款单号", "")
            refunds.append(values.GivenBack(number, ours, line.get("微信退款单号") or ours, amount))
    return values.BillPart(tuple(paid.values()), tuple(refunds))


def _minor(text: str) -> int:
    try:
        return to_minor(text, "cny")
    except ValueError:
        message = "an amount in the bill is not one"
        raise values.BillError(message) from None
