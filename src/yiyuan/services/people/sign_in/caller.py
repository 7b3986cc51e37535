"""Who calls: a person by their session, a script by its management key, or somebody unknown.

An API token is no management key, and neither is the other way round: they have
different prefixes and lie in different tables.
"""

import json
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Final

from yiyuan.auth.opaque_secret import MANAGEMENT_KEY_PREFIX, secret_hash
from yiyuan.services.people.sign_in.enforcement import WaitsFor, waits_for
from yiyuan.services.people.sign_in.sessions import TOUCH_MS, find_session
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.management_keys import (
    ManagementKeyRow,
    find_management_key,
    saw_management_key,
)
from yiyuan.store.tables.people.sessions import SessionRow
from yiyuan.store.tables.people.users import AccountName, UserRow

__all__ = ["AccountName", "Caller", "SessionRow", "UserRow", "by_key", "by_session", "no_such_key"]

_SECRET_CHARACTERS_MAX: Final = 200


@dataclass(slots=True, frozen=True)
class Caller:
    """Who calls: a person by session, a script by key, or somebody unknown."""

    user: UserRow | None = None
    session: SessionRow | None = None
    key: ManagementKeyRow | None = None
    accounts: tuple[AccountName, ...] = ()
    waits_for: WaitsFor | None = None
    """What the session lacks before the person's operator's role counts."""

    @property
    def role(self) -> str | None:
        """The operator's role that the caller has now."""
        if self.key is not None:
            return self.key.role
        if self.user is None or self.waits_for is not None:
            return None
        return self.user.operator_role

    @property
    def actor(self) -> str:
        """How entries and the audit log name the caller: an id."""
        if self.key is not None:
            return self.key.id
        return "nobody" if self.user is None else self.user.id

    @property
    def user_id(self) -> str | None:
        """The person who is signed in, where it is one."""
        return None if self.user is None else self.user.id

    @property
    def name(self) -> str:
        """What people know the caller by."""
        if self.key is not None:
            return self.key.name
        return "" if self.user is None else self.user.email

    def member_role(self, account_id: str) -> str | None:
        """What the caller is in an account; None where they are no member."""
        return next((a.role for a in self.accounts if a.id == account_id), None)

    def is_member(self, account_id: str) -> bool:
        """Whether the caller belongs to an account."""
        return any(account.id == account_id for account in self.accounts)


async def by_session(context: ServiceContext, secret: str, rule: str) -> Caller:
    """Whoever has the secret of a session; nobody known if it is of none that is open.

    `rule` says how operators must have signed in.
    """
    if len(secret) > _SECRET_CHARACTERS_MAX:
        return Caller()
    found = await find_session(context, secret)
    if found is None:
        return Caller()
    user, session = found
    accounts = await users.accounts_of(context.database, user.id)
    lack = waits_for(
        rule, user.operator_role, session.method, has_second_factor=bool(session.second_factor)
    )
    return Caller(user=user, session=session, accounts=tuple(accounts), waits_for=lack)


async def by_key(context: ServiceContext, bearer: str, address: str) -> Caller:
    """The script that sends a management key; its use is noted every few minutes.

    Raises ServiceError `not_signed_in` for a bearer that is none of ours, `not_allowed` for
    an address that the key may not be used from.
    """
    if not bearer.startswith(MANAGEMENT_KEY_PREFIX):
        raise no_such_key()
    row = await find_management_key(
        context.database, secret_hash(bearer.strip()[:_SECRET_CHARACTERS_MAX])
    )
    now = context.clock.wall_ms()
    if row is None or row.revoked_at is not None:
        raise no_such_key()
    if row.expires_at is not None and row.expires_at <= now:
        raise no_such_key()
    if row.networks is not None and not _is_inside(address, json.loads(row.networks)):
        raise ServiceError("not_allowed", "this key may not be used from this address")
    if row.last_used_at is None or now - row.last_used_at > TOUCH_MS:
        await context.database.write([saw_management_key(row.id, now)])
    return Caller(key=row)


def no_such_key() -> ServiceError:
    """401: a bearer that is no good key is refused, even where nobody needs to be known."""
    message = "the bearer is no management key of ours, or is revoked or expired"
    return ServiceError("not_signed_in", message)


def _is_inside(address: str, networks: list[str]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in ip_network(network) for network in networks)
