"""In what a payment is not the order's: the order decides, never the payload."""

from typing import Final

from yiyuan.integrations.payments.values import Fact
from yiyuan.store.tables.payments.orders import OrderRow

OF_OTHERS: Final = ("merchant_mismatch", "test_mismatch", "number_mismatch")
"""With these it is not even this order's payment."""


def mismatch(row: OrderRow, fact: Fact) -> str:
    """The first thing in which a payment is not the order's; empty when it is."""
    checks = (
        (fact.merchant not in (None, row.merchant), "merchant_mismatch"),
        (fact.is_test not in (None, bool(row.is_test)), "test_mismatch"),
        (fact.number not in (None, row.number), "number_mismatch"),
        (fact.reason == "no_payment_required", "no_payment_required"),
        (fact.currency != row.currency, "currency_mismatch"),
        (fact.amount_minor is None, "amount_unknown"),
        (fact.amount_minor != row.amount_minor, "amount_mismatch"),
        (fact.is_refunded or bool(fact.refunded_minor), "refunded_before_credit"),
    )
    return next((reason for is_wrong, reason in checks if is_wrong), "")
