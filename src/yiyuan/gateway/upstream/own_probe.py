"""A probe of ours: does an upstream fail for everybody, or for one account's requests?

It asks for the list of models with the key in question, which costs nothing anywhere and
has nothing of a customer's in it. A key that answers it keeps serving the others; one
that does not, or refuses, is closed for all. Each key is asked at most every ten seconds.
"""

import asyncio

from yiyuan.gateway.upstream.attempt_error import KEY_REFUSED
from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.retry_after import retry_after_seconds
from yiyuan.kernel.clock import Clock
from yiyuan.routing.own_call import own_call
from yiyuan.routing.router import Candidate, Router
from yiyuan.routing.sessions import CredentialFailed, Sessions

TIMEOUT_SECONDS = 10.0
BETWEEN_SECONDS = 10.0
KEPT_MAX = 1_000
REFUSED = KEY_REFUSED | {403, 429}


class OwnProbes:
    """The probes of one process."""

    def __init__(self, client: Client, router: Router, sessions: Sessions, clock: Clock) -> None:
        """`router` is told what a probe met."""
        self._client = client
        self._router = router
        self._sessions = sessions
        self._clock = clock
        self._asked_at: dict[tuple[str, str], float] = {}
        self._running: set[asyncio.Task[None]] = set()

    def look_at(self, candidate: Candidate) -> None:
        """Ask the candidate's upstream soon, unless it was asked just now."""
        key, now = (candidate.channel.id, candidate.key.id), self._clock.monotonic()
        asked = self._asked_at.get(key)
        is_recent = asked is not None and now - asked < BETWEEN_SECONDS
        if is_recent or candidate.channel.provider.answer is not None:
            return
        if len(self._asked_at) >= KEPT_MAX:
            self._asked_at.clear()
        self._asked_at[key] = now
        task = asyncio.ensure_future(self._probe(candidate))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _probe(self, candidate: Candidate) -> None:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                wait = await self._ask(candidate)
        except (UpstreamFailure, CredentialFailed, TimeoutError):
            wait = 0.0
        if wait is not None:
            self._router.report_probed(candidate, wait)

    async def _ask(self, candidate: Candidate) -> float | None:
        """None when it answers; else the seconds that it asks to wait."""
        channel = candidate.channel
        secret = await self._sessions.secret_of(channel, candidate.key)
        headers = [*channel.headers, *channel.provider.credential(secret)]
        url = channel.provider.models_url(channel.base_url)
        call = own_call(channel, "GET", url, headers, b"", TIMEOUT_SECONDS)
        response = await self._client.send(call)
        response.close()
        if response.status < 500 and response.status not in REFUSED:
            return None
        return retry_after_seconds(response.headers, self._clock.wall_ms()) or 0.0
