"""The question that a browser's passkey answers: who signs in, or that it is still them.

A passkey names its person and is two factors in one. Its challenge lies in a flow that
belongs to one browser, and works once, for five minutes. Passkeys are bound to the host of
the public address: where that is a number, or `webauthn` is not installed, there are none.
"""

import base64
import json
from dataclasses import dataclass
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from yiyuan.auth.encryption import decrypt, encrypt
from yiyuan.auth.opaque_secret import new_secret, secret_hash
from yiyuan.services.people.sign_in import attempts
from yiyuan.services.shared.audit_log import note_person
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import flows, users
from yiyuan.store.tables.people import passkeys as rows
from yiyuan.store.tables.people.flows import FlowRow
from yiyuan.store.tables.people.passkeys import PasskeyRow
from yiyuan.store.tables.people.users import UserRow

if TYPE_CHECKING:
    from yiyuan.auth.passkey import Relying

FLOW_MS: Final = 300_000
_LOOPBACK = "localhost"

Json = dict[str, Any]


@dataclass(slots=True, frozen=True)
class Asked:
    """What the browser is asked for, and the cookie that the answer must come with."""

    options: Json
    cookie: str


@dataclass(slots=True, frozen=True)
class Answered:
    """What the browser came back with: its answer, the cookie, and from where."""

    answer: Json
    cookie: str | None
    address: str


def are_possible(context: ServiceContext) -> bool:
    """Whether browsers take passkeys for the public address, and we can check them."""
    parts = urlsplit(context.settings.public_url)
    host = parts.hostname or ""
    is_name = "." in host and not host.rpartition(".")[2].isdecimal() and ":" not in host
    is_safe = parts.scheme == "https" and is_name
    return (is_safe or host == _LOOPBACK) and find_spec("webauthn") is not None


async def ask_for_one(
    context: ServiceContext, site_name: str, user: UserRow | None, session_id: str | None
) -> Asked:
    """Begin to sign in (nobody is known), or to prove who is signed in."""
    relying, passkey = relying_party(context, site_name)
    known: list[bytes] = []
    if user is not None:
        kept = await rows.passkeys_of(context.database, user.id)
        known = [row.credential_id for row in kept if row.host == relying.host]
        if not known:
            raise no_such_passkey()
    intent = "sign_in" if user is None else "step_up"
    user_id = None if user is None else user.id
    cookie, challenge = await begin(context, intent, user_id, session_id)
    return Asked(passkey.assertion(relying, challenge, known), cookie)


async def prove(
    context: ServiceContext,
    site_name: str,
    user: UserRow | None,
    session_id: str | None,
    given: Answered,
) -> UserRow:
    """Whose passkey that was; with `user` it must be theirs.

    Raises ServiceError `wrong_credentials`, `flow_not_valid`; TooManyTries.
    """
    relying, passkey = relying_party(context, site_name)
    intent = "sign_in" if user is None else "step_up"
    attempt = await attempts.begin(context, attempts.key_of_block("passkey", given.address))
    challenge = await use(context, given.cookie, intent, session_id)
    row, owner = await _claimed(context, passkey, user, given.answer)
    try:
        used = passkey.check(relying, given.answer, challenge, row.public_key, row.sign_count)
    except passkey.PasskeyError as error:
        await note_passkey(context, owner, "me.refused_passkey", {"why": str(error)}, given.address)
        raise not_believed() from None
    await _use_count(context, row, used.sign_count)
    await attempts.succeeded(context, attempt, owner.id, given.address)
    return owner


async def _claimed(
    context: ServiceContext, passkey: ModuleType, user: UserRow | None, answer: Json
) -> tuple[PasskeyRow, UserRow]:
    """The passkey that an answer names, and whose it is: `user`'s, where somebody is known."""
    try:
        credential_id = passkey.credential_id_of(answer)
    except passkey.PasskeyError:
        raise not_believed() from None
    row = await rows.find_passkey(context.database, credential_id)
    owner = None if row is None else await users.find_user(context.database, row.user_id)
    if row is None or owner is None or (user is not None and user.id != owner.id):
        raise not_believed()
    named = passkey.user_handle_of(answer)
    if named != owner.id and (named is not None or user is None):
        raise not_believed()
    return row, owner


async def _use_count(context: ServiceContext, row: PasskeyRow, sign_count: int) -> None:
    """Two uses of one count are one device too many."""
    statement = rows.use_passkey(row.id, row.sign_count, sign_count, context.clock.wall_ms())
    if await context.database.write([statement]) != [1]:
        raise not_believed()


async def begin(
    context: ServiceContext, intent: str, user_id: str | None, session_id: str | None
) -> tuple[str, bytes]:
    """A flow with a challenge; the browser's cookie and the challenge."""
    cookie, now = new_secret(), context.clock.wall_ms()
    challenge = base64.urlsafe_b64decode(new_secret() + "=")
    key = secret_hash(cookie)
    secrets = json.dumps({"challenge": base64.b64encode(challenge).decode()})
    row = FlowRow(
        hash=key,
        browser_hash=key,
        kind="passkey",
        intent=intent,
        provider_id=None,
        user_id=user_id,
        session_id=session_id,
        secrets_sealed=encrypt(context.secrets.seal_key, secrets, key.hex()),
        return_to="",
        profile="",
        created_at=now,
        expires_at=now + FLOW_MS,
        used_at=None,
    )
    await context.database.write([flows.forget_flows(now), flows.add_flow(row)])
    return cookie, challenge


async def use(
    context: ServiceContext, cookie: str | None, intent: str, session_id: str | None
) -> bytes:
    """The challenge of this browser's flow, which is used up by this."""
    if not cookie:
        raise _over()
    flow = await flows.find_flow(context.database, secret_hash(cookie))
    if flow is None or (flow.kind, flow.intent) != ("passkey", intent):
        raise _over()
    now = context.clock.wall_ms()
    if flow.session_id != session_id:
        raise _over()
    if await context.database.write([flows.use_flow(flow.hash, "passkey", now)]) != [1]:
        raise _over()
    opened = decrypt(context.secrets.seal_key, flow.secrets_sealed, flow.hash.hex())
    return base64.b64decode(json.loads(opened)["challenge"])


def relying_party(context: ServiceContext, site_name: str) -> "tuple[Relying, ModuleType]":
    """For whom passkeys are, and the checker, which is an optional part."""
    if not are_possible(context):
        message = "passkeys need an https address with a name, and the part passkeys installed"
        raise ServiceError("passkeys_unavailable", message)
    from yiyuan.auth import passkey  # noqa: PLC0415 - optional, and slow to import

    parts = urlsplit(context.settings.public_url)
    origin = f"{parts.scheme}://{parts.netloc}"
    return passkey.Relying(host=parts.hostname or "", origin=origin, name=site_name), passkey


async def note_passkey(
    context: ServiceContext, user: UserRow, action: str, details: Json, address: str
) -> None:
    """Into the audit log."""
    await note_person(context, user, action, details, address=address)


def not_believed() -> ServiceError:
    """The one answer to whatever a passkey did not prove."""
    return ServiceError("wrong_credentials", "this passkey is not known here, or did not prove it")


def no_such_passkey() -> ServiceError:
    """404."""
    return ServiceError("not_found", "there is no such passkey")


def _over() -> ServiceError:
    message = "this sign-in belongs to another browser, was used, or is over: begin again"
    return ServiceError("flow_not_valid", message)
