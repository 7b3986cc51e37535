"""What is kept of requests when they have ended, beside the ledger: refusals, and counts."""

from yiyuan.kernel.clock import Clock
from yiyuan.services.requests.model_hours import ModelHours
from yiyuan.services.requests.refusals import RefusalLog
from yiyuan.store.database import Database


class EndedRequests:
    """The two of one process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Nothing is written before `start`."""
        self.refusals = RefusalLog(database, clock)
        self.model_hours = ModelHours(database, clock)

    def start(self) -> None:
        """Begin writing."""
        self.refusals.start()
        self.model_hours.start()

    async def close(self) -> None:
        """Write what is left, and end."""
        await self.refusals.close()
        await self.model_hours.close()
