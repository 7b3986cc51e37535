"""`yiyuan ledger …`"""

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from yiyuan.cli.shared.invocation import Invocation
from yiyuan.cli.shared.options import Group
from yiyuan.i18n.locale_env import words

if TYPE_CHECKING:
    from yiyuan.ledger.statement import Statement

Json = dict[str, Any]


@click.group(
    cls=Group,
    examples=(
        "ledger verify",
        "ledger statement alice --since 2026-11-01 --csv > november.csv",
        'ledger refund ex_… --reason "wrong model"',
    ),
)
def ledger() -> None:
    """The ledger: verify, read, refund."""


@ledger.command(examples=("ledger verify", "ledger verify --full --json"))
@click.option(
    "--full", is_flag=True, help="Verify all history, not only what is new since the last time."
)
@click.pass_obj
def verify(session: Invocation, *, full: bool) -> int:
    """Prove from the rows alone that every balance is right; exit 1 if not.

    What was verified is remembered: the next run reads what is new, and all balances, holds and
    budgets. The server keeps running meanwhile.
    """
    document = session.call("ledger.verify", full=full)
    read = document.pop("read")  # for people only: the document is what scripts rely on
    session.show(document, partial(_print_verdict, read=read))
    return 0 if document["ok"] else 1


@ledger.command(examples=("ledger invoice alice --month 2026-11",))
@click.argument("name")
@click.option("--month", metavar="M", help="Such as 2026-11; default: this month.")
@click.pass_obj
def invoice(session: Invocation, name: str, month: str | None) -> None:
    """Show an account's usage in a month by model, and its payments."""
    session.show(session.call("ledger.invoice", name=name, month=month), _print_invoice)


@ledger.command(
    examples=(
        "ledger statement alice --since 2026-11-01 --until 2026-12-01",
        "ledger statement alice --csv > alice.csv",
    )
)
@click.argument("name")
@click.option("--since", metavar="D", help="From this time on (ISO 8601, UTC).")
@click.option("--until", metavar="D", help="Up to, but not including, this time.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the entries as CSV.")
@click.pass_obj
def statement(
    session: Invocation, name: str, since: str | None, until: str | None, *, as_csv: bool
) -> None:
    """List an account's entries with opening and closing balance."""
    if as_csv and session.is_json:
        raise click.UsageError("--csv and --json exclude each other.")
    found = _read_statement(session, name=name, since=since, until=until)
    if as_csv:
        sys.stdout.write(found.to_csv())
    else:
        session.show(found.to_document(), _print_statement)


@ledger.command(examples=('ledger refund ex_… --reason "wrong model"',))
@click.argument("request_id", metavar="REQUEST_ID")
@click.option("--reason", required=True, metavar="TEXT", help="Stored with the entry.")
@click.pass_obj
def refund(session: Invocation, request_id: str, reason: str) -> None:
    """Refund a request's charge, once."""
    from yiyuan.cli.shared.tables import print_entry  # noqa: PLC0415 - slow to import

    entry = session.call("ledger.refund", request_id=request_id, reason=reason)
    session.show(entry, print_entry)


@ledger.command(examples=("ledger expire", "ledger expire --json"))
@click.pass_obj
def expire(session: Invocation) -> None:
    """Turn details of old requests into sums by day now.

    Old means older than YIYUAN_USAGE_DETAIL_DAYS. A server does this automatically within the
    hour. Entries and totals do not change.
    """
    session.show(session.call("ledger.expire"), _print_expired)


def _read_statement(session: Invocation, **asked: str | None) -> "Statement":
    """All pages of a statement; the first one fixes where it ends."""
    from yiyuan.ledger.statement import Statement  # noqa: PLC0415 - only when needed
    from yiyuan.store.tables.ledger import EntryRow  # noqa: PLC0415 - only when needed

    page = session.call("ledger.statement_page", **asked)
    opening, entries = page["opening"], [EntryRow(*row) for row in page["rows"]]
    while page["next"] is not None:
        page = session.call(
            "ledger.statement_page", name=asked["name"], first=page["next"], end=page["end"]
        )
        entries += [EntryRow(*row) for row in page["rows"]]
    return Statement(opening, entries, page["closing"])


def _print_verdict(document: Json, *, read: int) -> None:
    from yiyuan.cli.shared.tables import print_line, say  # noqa: PLC0415 - slow to import

    counts = words("{accounts:,} accounts, {entries:,} entries", **document)
    if read < document["entries"]:
        counts += words(", {count:,} of them new since the last check", count=read)
    if document["ok"]:
        say("The ledger is right: {counts}.", counts=counts)
        return
    problems = len(document["problems"])
    say("The ledger is WRONG: {counts}, {problems:,} problems.", counts=counts, problems=problems)
    for problem in document["problems"]:
        print_line(str(problem))


def _print_expired(document: Json) -> None:
    from yiyuan.cli.shared.tables import say  # noqa: PLC0415 - slow to import

    if document["before"] is None:
        say("Request details are kept forever (YIYUAN_USAGE_DETAIL_DAYS is 0).")
        return
    before = document["before"].partition("T")[0]
    requests = document["requests"]
    say("{count:,} requests from before {day} have expired.", count=requests, day=before)


def _print_statement(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_table, say  # noqa: PLC0415 - slow to import

    say("opening  {amount}", amount=amount(document["opening"]))
    rows = [
        (
            entry["at"],
            words(entry["kind"]),
            amount(entry["amount"]),
            amount(entry["balance_after"]),
            entry["request_id"] or entry["reason"],
        )
        for entry in document["entries"]
    ]
    print_table(("at", "kind", "amount>", "balance>", ""), rows, "No entries in this time.")
    say("closing  {amount}", amount=amount(document["closing"]))


def _print_invoice(document: Json) -> None:
    from yiyuan.cli.shared.tables import amount, print_fields, print_table  # noqa: PLC0415

    rows = [
        (
            line["model"] or words("expired"),
            line["requests"],
            line["input_tokens"],
            line["output_tokens"],
            amount(line["charged"]),
            amount(line["refunded"]),
        )
        for line in document["lines"]
    ]
    headings = ("model", "requests>", "input tokens>", "output tokens>", "charged>", "refunded>")
    print_table(headings, rows, "No usage in this month.")
    names = ("opening", "paid_in", "adjusted", "total", "closing")
    labels = ("opening", "paid in", "adjusted", "used", "closing")
    print_fields(
        [(label, amount(document[name])) for label, name in zip(labels, names, strict=True)]
    )
