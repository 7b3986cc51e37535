"""What a service works with: the open home and who asks. `opening.py` opens and closes it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from yiyuan.auth.secret_key import SecretKeys
from yiyuan.http.client.client import Client
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.settings import Settings
from yiyuan.ledger.contract import Ledger
from yiyuan.ratelimit.contract import Limiter
from yiyuan.routing.router import Router
from yiyuan.store.database import Database


class MailQueue(Protocol):
    """What sends mails: `services/mail/postbox.py`."""

    @property
    def is_full(self) -> bool:
        """Whether a mail would be turned away now."""
        ...

    def put(self, mail: Any, /) -> bool:
        """Send it soon; False when too many wait."""
        ...

    async def send_now(self, mail: Any, /) -> None:
        """Send it while the caller waits."""
        ...


async def _no_reload() -> None:
    """Without a server, nobody needs to follow a change."""


@dataclass(slots=True, kw_only=True)
class ServiceContext:
    """What use-cases work with."""

    settings: Settings
    clock: Clock
    database: Database
    ledger: Ledger
    secrets: SecretKeys
    reload: Callable[[], Awaitable[None]] = _no_reload
    """Called after each change of catalog or API tokens; the server replaces it."""
    limiter: Limiter | None = None
    """The server's, when there is one; so is the next."""
    router: Router | None = None
    postbox: MailQueue | None = None
    """The server's queue of mails, when there is one."""
    actor: str = "operator"
    """Who is at the desk, as entries name them: a person's or key's id, or `operator` for
    whoever has the machine."""
    user_id: str | None = None
    """The person who is signed in, where it is one."""
    resting_methods: dict[str, int] = field(default_factory=dict)
    """Ways to pay that failed too often a moment ago, by id, and until when (ms)."""
    untrusted_forwarder: str = ""
    """A peer that sent forwarded headers and is no proxy that we trust."""
    catalog_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held from comparing a catalog to writing it."""
    client: Client | None = None
    """The server's way out, when there is one; `outbound.py` opens one otherwise."""
    tried_at: dict[str, int] = field(default_factory=dict)
    """When what is tried only now and then was last tried, wall-clock ms."""
    import_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while another shop is taken over, compared or forgotten: one at a time."""

    @property
    def is_serving(self) -> bool:
        """Whether this process answers requests, and long work must leave room for them."""
        return self.limiter is not None
