"""Who operates the shop: people with roles, and keys for scripts."""

import json
from ipaddress import ip_network
from typing import Literal

from yiyuan.access.secret_text import new_management_key, secret_hash
from yiyuan.console import one_time_links
from yiyuan.console.arguments import Arguments
from yiyuan.console.names import check_name
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.panel.route import OPERATOR_READS, OWNER, Access, Nothing, Route
from yiyuan.panel.shapes import Asked, Line, Page, Shown, Url
from yiyuan.panel.visit import Visit, not_found
from yiyuan.store import management_keys as key_rows
from yiyuan.store import people, sessions
from yiyuan.store.management_keys import ManagementKeyRow
from yiyuan.store.people import UserRow

Role = Literal["owner", "finance", "support", "readonly"]


class Operator(Shown):
    """A person with a role."""

    user_id: str
    email: str
    role: Role
    has_totp: bool
    last_seen: str | None


class RoleAsk(Asked):
    """The role that whoever opens the link gets."""

    role: Role = "readonly"


class RoleChange(Asked):
    """Null makes a customer of an operator; the last owner stays one."""

    role: Role | None


class ManagementKey(Shown):
    """A key, without its secret."""

    id: str
    name: str
    hint: str
    role: Role
    allow_ip: list[str] | None
    expires: str | None
    created: str
    created_by: str
    last_used: str | None
    revoked: str | None


class NewManagementKey(Asked):
    """A name, a role, and perhaps where from and until when."""

    name: Line
    role: Role
    allow_ip: list[str] | None = None
    expires: str | None = None


class ManagementSecret(Shown):
    """The only time that the key is shown."""

    id: str
    key: str


async def list_operators(visit: Visit, _: Nothing) -> Page[Operator]:
    """Everybody with a role."""
    return Page(items=[_operator(row) for row in await people.operators(visit.desk.database)])


async def invite(visit: Visit, asked: RoleAsk) -> Url:
    """A one-time link that gives whoever opens it a role; 30 minutes."""
    return Url(url=await one_time_links.make_operator_link(visit.desk, asked.role))


async def change_role(visit: Visit, asked: RoleChange) -> Nothing:
    """Give a person another role, or none; their sessions end."""
    user = await _user(visit)
    visit.details["before"] = user.operator_role
    changed = await visit.desk.database.write([people.set_role(user.id, asked.role)])
    if changed != [1]:
        raise CommandError("not_allowed", "the last owner stays one")
    await visit.desk.database.write([sessions.end_other_sessions(user.id, "")])
    return Nothing()


async def reset(visit: Visit, _: Nothing) -> Url:
    """A one-time link for a new password; it takes the authenticator away as well."""
    user = await _user(visit)
    return Url(url=await one_time_links.make_reset(visit.desk, user.id))


async def list_keys(visit: Visit, _: Nothing) -> Page[ManagementKey]:
    """All management keys."""
    return Page(items=[_key(row) for row in await key_rows.management_keys(visit.desk.database)])


async def create_key(visit: Visit, asked: NewManagementKey) -> ManagementSecret:
    """Make a key for scripts; it is in this answer and nowhere else."""
    expires_at = Arguments({"expires": asked.expires}).optional_time("expires")
    now = visit.desk.clock.wall_ms()
    if expires_at is not None and expires_at <= now:
        raise CommandError("invalid_argument", "expires must be in the future")
    secret = new_management_key()
    row = ManagementKeyRow(
        id=new_id("mk"),
        name=check_name(asked.name),
        hash=secret_hash(secret),
        hint=f"yk-****{secret[-4:]}",
        role=asked.role,
        networks=json.dumps(_networks(asked.allow_ip)) if asked.allow_ip else None,
        created_by=visit.visitor.actor,
        created_at=now,
        expires_at=expires_at,
        last_used_at=None,
        revoked_at=None,
    )
    await visit.desk.database.write([key_rows.add_management_key(row)])
    visit.subject = row.id
    return ManagementSecret(id=row.id, key=secret)


async def revoke_key(visit: Visit, _: Nothing) -> Nothing:
    """End a key at once."""
    now = visit.desk.clock.wall_ms()
    statement = key_rows.revoke_management_key(visit.places["key"], now)
    if await visit.desk.database.write([statement]) != [1]:
        raise not_found("key")
    return Nothing()


async def _user(visit: Visit) -> UserRow:
    user = await people.find_user(visit.desk.database, visit.places["user"])
    if user is None or user.email == visit.places["user"]:
        raise not_found("person")
    return user


def _networks(texts: list[str]) -> list[str]:
    try:
        return [str(ip_network(text, strict=False)) for text in texts]
    except ValueError:
        message = "allow_ip must hold addresses or networks such as 203.0.113.0/24"
        raise CommandError("invalid_argument", message) from None


def _operator(row: UserRow) -> Operator:
    return Operator(
        user_id=row.id,
        email=row.email,
        role=row.operator_role,  # type: ignore[arg-type]  # the schema checks it
        has_totp=bool(row.totp_on),
        last_seen=None if row.last_seen_at is None else iso(row.last_seen_at),
    )


def _key(row: ManagementKeyRow) -> ManagementKey:
    return ManagementKey(
        id=row.id,
        name=row.name,
        hint=row.hint,
        role=row.role,  # type: ignore[arg-type]  # the schema checks it
        allow_ip=None if row.networks is None else json.loads(row.networks),
        expires=None if row.expires_at is None else iso(row.expires_at),
        created=iso(row.created_at),
        created_by=row.created_by,
        last_used=None if row.last_used_at is None else iso(row.last_used_at),
        revoked=None if row.revoked_at is None else iso(row.revoked_at),
    )


_PEOPLE = "/api/operator/operators"
_KEYS = "/api/operator/management-keys"
# Who may act is decided by people: no key makes another, or an operator.
_OWNER = Access("operator", OWNER, takes_keys=False)

ROUTES = (
    Route("GET", _PEOPLE, OPERATOR_READS, list_operators, Page[Operator]),
    Route("POST", f"{_PEOPLE}/invite", _OWNER, invite, Url, RoleAsk),
    Route("PATCH", f"{_PEOPLE}/{{user}}", _OWNER, change_role, Nothing, RoleChange),
    Route("POST", f"{_PEOPLE}/{{user}}/reset", _OWNER, reset, Url),
    Route("GET", _KEYS, _OWNER, list_keys, Page[ManagementKey]),
    Route("POST", _KEYS, _OWNER, create_key, ManagementSecret, NewManagementKey),
    Route("DELETE", f"{_KEYS}/{{key}}", _OWNER, revoke_key, Nothing),
)
