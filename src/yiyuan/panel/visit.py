"""One call of the console's API: who calls, from where, and what they may touch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from yiyuan.access.backoff import Backoff
from yiyuan.access.password import Passwords
from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.console.site import SiteValues
from yiyuan.kernel.errors import Header
from yiyuan.observe.metrics import Metrics
from yiyuan.store.management_keys import ManagementKeyRow
from yiyuan.store.people import AccountName, UserRow
from yiyuan.store.sessions import SessionRow
from yiyuan.upstream.catalog import Catalog
from yiyuan.upstream.http_client import Client
from yiyuan.upstream.router import Router


@dataclass(slots=True, frozen=True)
class House:
    """What stays the same from call to call; made in `shop.py`."""

    desk: Desk
    catalog: Callable[[], Catalog]
    client: Client
    router: Router
    metrics: Metrics
    passwords: Passwords
    sign_in_backoff: Backoff
    code_backoff: Backoff
    site: Callable[[], SiteValues]
    version: str


@dataclass(slots=True, frozen=True)
class Visitor:
    """Who calls: a person by session, a script by key, or somebody unknown."""

    user: UserRow | None = None
    session: SessionRow | None = None
    key: ManagementKeyRow | None = None
    accounts: tuple[AccountName, ...] = ()

    @property
    def role(self) -> str | None:
        """The operator's role that the caller has."""
        if self.key is not None:
            return self.key.role
        return None if self.user is None else self.user.operator_role

    @property
    def actor(self) -> str:
        """How entries and the audit log name the caller: an id."""
        if self.key is not None:
            return self.key.id
        return "nobody" if self.user is None else self.user.id

    @property
    def name(self) -> str:
        """What people know the caller by."""
        if self.key is not None:
            return self.key.name
        return "" if self.user is None else self.user.email

    def is_member(self, account_id: str) -> bool:
        """Whether the caller belongs to an account."""
        return any(account.id == account_id for account in self.accounts)


@dataclass(slots=True)
class Visit:
    """One call."""

    house: House
    desk: Desk
    """The house's, with the caller as its actor."""
    visitor: Visitor
    places: dict[str, str]
    """What stands in the path's places."""
    language: str
    address: str
    agent: str
    is_secure: bool
    """Whether the caller reached us by https."""
    request_id: str
    headers: dict[str, str]
    answer_headers: list[Header] = field(default_factory=list)
    subject: str = ""
    """What an action was about, for the audit log; the path's last place if empty."""
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    """What was before and after, for the audit log; never a secret."""

    @property
    def account_id(self) -> str:
        """The account that the path names; `server.py` has checked that it may be touched."""
        return self.places["account"]

    @property
    def user(self) -> UserRow:
        """The person who calls; routes for persons only."""
        assert self.visitor.user is not None, "the route is for persons"
        return self.visitor.user

    @property
    def session(self) -> SessionRow:
        """The session by which they call."""
        assert self.visitor.session is not None, "the route is for persons"
        return self.visitor.session


def not_found(what: str) -> CommandError:
    """404: there is none, or it is somebody else's; which of them is not told."""
    return CommandError("not_found", f"there is no such {what}")
