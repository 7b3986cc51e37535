"""Receipts and invoices say what stays paid once refunds are taken off."""

import pytest

from tests.system.payments.services.lives import again, credited
from yiyuan.services.payments import papers
from yiyuan.services.payments.refunds.refund import refund
from yiyuan.services.shared.errors import ServiceError

pytestmark = pytest.mark.timeout(300)


async def ask_invoice(life, row) -> None:
    """A customer asks for an invoice."""
    await papers.ask_invoice(life.context, row, "某某公司", "9131", "a@example.com")


async def test_a_receipt_and_a_request_are_net_of_refunds(life):
    row = await credited(life)
    await ask_invoice(life, row)
    await refund(life.context, row, 333, "asked for", "x")
    row = await again(life, row)
    said = await papers.receipt(life.context, row)
    assert (said["order"]["amount"], said["order"]["refunded_amount"]) == ("9.00", "3.33")
    assert (said["net_amount"], said["net_credit"]) == ("5.67", 5_670_000)
    await ask_invoice(life, row)  # while it is not made, a later one replaces it
    [asked] = await papers.invoices(life.context)
    assert (asked["amount"], asked["refunded_amount"], asked["currency"]) == ("5.67", "3.33", "cny")


async def test_nothing_is_invoiced_of_an_order_that_was_given_back_as_a_whole(life):
    row, before = await credited(life), await credited(life)
    await ask_invoice(life, before)
    for each in (row, before):
        await refund(life.context, each, None, "asked for", "x")
    row = await again(life, row)
    with pytest.raises(ServiceError) as refused:
        await ask_invoice(life, row)
    assert refused.value.code == "already_refunded"
    said = await papers.receipt(life.context, row)
    assert (said["net_amount"], said["net_credit"]) == ("0.00", 0)
    assert [each["amount"] for each in await papers.invoices(life.context)] == ["0.00"]
