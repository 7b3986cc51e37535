"""Who operates the shop: people with roles, and keys for scripts."""

import json
from ipaddress import ip_network
from typing import Literal

import msgspec

from yiyuan.auth.opaque_secret import new_management_key, secret_hash
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.services.people.commands import get_person
from yiyuan.services.people.roles import change_role
from yiyuan.services.shared.answer import Answer, time_text
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing, Request, invalid, time_of
from yiyuan.services.shared.validation import check_name
from yiyuan.store.tables.people import management_keys as key_rows
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.management_keys import ManagementKeyRow
from yiyuan.store.tables.people.users import UserRow

Role = Literal["owner", "finance", "support", "readonly"]


class Operator(Answer):
    """A person with a role."""

    user_id: str
    email: str
    role: Role
    has_totp: bool
    last_seen: str | None


class ManagementKey(Answer):
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


class ManagementSecret(Answer):
    """The only time that the key is shown."""

    id: str
    key: str


class ChangeRole(Request):
    """A person by e-mail or id; a role of `none` makes a customer of an operator."""

    person: str
    role: Literal["owner", "finance", "support", "readonly", "none"]


class NewManagementKey(Request):
    """A name, a role, and perhaps where from and until when."""

    name: str
    role: Role
    allow_ip: list[str] | None = None
    expires: str | None = None


class OneKey(Request):
    """A management key by its id."""

    id: str


@command("operator.list", reads=True)
async def list_all(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """Everybody with a role."""
    return {"operators": msgspec.to_builtins(await list_operators(context))}


@command("operator.role")
async def set_role(context: ServiceContext, request: ChangeRole) -> Json:
    """Give a person another role, or none; their sessions end."""
    user = await get_person(context, request.person)
    role = None if request.role == "none" else request.role
    await change_role(context, user, role)
    return {"id": user.id, "email": user.email, "role": role}


@command("operator.key_create")
async def create_key(context: ServiceContext, request: NewManagementKey) -> Json:
    """Make a key for scripts: `{"id", "key"}`, the only time that it is shown."""
    made: Json = msgspec.to_builtins(await make_key(context, request))
    return made


@command("operator.key_list", reads=True)
async def list_keys(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """All management keys, without their secrets."""
    return {"keys": msgspec.to_builtins(await management_keys(context))}


@command("operator.key_revoke")
async def revoke(context: ServiceContext, request: OneKey) -> Json:
    """End a key at once."""
    await revoke_key(context, request.id)
    return {"id": request.id}


async def list_operators(context: ServiceContext) -> list[Operator]:
    """Everybody with a role, the first one first."""
    return [_operator(row) for row in await users.operators(context.database)]


async def management_keys(context: ServiceContext) -> list[ManagementKey]:
    """All keys for scripts."""
    return [_key(row) for row in await key_rows.management_keys(context.database)]


async def make_key(context: ServiceContext, request: NewManagementKey) -> ManagementSecret:
    """Make a key for scripts; it is in this answer and nowhere else."""
    expires_at, now = time_of("expires", request.expires), context.clock.wall_ms()
    if expires_at is not None and expires_at <= now:
        raise invalid("expires", "must be in the future")
    secret = new_management_key()
    row = ManagementKeyRow(
        id=new_id("mk"),
        name=check_name(request.name),
        hash=secret_hash(secret),
        hint=f"yk-****{secret[-4:]}",
        role=request.role,
        networks=json.dumps(_networks(request.allow_ip)) if request.allow_ip else None,
        created_by=context.actor,
        created_at=now,
        expires_at=expires_at,
        last_used_at=None,
        revoked_at=None,
    )
    await context.database.write([key_rows.add_management_key(row)])
    return ManagementSecret(id=row.id, key=secret)


async def revoke_key(context: ServiceContext, key_id: str) -> None:
    """End a key at once. Raises ServiceError `not_found`."""
    statement = key_rows.revoke_management_key(key_id, context.clock.wall_ms())
    if await context.database.write([statement]) != [1]:
        raise ServiceError("not_found", "there is no such key")


def _networks(texts: list[str]) -> list[str]:
    try:
        return [str(ip_network(text, strict=False)) for text in texts]
    except ValueError:
        message = "allow_ip must hold addresses or networks such as 203.0.113.0/24"
        raise ServiceError("invalid_argument", message) from None


def _operator(row: UserRow) -> Operator:
    return Operator(
        user_id=row.id,
        email=row.email,
        role=row.operator_role,  # type: ignore[arg-type]  # the schema checks it
        has_totp=bool(row.totp_on),
        last_seen=time_text(row.last_seen_at),
    )


def _key(row: ManagementKeyRow) -> ManagementKey:
    return ManagementKey(
        id=row.id,
        name=row.name,
        hint=row.hint,
        role=row.role,  # type: ignore[arg-type]  # the schema checks it
        allow_ip=None if row.networks is None else json.loads(row.networks),
        expires=time_text(row.expires_at),
        created=iso(row.created_at),
        created_by=row.created_by,
        last_used=time_text(row.last_used_at),
        revoked=time_text(row.revoked_at),
    )
