"""Counts how requests ended, by model and hour, for the status page.

Whoever answers a request only adds to a count in memory; a task writes every two seconds,
in one transaction. What could not be written is kept for the next time, within bounds:
an hour in which the database was away is the very one that people will ask about.
"""

from collections import defaultdict
from typing import Final

from yiyuan.kernel.calendar import HOUR_MS
from yiyuan.kernel.clock import Clock
from yiyuan.services.requests.rounds import WrittenInRounds
from yiyuan.store.database import Database, Statement
from yiyuan.store.errors import REFUSED, LedgerUnavailable
from yiyuan.store.tables.requests.model_hours import ModelHourRow, count_hour, trim_hours

WRITE_SECONDS: Final = 2.0
COUNTED_MAX: Final = 5_000
"""Models and hours that wait at most; further ones are not counted."""

Counts = defaultdict[tuple[int, str], list[int]]


class ModelHours(WrittenInRounds):
    """What one process counts."""

    write_seconds = WRITE_SECONDS

    def __init__(self, database: Database, clock: Clock) -> None:
        """Nothing is written before `start`."""
        self._database, self._clock = database, clock
        self._counts: Counts = defaultdict(lambda: [0, 0])
        self._trimmed_at = -1

    def note(self, model: str, at_ms: int, *, is_failed: bool) -> None:
        """Count a request of the hour in which it was admitted (wall-clock ms)."""
        key = (at_ms // HOUR_MS, model)
        if len(self._counts) < COUNTED_MAX or key in self._counts:
            self._counts[key][is_failed] += 1

    async def write(self) -> None:
        """Write what has come together; in order, so that no two nodes wait for each other."""
        if not self._counts:
            return
        counts, self._counts = self._counts, defaultdict(lambda: [0, 0])
        statements: list[Statement] = [
            count_hour(ModelHourRow(hour, model, *ended))
            for (hour, model), ended in sorted(counts.items())
        ]
        now = self._clock.wall_ms() // HOUR_MS
        if now != self._trimmed_at:
            statements.append(trim_hours(now))
        try:
            await self._database.write(statements)
            self._trimmed_at = now
        except (LedgerUnavailable, *REFUSED):
            for key, ended in counts.items():
                if len(self._counts) < COUNTED_MAX or key in self._counts:
                    self._counts[key] = [
                        a + b for a, b in zip(self._counts[key], ended, strict=True)
                    ]
