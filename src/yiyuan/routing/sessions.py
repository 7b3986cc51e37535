"""Tokens that secrets are traded for: kept while they live, refreshed by one request at a time.

A key whose secret is sent as it is costs one look and no wait. For one that is to be
traded, the first request posts the form and all others that need it wait for the same
answer; a token is renewed five minutes before its end. A refresh that fails is a
failure of that key: its text names no secret, and it is not repeated for some seconds.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.integrations.providers.contract import Session, Token, WrongSecret
from yiyuan.routing.channel import Channel, UpstreamKey
from yiyuan.routing.own_call import own_call

EARLY_SECONDS = 300.0
TIMEOUT_SECONDS = 10.0
RETRY_SECONDS = 5.0
ANSWER_BYTES_MAX = 65_536
KEPT_MAX = 1000
_FORM = ("content-type", "application/x-www-form-urlencoded")


class CredentialFailed(Exception):
    """No token was to be had; the text is for the log and holds no secret."""


@dataclass(slots=True)
class _Kept:
    token: str
    good_until: float
    """Monotonic seconds; renewed before."""


class Sessions:
    """The tokens of one process."""

    def __init__(self, client: Client, clock: Callable[[], float], wall: Callable[[], int]) -> None:
        """`clock` gives monotonic seconds, `wall` Unix milliseconds."""
        self._client = client
        self._clock = clock
        self._wall = wall
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._refused: dict[tuple[str, str], tuple[float, str]] = {}
        self._running: dict[tuple[str, str], asyncio.Task[str]] = {}

    async def secret_of(self, channel: Channel, key_of: UpstreamKey) -> str:
        """What goes into the request's credential. Raises CredentialFailed."""
        session, secret = channel.provider.session, key_of.secret
        if session is None or not session.applies(secret):
            return secret
        key = (channel.id, key_of.id)
        kept = self._kept.get(key)
        if kept is not None and self._clock() < kept.good_until:
            return kept.token
        refused = self._refused.get(key)
        if refused is not None and self._clock() < refused[0]:
            raise CredentialFailed(refused[1])
        task = self._running.get(key)
        if task is None:
            task = asyncio.ensure_future(self._refresh(key, session, channel, secret))
            self._running[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return await asyncio.shield(task)

    def _ended(self, key: tuple[str, str], task: asyncio.Task[str]) -> None:
        self._running.pop(key, None)
        if not task.cancelled() and task.exception() is not None:
            self._refused[key] = (self._clock() + RETRY_SECONDS, str(task.exception()))

    async def _refresh(
        self, key: tuple[str, str], session: Session, channel: Channel, secret: str
    ) -> str:
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                token = await self._trade(session, channel, secret)
        except TimeoutError:
            raise CredentialFailed("the token endpoint did not answer in time") from None
        except (UpstreamFailure, WrongSecret) as error:
            raise CredentialFailed(str(error)) from error
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
            self._refused.clear()
        life = max(token.seconds - EARLY_SECONDS, token.seconds / 2)
        self._kept[key] = _Kept(token.value, self._clock() + life)
        self._refused.pop(key, None)
        return token.value

    async def _trade(self, session: Session, channel: Channel, secret: str) -> Token:
        trade = session.trade(secret, channel.base_url, self._wall() // 1000)
        body = urlencode(trade.form).encode()
        call = own_call(channel, "POST", trade.url, (_FORM,), body, TIMEOUT_SECONDS)
        response = await self._client.send(call)
        try:
            return session.read(await response.read(ANSWER_BYTES_MAX))
        finally:
            response.close()
