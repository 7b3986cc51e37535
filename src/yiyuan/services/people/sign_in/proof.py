"""The one function that proves a person; whoever must be sure asks it.

Sign-in, joining, setting up, changing password or e-mail, switching second factors, and
actions that want a fresh proof: all give the same evidence (a password, and a one-time
code where the person uses an authenticator) to the same rules. A wrong person and a wrong
password are one answer and take the same time; each failure slows the next one down.
"""

from dataclasses import dataclass

from yiyuan.auth import totp
from yiyuan.auth.encryption import decrypt
from yiyuan.auth.opaque_secret import secret_hash
from yiyuan.auth.password import Passwords
from yiyuan.services.people.sign_in import attempts
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import users
from yiyuan.store.tables.people.users import UserRow

_LOGIN_CHARACTERS_MAX = 300


@dataclass(slots=True, frozen=True)
class Evidence:
    """What somebody gives to be believed, and from where."""

    password: str
    code: str | None
    address: str


async def prove_login(
    context: ServiceContext, passwords: Passwords, login: str, evidence: Evidence
) -> UserRow:
    """Whose e-mail address, or name at another gateway, and password (and code) these are.

    Raises ServiceError `wrong_credentials`, `totp_required`; TooManyTries.
    """
    typed = login[:_LOGIN_CHARACTERS_MAX]
    login = login.strip().lower()[:_LOGIN_CHARACTERS_MAX]
    user = None
    if "@" not in typed:  # names from other gateways differ by case, so the exact one is first
        user = await users.find_by_login_name(context.database, typed)
    if user is None:
        user = await users.find_by_login(context.database, login)
    if user is None:
        user = await users.find_by_login_name(context.database, typed)
    return await _prove(context, passwords, user, login, evidence)


async def prove_again(
    context: ServiceContext, passwords: Passwords, user: UserRow, evidence: Evidence
) -> UserRow:
    """The same for a person who is known already, such as the one who is signed in."""
    return await _prove(context, passwords, user, user.email, evidence)


async def check_code(context: ServiceContext, user: UserRow, code: str) -> None:
    """A code of the authenticator, or a recovery code; each works once.

    The caller counts the try. Raises ServiceError `wrong_credentials`.
    """
    now = context.clock.wall_ms()
    assert user.totp_sealed is not None, "switched on only with a secret"
    secret = decrypt(context.secrets.seal_key, user.totp_sealed, user.id)
    step = totp.matching_step(secret, code, now)
    if step is not None:
        used = await context.database.write([users.use_totp_step(user.id, step)])
    else:
        plain = secret_hash("".join(code.split()).lower())
        used = await context.database.write([users.use_recovery_code(user.id, plain, now)])
    if used != [1]:
        raise ServiceError("wrong_credentials", "the one-time code is wrong or was used before")


async def prove_code(
    context: ServiceContext, user: UserRow, code: str | None, address: str
) -> None:
    """The second factor alone, for whom another service has just named.

    Raises ServiceError `totp_required`, `wrong_credentials`; TooManyTries.
    """
    if not code:
        raise _code_needed()
    keys = await attempts.keys_of_person(context, user, user.email, address)
    attempt = await attempts.begin(context, *keys)
    await check_code(context, user, code)
    await attempts.succeeded(context, attempt, user.id, address)


async def _prove(
    context: ServiceContext,
    passwords: Passwords,
    user: UserRow | None,
    login: str,
    evidence: Evidence,
) -> UserRow:
    keys = await attempts.keys_of_person(context, user, login, evidence.address)
    attempt = await attempts.begin(context, *keys)
    kept = user.password_hash if user is not None and user.password_hash else None
    is_right = await passwords.matches(kept, evidence.password)
    if not is_right or user is None:
        raise ServiceError("wrong_credentials", "incorrect e-mail or password")
    if user.totp_on:
        if not evidence.code:
            # No guess, but no success either: who guesses codes must not be forgiven by it.
            await attempts.put_back(context, attempt)
            raise _code_needed()
        await check_code(context, user, evidence.code)
    await attempts.succeeded(context, attempt, user.id, evidence.address)
    if passwords.is_outdated(user.password_hash):
        rehashed = await passwords.hash(evidence.password)
        await context.database.write([users.set_password(user.id, rehashed)])
        user = user._replace(password_hash=rehashed)
    return user


def _code_needed() -> ServiceError:
    return ServiceError("totp_required", "a one-time code is needed as well")
