"""What `yiyuan import` prints for people."""

import csv
import sys
from typing import Any

from yiyuan.cli.shared.tables import amount, print_fields, print_line, print_table, say
from yiyuan.i18n.locale_env import told, words
from yiyuan.i18n.message import Message

Json = dict[str, Any]

_NOTES_SHOWN = 40
_SUBJECTS_SHOWN = 5
_USER_COLUMNS = ("units", "target", "booked", "owed", "account")


def print_report(document: Json) -> None:
    """What look and take tell, for people."""
    balance = document["balance"]
    print_fields(
        [
            ("program", f"{document['program']} {document['version']}".strip()),
            ("rate", document["rate"]),
            ("people", f"{document['people']:,}"),
            ("keys", f"{document['tokens']:,}"),
            ("channels", f"{document['channels']:,}"),
            ("models", f"{document['models']:,}"),
            ("groups", f"{document['groups']:,}"),
            ("codes", f"{document['codes']:,}"),
            ("balance", amount(balance["micros"])),
        ]
    )
    for what, word in (("created", words("created")), ("changed", words("changed"))):
        if names := document["catalog"].get(what):
            print_line(f"{word}: {', '.join(names)}")
    for probe in document.get("probes", ()):
        print_line(f"  {probe['name']}: {_probe(probe)}")
    notes = document["notes"]
    if not notes:
        return
    say("What cannot be taken over unchanged ({count:,}):", count=len(notes))
    subjects: dict[str, list[str]] = {}
    for note in notes:
        subjects.setdefault(words(note["template"], **note["fields"]), []).append(note["subject"])
    for text, about in list(subjects.items())[:_NOTES_SHOWN]:
        print_line(f"  {_named(about)}: {text}")
    if len(subjects) > _NOTES_SHOWN:
        say("… and {count:,} more: --json lists them all.", count=len(subjects) - _NOTES_SHOWN)


def print_taken(document: Json) -> None:
    """The report of a take, and what comes next."""
    print_report(document)
    say("Accounts stay locked until `yiyuan import open {name}`.", name=document["name"])


def _named(subjects: list[str]) -> str:
    """Whom one sentence is about: some by name, the others by their number."""
    named = "; ".join(subjects[:_SUBJECTS_SHOWN])
    more = len(subjects) - _SUBJECTS_SHOWN
    return f"{named} … +{more:,}" if more > 0 else named


def _probe(probe: Json) -> str:
    if probe["status"] is None:
        return str(probe["error"])
    missing = ", ".join(probe.get("missing", ()))
    return (
        f"{probe['status']}, {words('not listed')}: {missing}" if missing else str(probe["status"])
    )


def print_back(document: Json) -> None:
    """The statements, one a line; a comment where nothing has changed."""
    for statement in document["sql"]:
        print_line(statement)
    if not document["sql"]:
        say("-- Nothing has changed here: no quota there has to be set.")


def print_check(document: Json) -> None:
    """The seven equalities, and what is not equal."""
    names = {
        "balances": words("balances"),
        "sums": words("sums"),
        "counts": words("counts"),
        "keys": words("keys"),
        "prices": words("prices"),
        "ledger": words("ledger"),
        "blocking": words("blocking"),
    }
    rows = [
        (names[each["name"]], words("equal" if each["ok"] else "NOT EQUAL"), _detail(each))
        for each in document["equalities"]
    ]
    print_table(("equality", "verdict", ""), rows, "Nothing was compared.")
    for each in document["equalities"]:
        for fault in _said(each)["faults"]:
            print_line(f"  {_told(fault)}")
    if document["ok"]:
        say("Everything matches.")


def _detail(equality: Json) -> str:
    return _told(_said(equality)["detail"])


def _said(equality: Json) -> Json:
    """Its sentences as messages; a server that is older says them in English alone."""
    said: Json = equality.get("said", equality)
    return said


def _told(sentence: Json | str) -> str:
    return sentence if isinstance(sentence, str) else told(Message.from_document(sentence))


def print_users(users: list[Json]) -> None:
    """Everybody's balances as CSV."""
    writer = csv.writer(sys.stdout)
    writer.writerow(("id", "name", *_USER_COLUMNS))
    for user in users:
        name = user["name"]
        # A spreadsheet must not take a name for a formula.
        safe = f"'{name}" if name[:1] in "=+-@\t\r" else name
        writer.writerow((user["id"], safe, *(user[key] for key in _USER_COLUMNS)))


def print_opened(document: Json) -> None:
    """How many are open."""
    say(
        "{opened:,} accounts are open, {left:,} stay suspended.",
        opened=document["opened"],
        left=document["left_suspended"],
    )


def print_status(document: Json) -> None:
    """All moves, or one with its counts."""
    if "imports" not in document:
        print_fields(
            [
                ("name", document["name"]),
                ("rate", document["rate"]),
                ("people", f"{document['accounts']:,}"),
                ("keys", f"{document['tokens']:,}"),
                ("locked", f"{document['locked']:,}"),
                ("owed", f"{document['owed']:,}"),
                ("taken", document["taken"]),
                ("checked", document["checked"]),
                ("opened", document["opened"]),
            ]
        )
        return
    columns = ("name", "kind", "rate", "taken", "checked", "opened")
    rows = [[each[column] for column in columns] for each in document["imports"]]
    print_table(columns, rows, "There are no moves yet.")


def print_forgotten(document: Json) -> None:
    """Who was taken back, and who stays."""
    say("{count:,} people removed.", count=document["forgotten"])
    if document["kept"]:
        say("Kept, because they are open or have changed since:")
        for account in document["kept"]:
            print_line(f"  {account}")
