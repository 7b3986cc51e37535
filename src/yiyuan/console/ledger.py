"""The ledger as operators see it: verify, statement, refund."""

import asyncio
from collections.abc import Callable
from typing import Any

from yiyuan.console.accounts import get_account
from yiyuan.console.arguments import Arguments
from yiyuan.console.desk import Desk
from yiyuan.console.names import check_text
from yiyuan.kernel.clock import Clock
from yiyuan.ledger.audit import Audit
from yiyuan.ledger.operations import Refund
from yiyuan.ledger.statement import entry_document
from yiyuan.store import statement_reads
from yiyuan.store.checkpoints import store_checkpoints
from yiyuan.store.database import Connection, Database
from yiyuan.store.rows import CheckpointRow

Json = dict[str, Any]
Progress = Callable[[Json], None]

PAGE_ENTRIES = 5_000
CHECKPOINTS_AT_ONCE = 200


async def verify(desk: Desk, arguments: Arguments, progress: Progress) -> Json:
    """Check V1 to V9 from the rows alone; see `ledger/audit.py` for the document."""
    full = arguments.flag("full")
    arguments.finish()
    return await verify_database(
        desk.database, desk.clock, full=full, progress=progress, is_polite=desk.is_serving
    )


async def verify_database(
    database: Database, clock: Clock, *, full: bool, progress: Progress, is_polite: bool = False
) -> Json:
    """The same without a book: one does not open over books that are wrong.

    What was proved is stored for the next time. `is_polite` takes twice the time and
    leaves half of it to others.
    """
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        message = f"checked {done:,} of {total:,} entries"
        loop.call_soon_threadsafe(progress, {"done": done, "total": total, "message": message})

    audit = Audit(now_ms=clock.wall_ms(), full=full, progress=tell)
    proved: list[CheckpointRow] = []
    is_done = False
    while not is_done:
        began = clock.monotonic()
        is_done = await database.run_read(audit.piece)
        proved += audit.take_checkpoints()
        if proved and (is_done or len(proved) >= CHECKPOINTS_AT_ONCE):
            await store_checkpoints(database, proved)
            proved.clear()
        if is_polite and not is_done:
            await asyncio.sleep(clock.monotonic() - began)
    return audit.verdict()


async def statement_page(desk: Desk, arguments: Arguments) -> Json:
    """A part of an account's statement, so that no history is too long to be sent.

    `rows` are entries (`EntryRow`) as lists; `next` and `end` are the `first`
    and `end` to ask for the following page with, `next` is None on the last.
    """
    account = await get_account(desk, arguments.text("name"))
    since_ms, until_ms = arguments.optional_time("since"), arguments.optional_time("until")
    first, end = arguments.optional_integer("first"), arguments.optional_integer("end")
    arguments.finish()

    def read(connection: Connection) -> Json:
        start, stop = first, end
        if start is None or stop is None:
            start, stop = _range(connection, account.id, since_ms, until_ms)
        cut = min(start + PAGE_ENTRIES, stop)
        opening = statement_reads.balance_after(connection, account.id, start - 1)
        rows = list(statement_reads.entries_between(connection, account.id, start, cut))
        return {
            "opening": opening,
            "rows": rows,
            "closing": rows[-1].balance_after if rows else opening,
            "next": cut if cut < stop else None,
            "end": stop,
        }

    return await desk.database.run_read(read)


async def refund(desk: Desk, arguments: Arguments) -> Json:
    """Give back a request's charge, once; the reversing entry."""
    request_id = arguments.text("request_id")
    reason = check_text("the reason", arguments.text("reason"))
    arguments.finish()
    entry = await desk.book.post(Refund(request_id, desk.actor, reason, desk.clock.wall_ms()))
    return entry_document(entry)


def _range(
    connection: Connection, account_id: str, since_ms: int | None, until_ms: int | None
) -> tuple[int, int]:
    """Numbers of the first entry of a span of time and of the one after its last."""
    last = statement_reads.last_seq(connection, account_id)
    first, end = 1, last + 1
    if since_ms is not None:
        first = statement_reads.first_seq_from(connection, account_id, since_ms, last)
    if until_ms is not None:
        end = statement_reads.first_seq_from(connection, account_id, until_ms, last)
    return first, max(first, end)
