"""Keeps requests that ended with an error where operators find them, within bounds.

Whoever answers a request only appends to memory; a task writes a few times a second, in one
transaction each. When more come than are written, the rest is counted by the minute and not
kept whole; callers whose key belongs to nobody never take the room of customers. What cannot
be written is dropped: nothing waits for it.
"""

from collections import Counter
from typing import Final

from yiyuan.kernel.clock import Clock
from yiyuan.services.requests.rounds import WrittenInRounds
from yiyuan.store.database import Database
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.store.tables.requests.refusals import (
    RefusalMinute,
    RefusalRow,
    add_refusal,
    count_refusals,
    trim,
)

WRITE_SECONDS: Final = 0.2
WHOLE_MAX: Final = 200
"""Kept whole of one write."""
NOBODY_MAX: Final = 10
"""The same of those whose account is not known."""
COUNTED_MAX: Final = 2_000
"""Different counts of one write; more are counted without account and model."""
TRIM_WRITES: Final = 300
MODEL_CHARACTERS_MAX: Final = 128
_MINUTE_MS: Final = 60_000
_ANY: Final = "-"


class RefusalLog(WrittenInRounds):
    """What one process keeps."""

    write_seconds = WRITE_SECONDS

    def __init__(self, database: Database, clock: Clock) -> None:
        """Nothing is written before `start`."""
        self._database, self._clock = database, clock
        self._whole: list[RefusalRow] = []
        self._nobody = 0
        self._counts: Counter[RefusalMinute] = Counter()
        self._writes = 0
        self.dropped_total = 0

    def note(self, row: RefusalRow, model: str) -> None:
        """Remember one; `model` is its name where there is such a model, else `-`."""
        minute = RefusalMinute(row.at // _MINUTE_MS, row.account_id or "", model, row.code)
        if minute not in self._counts and len(self._counts) >= COUNTED_MAX:
            minute = minute._replace(account_id="", model=_ANY)
        self._counts[minute] += 1
        if row.account_id is None:
            self._nobody += 1
        if len(self._whole) < WHOLE_MAX and (row.account_id or self._nobody <= NOBODY_MAX):
            self._whole.append(row._replace(model=_printable(row.model)))

    async def write(self) -> None:
        """Write what has come together."""
        whole, counts = self._whole, self._counts
        if not counts:
            return
        self._whole, self._counts, self._nobody = [], Counter(), 0
        statements = [add_refusal(row) for row in whole]
        statements += [count_refusals(minute, count) for minute, count in sorted(counts.items())]
        try:
            await self._database.write(statements)
            self._writes += 1
            if self._writes % TRIM_WRITES == 1:
                await trim(self._database, self._clock.wall_ms())
        except (LedgerUnavailable, *REFUSED):
            self.dropped_total += counts.total()


def _printable(text: str) -> str:
    """A client's name for a model, so that it can be stored."""
    kept = "".join(c for c in text[:MODEL_CHARACTERS_MAX] if c.isprintable())
    return kept.encode(errors="replace").decode()
