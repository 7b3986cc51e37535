"""Tries channels that a breaker keeps requests from and that nobody asks for.

With traffic the next request is the probe. Without any, a channel would stay down until
somebody's request finds out: so one tiny real request is sent after a minute, after five
and after fifteen, and then every hour. The operator pays for it; no account is charged.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from yiyuan.http.client.client import Client
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.evidence import Fault
from yiyuan.routing.router import Candidate, Router
from yiyuan.services.channels.check import check_model

PAUSES_SECONDS: Final = (60.0, 240.0, 600.0, 3600.0)
"""Before the first probe, and between one and the next; the last one repeats."""
_REFUSED: Final = (401, 402)


class IdleProbes:
    """The probes of one process."""

    def __init__(
        self,
        client: Client,
        router: Router,
        catalog: Callable[[], Catalog],
        clock: Callable[[], float],
    ) -> None:
        """`clock` gives monotonic seconds."""
        self._client = client
        self._router = router
        self._catalog = catalog
        self._clock = clock
        self._due: dict[tuple[str, str, str], tuple[float, int]] = {}
        """When each is tried next, and how often it was."""

    async def look(self) -> None:
        """Try those whose time has come."""
        now, waiting = self._clock(), dict[tuple[str, str, str], tuple[float, int]]()
        probes = []
        for candidate in self._router.idle(self._catalog()):
            name = (candidate.channel.id, candidate.key.id, candidate.model)
            due, count = self._due.get(name, (now + PAUSES_SECONDS[0], 0))
            if now >= due and candidate.channel.provider.answer is None:
                probes.append(self._probe(candidate))
                count += 1
                due = now + PAUSES_SECONDS[min(count, len(PAUSES_SECONDS) - 1)]
            waiting[name] = (due, count)
        self._due = waiting | {
            name: kept
            for name, kept in self._due.items()
            if name not in waiting and kept[0] > now and kept[1] > 0
        }
        await asyncio.gather(*probes)

    async def _probe(self, candidate: Candidate) -> None:
        if not self._router.admit(candidate):
            return
        is_told = False
        try:
            found = await check_model(
                self._client, candidate.channel, candidate.model, candidate.key
            )
            if found.is_ok:
                self._router.report_success(candidate)
            else:
                fault = Fault.KEY if found.status in _REFUSED else Fault.UPSTREAM
                self._router.report_failure(candidate, fault=fault)
            is_told = True
        finally:
            if not is_told:
                self._router.report_abandoned(candidate)
