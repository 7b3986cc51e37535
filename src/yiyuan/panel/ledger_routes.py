"""The ledger as operators look into it: entries of all accounts, and the proof."""

from typing import Any, NamedTuple

import orjson

from yiyuan.console import ledger
from yiyuan.console.arguments import Arguments
from yiyuan.kernel.clock import iso
from yiyuan.ledger.statement import entry_document
from yiyuan.panel.cursor import read_cursor, write_cursor
from yiyuan.panel.operator_home_routes import VERIFIED_NOTE, Verified, last_verified
from yiyuan.panel.route import OPERATOR_READS, Access, Nothing, Route
from yiyuan.panel.shapes import Asked, Entry, Page, PageSize, Shown, shown_entry
from yiyuan.panel.visit import Visit
from yiyuan.store import shop_reports as reports


class EntriesQuery(Asked):
    """Entries of one account, kind, request or key; of everybody without."""

    account: str | None = None
    kind: str | None = None
    request_id: str | None = None
    key: str | None = None
    after: str | None = None
    limit: PageSize = 50


class ShopEntry(Entry):
    """An entry with both sides: the account and its contra."""

    account_id: str
    account_name: str
    contra: str
    key: str | None


class VerifyAsk(Asked):
    """`full` goes over everything again, whatever was proved before."""

    full: bool = False


class Proof(Shown):
    """What the check found; problems in words."""

    ok: bool
    accounts: int
    entries: int
    problems: list[str]
    at: str


class _Cursor(NamedTuple):
    account_id: str
    seq: int


async def list_entries(visit: Visit, asked: EntriesQuery) -> Page[ShopEntry]:
    """Entries, of one account the latest first."""
    place = read_cursor(asked.after, _Cursor)
    found = await reports.entries_page(
        visit.desk.database,
        account_id=asked.account,
        kind=asked.kind,
        request_id=asked.request_id,
        key=asked.key,
        before=None if place is None else (place.account_id, place.seq),
        limit=asked.limit,
    )
    following = None
    if len(found) == asked.limit:
        following = write_cursor(found[-1].entry.account_id, found[-1].entry.seq)
    return Page(items=[_shown(view) for view in found], next=following)


async def verify(visit: Visit, asked: VerifyAsk) -> Proof:
    """Check the books from their rows; takes as long as there are new entries."""
    document = await ledger.verify(visit.desk, Arguments({"full": asked.full}), _nobody)
    at = iso(visit.desk.clock.wall_ms())
    note = {"at": at, "ok": document["ok"], "problems": len(document["problems"])}
    await visit.desk.database.write([reports.put_note(VERIFIED_NOTE, orjson.dumps(note).decode())])
    return Proof(
        ok=document["ok"],
        accounts=document["accounts"],
        entries=document["entries"],
        problems=document["problems"],
        at=at,
    )


async def show_verified(visit: Visit, _: Nothing) -> Verified:
    """When the books were last checked from here."""
    return await last_verified(visit)


def _nobody(_: dict[str, Any]) -> None:
    """The answer comes whole: nobody follows the progress."""


def _shown(view: reports.ShopEntry) -> ShopEntry:
    entry, row = shown_entry(entry_document(view.entry)), view.entry
    return ShopEntry(
        **{name: getattr(entry, name) for name in Entry.__struct_fields__},
        account_id=row.account_id,
        account_name=view.account_name,
        contra=row.contra,
        key=row.idem_key,
    )


_LEDGER = "/api/operator/ledger"
_VERIFIERS = Access("operator", frozenset({"owner", "finance", "support"}))

ROUTES = (
    Route("GET", _LEDGER, OPERATOR_READS, list_entries, Page[ShopEntry], EntriesQuery),
    Route("GET", f"{_LEDGER}/verify", OPERATOR_READS, show_verified, Verified),
    Route("POST", f"{_LEDGER}/verify", _VERIFIERS, verify, Proof, VerifyAsk),
)
