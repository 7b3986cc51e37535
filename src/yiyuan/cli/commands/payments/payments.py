"""`yiyuan payments …`"""

import re
from typing import Any

import click

from yiyuan.cli.shared import payment_output as output
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.cli.shared.payment_methods import method
from yiyuan.kernel.money import MICROS_MAX, parse_millionths

STATES = (
    *("created", "pending", "paid", "credited", "expired", "cancelled", "failed"),
    *("review", "dismissed"),
)

_AMOUNT = re.compile(r"[0-9]{1,19}|[¥￥][0-9]{1,12}(\.[0-9]{1,6})?")


class Money(click.ParamType[int]):
    """Whole 词元, or 元 with a sign: `12500000` or `¥12.5`."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The amount in 词元."""
        text = str(value).strip()
        micros = 0
        if _AMOUNT.fullmatch(text):
            micros = parse_millionths(text[1:]) if text[0] in "¥￥" else int(text)
        if not 0 < micros <= MICROS_MAX:
            self.fail(f"{value!r} is not an amount: whole 词元, or 元 such as ¥12.5", param, ctx)
        return micros


MONEY = Money()


@click.group(
    cls=Group,
    examples=(
        "payments order alice ¥10 --method shop",
        "payments list --state review",
    ),
)
def payments() -> None:
    """Online payments: methods, orders, refunds."""


payments.add_command(method)


@payments.command(examples=("payments order alice ¥10 --method shop --type alipay",))
@click.argument("account")
@click.argument("amount", type=MONEY)
@click.option("--method", required=True, metavar="NAME", help="Payment method.")
@click.option("--type", "kind", metavar="T", help="One of its types.")
@click.pass_obj
def order(session: Invocation, account: str, amount: int, method: str, kind: str | None) -> None:
    """Create an order and show what the customer's page shows."""
    document = session.call(
        "payments.order", account=account, amount=amount, method=method, type=kind
    )
    session.show(document, output.print_order)


@payments.command("list", examples=("payments list --state review",))
@click.option("--account", metavar="A", help="Orders of this account.")
@click.option(
    "--state",
    type=click.Choice(STATES),
    metavar="S",
    help="Only these: pending, credited, review, …",
)
@click.option("--method", metavar="NAME", help="Only of this payment method.")
@click.option("--test/--real", "test", default=None, help="Only tests, or no tests.")
@click.option(
    "--older", "older_minutes", type=int, metavar="MIN", help="At least this many minutes old."
)
@click.option("--limit", type=click.IntRange(1, 1000), metavar="N", help="At most N.")
@click.pass_obj
def list_orders(session: Invocation, /, **given: Any) -> None:
    """List orders, latest first."""
    session.show(session.call("payments.list", **given), output.print_orders)


@payments.command(examples=("payments show ord_…",))
@click.argument("id")
@click.pass_obj
def show(session: Invocation, id: str) -> None:  # noqa: A002 - the contract's word
    """Show an order with its history and refunds."""
    session.show(session.call("payments.show", id=id), output.print_order)


@payments.command(examples=("payments check ord_…",))
@click.argument("id")
@click.pass_obj
def check(session: Invocation, id: str) -> None:  # noqa: A002 - the contract's word
    """Query the provider about an order now."""
    session.show(session.call("payments.check", id=id), output.print_order)


@payments.command(examples=("payments cancel ord_…",))
@click.argument("id")
@click.pass_obj
def cancel(session: Invocation, id: str) -> None:  # noqa: A002 - the contract's word
    """Close an unpaid order."""
    session.show(session.call("payments.cancel", id=id), output.print_order)


@payments.command(
    examples=('payments credit ord_… --reference 4200001 --reason "seen in the bank"',)
)
@click.argument("id")
@click.option("--reference", metavar="NUMBER", help="The provider's payment reference.")
@click.option("--reason", metavar="TEXT", help="Stored with the order.")
@click.option("--amount", type=MONEY, metavar="N", help="Amount to credit instead of the order's.")
@click.pass_obj
def credit(session: Invocation, /, **given: Any) -> None:
    """Credit an order manually."""
    session.show(session.call("payments.credit", **given), output.print_order)


