"""The queue between whoever writes a mail and the mail server.

At most 200 mails wait; three are on their way at once; what is not taken is tried again
after 1, 5 and 30 minutes and then shown to the operator. The queue is in memory: codes
can be asked for again, and what must not be lost lies in the outbox of notices.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from yiyuan.kernel.clock import Clock
from yiyuan.services.mail.message import Mail, compose
from yiyuan.services.mail.smtp import MailRefused, SmtpSettings, hand_in

WAITING_MAX: Final = 200
WORKERS: Final = 3
RETRY_SECONDS: Final = (60.0, 300.0, 1800.0)
STUCK_KEPT: Final = 50


@dataclass(slots=True, frozen=True)
class Stuck:
    """A mail that was given up; whose it was is shown in part only."""

    kind: str
    domain: str
    reason: str
    at: int


@dataclass(slots=True)
class PostboxStats:
    """What became of mails since the start."""

    sent: int = 0
    given_up: int = 0
    turned_away: int = 0
    """The queue was full."""


class Postbox:
    """Sends mails one after another, with patience."""

    def __init__(
        self,
        settings: Callable[[], Awaitable[SmtpSettings]],
        clock: Clock,
        retry_seconds: tuple[float, ...] = RETRY_SECONDS,
    ) -> None:
        """`settings` is asked before each try, so that a correction is followed at once."""
        self._settings = settings
        self._clock = clock
        self._retry_seconds = retry_seconds
        self._queue: asyncio.Queue[tuple[Mail, int]] = asyncio.Queue()
        self._waiting = 0
        self._workers: list[asyncio.Task[None]] = []
        self._later: set[asyncio.TimerHandle] = set()
        self._is_closed = False
        self.stats = PostboxStats()
        self.stuck: deque[Stuck] = deque(maxlen=STUCK_KEPT)
        self.last_reason = ""
        """Why the last try did not work; empty after one that did."""

    def start(self) -> None:
        """Begin sending, on the running loop."""
        for number in range(WORKERS):
            task = asyncio.get_running_loop().create_task(self._work(), name=f"mail-{number}")
            self._workers.append(task)

    async def close(self) -> None:
        """Stop; what waits is dropped."""
        self._is_closed = True  # a mail server that is left may make another error of the end
        for timer in self._later:
            timer.cancel()
        for task in self._workers:
            task.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)
        self._workers.clear()

    @property
    def waiting(self) -> int:
        """Mails that are not sent yet, those on their way included."""
        return self._waiting

    @property
    def is_full(self) -> bool:
        """Whether a mail would be turned away now."""
        return self._waiting >= WAITING_MAX

    def put(self, mail: Mail) -> bool:
        """Send it soon; False when too many wait already."""
        if self.is_full:
            self.stats.turned_away += 1
            return False
        self._waiting += 1
        self._queue.put_nowait((mail, 0))
        return True

    async def send_now(self, mail: Mail) -> None:
        """Send it while the caller waits. Raises MailRefused."""
        settings = await self._settings()
        if not settings.is_complete:
            raise MailRefused("no mail server is set", is_final=False)
        now = self._clock.wall_ms() / 1000
        try:
            message = compose(mail, settings.sender, settings.reply_to, now)
        except ValueError as error:
            raise MailRefused(str(error), is_final=True) from None
        await hand_in(settings, message)

    async def _work(self) -> None:
        while not self._is_closed:
            mail, tries = await self._queue.get()
            try:
                await self.send_now(mail)
            except MailRefused as refused:
                self._failed(mail, tries, refused)
            else:
                self._waiting -= 1
                self.stats.sent += 1
                self.last_reason = ""

    def _failed(self, mail: Mail, tries: int, refused: MailRefused) -> None:
        self.last_reason = refused.reason
        if refused.is_final or tries >= len(self._retry_seconds):
            self._waiting -= 1
            self.stats.given_up += 1
            domain = mail.to.rpartition("@")[2]
            self.stuck.append(Stuck(mail.kind, domain, refused.reason, self._clock.wall_ms()))
            return
        loop = asyncio.get_running_loop()

        def again() -> None:
            self._later.discard(timer)
            self._queue.put_nowait((mail, tries + 1))

        timer = loop.call_later(self._retry_seconds[tries], again)
        self._later.add(timer)
