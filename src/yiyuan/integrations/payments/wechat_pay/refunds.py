"""What comes after a payment by WeChat Pay: refunds, asked for and asked about."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.payments.json_answer import reason_of, text_of
from yiyuan.integrations.payments.values import Config, Moment, Order, RefundFact, RefundState
from yiyuan.integrations.payments.wechat_pay.wire import answered, call

_REFUND_STATES: Final[Mapping[str, RefundState]] = {
    "SUCCESS": "done",
    "PROCESSING": "pending",
    "CLOSED": "failed",
    "ABNORMAL": "pending",  # the payer's card is gone: WeChat Pay wants a person's decision
}
_NO_SUCH_REFUND: Final = "RESOURCE_NOT_EXISTS"


def refund(config: Config, order: Order, ref: str, amount_minor: int, moment: Moment) -> Call:
    """Give back a part of a payment."""
    content = {
        "out_trade_no": order.number,
        "out_refund_no": ref,
        "notify_url": order.notify_url,
        "amount": {
            "refund": amount_minor,
            "total": order.amount_minor,
            "currency": order.currency.upper(),
        },
    }
    return call(config, "POST", "/v3/refund/domestic/refunds", moment, content)


def read_refund(config: Config, _: Order, answer: Answer, moment: Moment) -> RefundFact:
    """What WeChat Pay says of the refund that was just asked for."""
    found = answered(config, answer, moment)
    if found is None or answer.status >= 500 or answer.status in (404, 429):
        return RefundFact(state="unknown")
    if answer.status != 200:
        return RefundFact(state="failed", reason=reason_of(found.get("message")))
    amount = found.get("amount")
    refund_minor = amount.get("refund") if isinstance(amount, dict) else None
    return RefundFact(
        state=_REFUND_STATES.get(text_of(found.get("status")), "unknown"),
        ref=text_of(found.get("refund_id")),
        our_ref=text_of(found.get("out_refund_no")),
        amount_minor=refund_minor if isinstance(refund_minor, int) else None,
    )


def query_refund(config: Config, _: Order, ref: str, __: int, moment: Moment) -> Call:
    """Ask about one refund."""
    return call(config, "GET", f"/v3/refund/domestic/refunds/{quote(ref, safe='')}", moment)


def read_queried_refund(config: Config, order: Order, answer: Answer, moment: Moment) -> RefundFact:
    """What became of it; absent where WeChat Pay says that there is none."""
    found = answered(config, answer, moment)
    if found is not None and answer.status == 404 and found.get("code") == _NO_SUCH_REFUND:
        return RefundFact(state="absent")
    if answer.status != 200:
        return RefundFact(state="unknown")
    return read_refund(config, order, answer, moment)


def refunds(config: Config, order: Order, ref: str, moment: Moment) -> Call:
    """Ask about the refund that a notify named."""
    return query_refund(config, order, ref, 0, moment)


def read_refunds(
    config: Config, order: Order, answer: Answer, moment: Moment
) -> tuple[RefundFact, ...]:
    """It, or none where the answer does not say."""
    found = read_queried_refund(config, order, answer, moment)
    return (found,) if found.our_ref else ()
