"""The authenticator: switched on by its first code, off by a proof, and its recovery codes."""

from yiyuan.auth import totp
from yiyuan.auth.encryption import decrypt, encrypt
from yiyuan.auth.opaque_secret import secret_hash
from yiyuan.services.people.sign_in import attempts
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.users import UserRow


async def start(context: ServiceContext, user: UserRow) -> str:
    """A new secret; nothing changes until its first code."""
    if user.totp_on:
        raise ServiceError("already_exists", "an authenticator is switched on already")
    secret = totp.new_secret()
    sealed = encrypt(context.secrets.seal_key, secret, user.id)
    await context.database.write([users.set_totp(user.id, sealed, is_on=False)])
    return secret


async def confirm(context: ServiceContext, user: UserRow, code: str, address: str) -> list[str]:
    """Switch it on by its first code; the recovery codes."""
    if user.totp_sealed is None or user.totp_on:
        raise ServiceError("invalid_argument", "code: start with a new secret first")
    secret = decrypt(context.secrets.seal_key, user.totp_sealed, user.id)
    keys = await attempts.keys_of_person(context, user, user.email, address)
    attempt = await attempts.begin(context, *keys)
    step = totp.matching_step(secret, code, context.clock.wall_ms())
    if step is None:
        raise ServiceError("wrong_credentials", "the one-time code is wrong")
    await attempts.succeeded(context, attempt, user.id, address)
    codes = totp.new_recovery_codes()
    await context.database.write(
        [
            users.set_totp(user.id, user.totp_sealed, is_on=True),
            users.use_totp_step(user.id, step),
            *users.put_recovery_codes(user.id, [secret_hash(code) for code in codes]),
        ]
    )
    return codes


async def new_recovery_codes(context: ServiceContext, user: UserRow) -> list[str]:
    """New ones; the old ones end."""
    if not user.totp_on:
        raise ServiceError("invalid_argument", "there is no authenticator to stand in for")
    codes = totp.new_recovery_codes()
    hashes = [secret_hash(code) for code in codes]
    await context.database.write(users.put_recovery_codes(user.id, hashes))
    return codes


async def remove(context: ServiceContext, user: UserRow) -> None:
    """Switch it off; the caller has proven who asks."""
    await context.database.write(
        [users.set_totp(user.id, None, is_on=False), *users.put_recovery_codes(user.id, [])]
    )
