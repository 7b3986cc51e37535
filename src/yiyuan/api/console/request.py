"""One call of the console's API: who calls, from where, and what they may touch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from yiyuan.auth.password import Passwords
from yiyuan.http.client.client import Client
from yiyuan.kernel.errors import Header
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.router import Router
from yiyuan.services.people.identity.conversation import Conversations
from yiyuan.services.people.sign_in.caller import Caller, SessionRow, UserRow
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings
from yiyuan.telemetry.metrics import Metrics


@dataclass(slots=True, frozen=True)
class ConsoleState:
    """What stays the same from call to call; made in `app/application.py`."""

    context: ServiceContext
    catalog: Callable[[], Catalog]
    client: Client
    router: Router
    metrics: Metrics
    passwords: Passwords
    conversations: Conversations
    site: Callable[[], SiteSettings]
    version: str


@dataclass(slots=True)
class ConsoleRequest:
    """One call."""

    house: ConsoleState
    context: ServiceContext
    """The house's, with the caller as its actor."""
    visitor: Caller
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
    is_noted: bool = False
    """Whether the audit log has the call although no operator makes it."""
    subject: str = ""
    """What an action was about, for the audit log; the path's last place if empty."""
    reason: str = ""
    secrets: set[str] = field(default_factory=set)
    """Fields of what was asked that the audit log leaves out, beside those it knows."""
    details: dict[str, Any] = field(default_factory=dict)
    """What was before and after, for the audit log; never a secret."""

    @property
    def account_id(self) -> str:
        """The account that the path names; `server.py` has checked that it may be touched."""
        return self.places["account"]

    @property
    def sees_own_tokens_only(self) -> bool:
        """Whether tokens of others, and what was done with them, are none of the caller's."""
        role = self.visitor.member_role(self.places.get("account", ""))
        return role in ("billing", "developer") and self.visitor.role is None

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


def not_found(what: str) -> ServiceError:
    """404: there is none, or it is somebody else's; which of them is not told."""
    return ServiceError("not_found", f"there is no such {what}")