@payments.command(examples=('payments dismiss ord_… --reason "not ours"',))
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Stored with the order.")
@click.pass_obj
def dismiss(session: Invocation, /, **given: Any) -> None:
    """Close an order in review without crediting it."""
    session.show(session.call("payments.dismiss", **given), output.print_order)


@payments.command(examples=('payments refund ord_… --reason "asked for" --amount ¥5 --key r1',))
@click.argument("id")
@click.option("--reason", required=True, metavar="TEXT", help="Stored with the refund.")
@click.option("--amount", metavar="¥X", help="Part of the amount; default: all that is left.")
@click.option(
    "--key", required=True, metavar="K", help="Idempotency key: repeats refund only once."
)
@click.pass_obj
def refund(session: Invocation, /, **given: Any) -> None:
    """Refund an order."""
    session.show(session.call("payments.refund", **given), output.print_document)


@payments.command(examples=("payments resolve rfd_… --done",))
@click.argument("id")
@click.option(
    "--done/--failed", "is_done", required=True, help="The result shown on the provider's site."
)
@click.pass_obj
def resolve(session: Invocation, id: str, is_done: bool) -> None:  # noqa: A002, FBT001 - click's
    """Record the result of a refund whose response was lost."""
    session.show(session.call("payments.resolve", id=id, is_done=is_done), output.print_document)


@payments.command(examples=("payments unmatched --json",))
@click.pass_obj
def unmatched(session: Invocation) -> None:
    """List validly signed notifications that belong to no order."""
    session.show(session.call("payments.unmatched.list"), output.print_events)


@payments.command(
    "credit-unmatched",
    examples=(
        'payments credit-unmatched alice ¥12.5 --method shop --reference 42 --reason "paid twice"',
    ),
)
@click.argument("account")
@click.argument("amount", metavar="¥X")
@click.option("--method", required=True, metavar="NAME", help="Payment method it was paid with.")
@click.option(
    "--reference", required=True, metavar="NUMBER", help="The provider's payment reference."
)
@click.option("--reason", required=True, metavar="TEXT", help="Stored with the order.")
@click.pass_obj
def credit_unmatched(session: Invocation, /, **given: Any) -> None:
    """Credit a payment that belongs to no order with the amount received."""
    session.show(session.call("payments.unmatched.credit", **given), output.print_order)


@payments.command(examples=("payments days --json",))
@click.pass_obj
def days(session: Invocation) -> None:
    """List the daily reconciliations."""
    session.show(session.call("payments.days.list"), output.print_days)


@payments.command(examples=("payments compare shop 2026-11-22",))
@click.argument("method")
@click.argument("day", metavar="DATE")
@click.pass_obj
def compare(session: Invocation, method: str, day: str) -> None:
    """Reconcile a day with the provider's list now."""
    session.show(session.call("payments.compare", method=method, day=day), output.print_day)


@payments.command(examples=("payments invoices --json",))
@click.pass_obj
def invoices(session: Invocation) -> None:
    """List requested invoices, latest first."""
    session.show(session.call("payments.invoices"), output.print_invoices)


@payments.command("invoice-done", examples=("payments invoice-done inv_…",))
@click.argument("id")
@click.pass_obj
def invoice_done(session: Invocation, id: str) -> None:  # noqa: A002 - as for tokens
    """Mark an invoice as issued."""
    session.show(session.call("payments.invoice_done", id=id), output.print_document)


@payments.command("test-account", examples=("payments test-account alice",))
@click.argument("account")
@click.option("--off", is_flag=True, help="Not any more.")
@click.pass_obj
def test_account(session: Invocation, account: str, off: bool) -> None:  # noqa: FBT001 - click's
    """Let orders of test methods credit an account."""
    session.show(
        session.call("payments.test_account", account=account, off=off), output.print_document
    )
