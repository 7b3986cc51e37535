"""What codes in a notice's data mean, in both languages; anything else is told as it is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Meaning(NamedTuple):
    """A code in words."""

    en: str
    zh: str


_MEANINGS: Final[Mapping[str, Meaning]] = MappingProxyType(
    {
        "above_daily_max": Meaning(
            "it was paid late and exceeds the 24-hour limit", "逾期付款，超过 24 小时充值上限"
        ),
        "amount_mismatch": Meaning("the amount is different", "金额不符"),
        "amount_unknown": Meaning("the amount is not known", "金额未知"),
        "currency_mismatch": Meaning("the currency is different", "币种不符"),
        "does_not_fit": Meaning("the balance would be too large", "余额超出可保存的范围"),
        "inquiry": Meaning("the payer's bank has made an inquiry", "付款人的银行发起问询"),
        "lost": Meaning("the dispute was lost and the money withdrawn", "争议败诉，款项已被扣走"),
        "merchant_mismatch": Meaning("it was paid to another merchant", "收款商户不符"),
        "no_answer": Meaning("the provider did not respond", "支付服务商没有响应"),
        "no_payment_required": Meaning("nothing was paid", "没有实际付款"),
        "number_mismatch": Meaning("the order number does not match", "订单号不符"),
        "open": Meaning("the dispute is open", "争议处理中"),
        "paid_twice": Meaning("the order was paid twice", "同一订单付了两次"),
        "payment_failed": Meaning("the payment failed", "付款失败"),
        "payment_ref_used": Meaning(
            "the payment belongs to another order", "支付单号已属于另一笔订单"
        ),
        "refunded_before_credit": Meaning("it was refunded before it was credited", "入账前已退款"),
        "reinstated": Meaning("the money came back", "款项已退回给您"),
        "test_mismatch": Meaning("test and live mode do not match", "测试与正式环境不符"),
        "unproven": Meaning(
            "it cannot be queried, and the amount is above the limit", "无法查单，金额超过限额"
        ),
        "withdrawn": Meaning(
            "the money is withheld until the dispute is decided", "款项已被暂扣，等待裁定"
        ),
    }
)


def meaning(code: object, language: str) -> object:
    """A code in words, or what is none unchanged."""
    found = _MEANINGS.get(code) if isinstance(code, str) else None
    if found is None:
        return code
    return found.zh if language == "zh" else found.en
