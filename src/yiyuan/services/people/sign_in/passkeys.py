"""A person's own passkeys: added, listed, named, taken away."""

from typing import Final
from urllib.parse import urlsplit

from yiyuan.i18n.message import Message
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.services.people.sign_in.enforcement import check_factor_stays
from yiyuan.services.people.sign_in.passkey_proof import (
    Answered,
    Asked,
    begin,
    no_such_passkey,
    not_believed,
    note_passkey,
    relying_party,
    use,
)
from yiyuan.services.shared.answer import Answer, time_text
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.validation import check_name
from yiyuan.store.tables.people import passkeys as rows
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.passkeys import PasskeyRow
from yiyuan.store.tables.people.users import UserRow

PASSKEYS_MAX: Final = 20


class Passkey(Answer):
    """One passkey of a person."""

    id: str
    name: str
    created: str
    last_used: str | None
    is_synced: bool
    """Whether it is kept by a service of its maker, so that losing a device loses nothing."""
    works_here: bool
    """False after the public address has moved to another host."""


async def list_passkeys(context: ServiceContext, user_id: str) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    host = urlsplit(context.settings.public_url).hostname
    return [_shown(row, host) for row in await rows.passkeys_of(context.database, user_id)]


async def ask_for_new(
    context: ServiceContext, site_name: str, user: UserRow, session_id: str
) -> Asked:
    """Begin to add one. Raises ServiceError `passkeys_unavailable`, `too_many_passkeys`."""
    relying, passkey = relying_party(context, site_name)
    kept = await rows.passkeys_of(context.database, user.id)
    if len(kept) >= PASSKEYS_MAX:
        raise _too_many()
    known = [row.credential_id for row in kept]
    cookie, challenge = await begin(context, "register", user.id, session_id)
    options = passkey.registration(relying, user.id, user.email, challenge, known)
    return Asked(options, cookie)


async def keep_new(
    context: ServiceContext,
    site_name: str,
    user: UserRow,
    session_id: str,
    name: str,
    given: Answered,
) -> Passkey:
    """Add the one that the browser made. Raises ServiceError."""
    relying, passkey = relying_party(context, site_name)
    name = check_name(name)
    challenge = await use(context, given.cookie, "register", session_id)
    try:
        made = passkey.register(relying, given.answer, challenge)
    except passkey.PasskeyError:
        raise not_believed() from None
    if await rows.find_passkey(context.database, made.credential_id) is not None:
        raise ServiceError("already_exists", "this passkey is kept already")
    now = context.clock.wall_ms()
    row = PasskeyRow(
        id=new_id("pk"),
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        is_backed_up=int(made.is_backed_up),
        host=relying.host,
        name=name,
        created_at=now,
        last_used_at=None,
    )
    added = rows.add_passkey(row, PASSKEYS_MAX)
    if (await context.database.write([users.lock_user(user.id), added]))[1] != 1:
        raise _too_many()
    await note_passkey(context, user, "me.add_passkey", {"name": name}, given.address)
    return _shown(row, relying.host)


async def rename(context: ServiceContext, user_id: str, passkey_id: str, name: str) -> None:
    """Give one another name. Raises ServiceError `not_found`."""
    statement = rows.rename_passkey(user_id, passkey_id, check_name(name))
    if await context.database.write([statement]) != [1]:
        raise no_such_passkey()


async def remove(context: ServiceContext, user: UserRow, passkey_id: str, address: str) -> None:
    """Take one away, unless it is the last way in. Raises `not_found`, `not_allowed`."""
    kept = await rows.passkeys_of(context.database, user.id)
    if passkey_id not in {row.id for row in kept}:
        raise no_such_passkey()
    await check_factor_stays(context, user, leaves=passkey_id)
    changed = await context.database.write(
        [users.lock_user(user.id), rows.remove_passkey(user.id, passkey_id)]
    )
    if changed[1] == 0:
        raise ServiceError("not_allowed", "this is your last way in: set a password first")
    await note_passkey(context, user, "me.remove_passkey", {"passkey": passkey_id}, address)


def _too_many() -> ServiceError:
    return ServiceError(
        "too_many_passkeys", Message("at most {count} passkeys can be kept", count=PASSKEYS_MAX)
    )


def _shown(row: PasskeyRow, host: str | None) -> Passkey:
    return Passkey(
        id=row.id,
        name=row.name,
        created=iso(row.created_at),
        last_used=time_text(row.last_used_at),
        is_synced=bool(row.is_backed_up),
        works_here=row.host == host,
    )
