"""The ledger as operators see it: verify, statement, refund."""

import asyncio
from typing import Any, Final

import orjson

from yiyuan.kernel.clock import Clock, iso
from yiyuan.ledger.operations import Refund
from yiyuan.ledger.statement import entry_document, entry_range
from yiyuan.ledger.verify.verify import Verification
from yiyuan.services.accounts.accounts import get_account
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.command import Progress, command, teller
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Positive, Request, time_of
from yiyuan.services.shared.validation import check_text
from yiyuan.store.database import Connection, Database
from yiyuan.store.queries import statement
from yiyuan.store.queries.operator import put_note, read_note
from yiyuan.store.tables.checkpoints import store_checkpoints
from yiyuan.store.tables.ledger import CheckpointRow

Json = dict[str, Any]

PAGE_ENTRIES = 5_000
CHECKPOINTS_AT_ONCE = 200
_VERIFIED_NOTE: Final = "last_verify"


class Verify(Request):
    """`full` goes over everything again, whatever was proved before."""

    full: bool = False


class Proof(Answer):
    """What the check found; problems in words."""

    ok: bool
    accounts: int
    entries: int
    problems: list[str]
    at: str


class Verified(Answer):
    """The last time that the ledger was checked from the console."""

    at: str | None
    ok: bool | None
    problems: int


class StatementPage(Request):
    """An account by name or id, a span of time, and where a page goes on."""

    name: str
    since: str | None = None
    until: str | None = None
    first: Positive | None = None
    end: Positive | None = None


class RefundRequest(Request):
    """A request whose charge is given back, and why."""

    request_id: str
    reason: str


@command("ledger.verify", reads=True)
async def verify(context: ServiceContext, request: Verify, progress: Progress) -> Json:
    """Check V1 to V9 from the rows alone; see `ledger/verify/verify.py` for the document."""
    return await verify_database(
        context.database,
        context.clock,
        full=request.full,
        progress=progress,
        is_polite=context.is_serving,
    )


async def prove(context: ServiceContext, request: Verify) -> Proof:
    """The same whole, without its progress; that it was done is noted for `last_verified`."""
    document = await verify(context, request, lambda _: None)
    at = iso(context.clock.wall_ms())
    note = {"at": at, "ok": document["ok"], "problems": len(document["problems"])}
    await context.database.write([put_note(_VERIFIED_NOTE, orjson.dumps(note).decode())])
    return Proof(
        ok=document["ok"],
        accounts=document["accounts"],
        entries=document["entries"],
        problems=document["problems"],
        at=at,
    )


async def last_verified(context: ServiceContext) -> Verified:
    """When the books were last proved so, and what was found."""
    text = await read_note(context.database, _VERIFIED_NOTE)
    if text is None:
        return Verified(at=None, ok=None, problems=0)
    note = orjson.loads(text)
    return Verified(at=note["at"], ok=note["ok"], problems=note["problems"])


async def verify_database(
    database: Database, clock: Clock, *, full: bool, progress: Progress, is_polite: bool = False
) -> Json:
    """The same without a book: one does not open over books that are wrong.

    What was proved is stored for the next time. `is_polite` takes twice the time and
    leaves half of it to others.
    """
    tell = teller(progress, "checked {done:,} of {total:,} entries")
    verification = Verification(now_ms=clock.wall_ms(), full=full, progress=tell)
    proved: list[CheckpointRow] = []
    is_done = False
    while not is_done:
        began = clock.monotonic()
        is_done = await database.run_read(verification.piece)
        proved += verification.take_checkpoints()
        if proved and (is_done or len(proved) >= CHECKPOINTS_AT_ONCE):
            await store_checkpoints(database, proved)
            proved.clear()
        if is_polite and not is_done:
            await asyncio.sleep(clock.monotonic() - began)
    return verification.verdict()


@command("ledger.statement_page", reads=True)
async def statement_page(context: ServiceContext, request: StatementPage) -> Json:
    """A part of an account's statement, so that no history is too long to be sent.

    `rows` are entries (`EntryRow`) as lists; `next` and `end` are the `first`
    and `end` to ask for the following page with, `next` is None on the last.
    `sums` are those of the whole span, on its first page.
    """
    account = await get_account(context, request.name)
    since_ms, until_ms = time_of("since", request.since), time_of("until", request.until)

    def read(connection: Connection) -> Json:
        start, stop, sums = request.first, request.end, None
        if start is None or stop is None:
            start, stop = entry_range(connection, account.id, since_ms, until_ms)
            sums = _sums(connection, account.id, start, stop)
        cut = min(start + PAGE_ENTRIES, stop)
        opening = statement.balance_after(connection, account.id, start - 1)
        rows = list(statement.entries_between(connection, account.id, start, cut))
        return {
            "opening": opening,
            "rows": rows,
            "closing": rows[-1].balance_after if rows else opening,
            "next": cut if cut < stop else None,
            "end": stop,
            "sums": sums,
        }

    return await context.database.run_read(read)


@command("ledger.refund")
async def refund(context: ServiceContext, request: RefundRequest) -> Json:
    """Give back a request's charge, once; the reversing entry."""
    reason, now = check_text("the reason", request.reason), context.clock.wall_ms()
    entry = await context.ledger.post(Refund(request.request_id, context.actor, reason, now))
    return entry_document(entry)


def _sums(connection: Connection, account_id: str, first: int, end: int) -> Json:
    """The span in figures: opening + incoming − outgoing = closing."""
    return {
        **statement.sums_between(connection, account_id, first, end)._asdict(),
        "opening": statement.balance_after(connection, account_id, first - 1),
        "closing": statement.balance_after(connection, account_id, end - 1),
    }
