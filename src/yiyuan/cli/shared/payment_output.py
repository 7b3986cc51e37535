"""Orders, refunds and comparisons as people read them on the command line."""

import json
from typing import Any, Final

from yiyuan.integrations.payments.minor_units import to_text

Json = dict[str, Any]

_MICROS: Final = ("credit", "bonus", "refunded")
"""Fields in 词元."""


def print_document(document: Json) -> None:
    """Print the fields of a document that have a value."""
    for name, value in document.items():
        if value not in (None, ""):
            _print(f"{name}: {_text(name, value)}")


def print_order(document: Json) -> None:
    """An order; what its customer's page shows; its refunds, and what was said of it."""
    nested = ("events", "refunds", "show", "came")
    print_document({n: v for n, v in document.items() if n not in nested})
    shown = document.get("show") or {}
    print_document({n: v for n, v in shown.items() if n != "kind"})
    came = document.get("came")
    print_document({} if came is None else {"came": came["amount"]})
    for made in document.get("refunds", ()):
        what = f"{made['state']}  {_money(made['amount'], document['currency'])}"
        _print(f"{made['at']}  {made['id']}  {what}  {made['reason']}")
    print_events(document)


def print_orders(document: Json) -> None:
    """A line for each order."""
    for found in document["orders"]:
        state = f"{found['state']} ({found['reason']})" if found["reason"] else found["state"]
        what = _money(found["amount"], found["currency"])
        line = f"{found['created']}  {found['id']}  {state}  {what}"
        _print(f"{line}  {found['method']}  {found['account']}")


def print_events(document: Json) -> None:
    """A line for each thing that was said."""
    for found in document.get("events", ()):
        facts = json.dumps(found["facts"], ensure_ascii=False)
        _print(f"{found['at']}  {found['source']}  {found['verdict']}  {facts}")


def print_invoices(document: Json) -> None:
    """A line for each request."""
    for found in document["invoices"]:
        who = f"{found['title']}  {found['tax_number']}  {found['email']}"
        _print(f"{found['at']}  {found['id']}  {found['order']}  {who}  {found['done'] or ''}")


def print_days(document: Json) -> None:
    """Each comparison with its differences."""
    for found in document["days"]:
        print_day(found)


def print_day(document: Json) -> None:
    """One comparison: both sums, then a line for each difference."""
    currency, differences = document["currency"], document["differences"]
    sums = f"ours: {document['ours']}  theirs: {document['theirs']} {currency.upper()}"
    _print(f"{document['day']}  {document['method']}  {sums}  differences: {len(differences)}")
    for found in differences:
        sides = [
            f"{side}: {to_text(found[f'{side}_minor'], currency)}"
            for side in ("ours", "theirs")
            if found[f"{side}_minor"] is not None
        ]
        _print("  ".join(("", found["kind"], found["number"], *sides)))


def _money(amount: str, currency: str) -> str:
    return f"{amount} {currency.upper()}"


def _text(name: str, value: Any) -> str:
    from yiyuan.cli.shared.tables import amount  # noqa: PLC0415 - slow to import
    from yiyuan.i18n.locale_env import words  # noqa: PLC0415 - with it

    if isinstance(value, bool):
        return words("yes") if value else words("no")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return amount(value) if name in _MICROS else str(value)


def _print(line: str) -> None:
    from yiyuan.cli.shared.tables import print_line  # noqa: PLC0415 - slow to import

    print_line(line)
