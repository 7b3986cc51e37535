"""The way to another service and back: state, cookie and row belong together, once.

The browser holds one secret in a cookie, the address another (the state); only their
hashes are kept. Nonce and PKCE verifier are sealed. A flow that comes back in another
browser, a second time, too late, or at another service's address is refused.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from yiyuan.auth.encryption import decrypt, encrypt
from yiyuan.auth.opaque_secret import new_secret, secret_hash
from yiyuan.integrations.identity.contract import IdentityError, Profile, Return, Start
from yiyuan.services.people.identity.conversation import Conversations
from yiyuan.services.people.identity.providers import LoginProvider, callback_url
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.people import flows as rows
from yiyuan.store.tables.people.flows import FlowRow

FLOW_MS: Final = 600_000
_PARAMETER_CHARACTERS_MAX = 4_096
_RETURN_CHARACTERS_MAX = 500
_HOME = "/console"
_STRANGE = frozenset("\\ @\"'<>`")

_ERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "unavailable": ("sign_in_service_away", "the sign-in service does not answer: try again later"),
    "misconfigured": (
        "sign_in_service_refused",
        "the sign-in service does not take our settings: tell the operator",
    ),
    "code_refused": ("flow_not_valid", "this sign-in is over: begin again"),
    "not_valid": (
        "sign_in_service_refused",
        "what the sign-in service says cannot be trusted: tell the operator",
    ),
    "person_refused": ("person_refused", "the sign-in service's settings do not let you in"),
}


class ServiceFailed(ServiceError):
    """A sign-in service failed or refused; `detail` is for the operator's log."""

    def __init__(self, error: IdentityError) -> None:
        """What people hear follows from the error's code."""
        code, message = _ERRORS[error.code]
        message = f"{message} ({error.detail})"
        super().__init__(code, message)
        self.detail = error.detail


@dataclass(slots=True, frozen=True)
class Begun:
    """Where to send the browser, and what it must hold meanwhile."""

    address: str
    cookie: str


@dataclass(slots=True, frozen=True)
class Returned:
    """Who came back, and from what for."""

    flow: FlowRow
    provider: LoginProvider
    profile: Profile


async def begin(
    context: ServiceContext,
    conversations: Conversations,
    provider: LoginProvider,
    *,
    return_to: str,
    user_id: str | None = None,
    session_id: str | None = None,
) -> Begun:
    """Start a flow: of somebody unknown, or to link an identity to who is signed in.

    Raises ServiceFailed.
    """
    state, cookie = new_secret(), new_secret()
    nonce, verifier = new_secret(), new_secret()
    digest = hashlib.sha256(verifier.encode()).digest()
    start = Start(
        state=state,
        nonce=nonce,
        code_challenge=base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        redirect_uri=callback_url(context, provider.row.name),
    )
    steps = provider.preset.begin(provider.settings, start)
    try:
        address = await conversations.lead(steps, allow_private=bool(provider.row.allow_private))
    except IdentityError as error:
        raise ServiceFailed(error) from None
    secrets = {"nonce": nonce, "verifier": verifier}
    made = _new_flow(context, secret_hash(state), cookie, secrets, provider.row.id)
    row = made._replace(
        intent="sign_in" if user_id is None else "link",
        user_id=user_id,
        session_id=session_id,
        return_to=safe_return(return_to),
    )
    await context.database.write([rows.forget_flows(row.created_at), rows.add_flow(row)])
    return Begun(address, cookie)


def _new_flow(
    context: ServiceContext,
    state_hash: bytes,
    cookie: str,
    secrets: Mapping[str, str],
    provider_id: str,
) -> FlowRow:
    now = context.clock.wall_ms()
    sealed = encrypt(context.secrets.seal_key, json.dumps(secrets), state_hash.hex())
    return FlowRow(
        hash=state_hash,
        browser_hash=secret_hash(cookie),
        kind="away",
        intent="sign_in",
        provider_id=provider_id,
        user_id=None,
        session_id=None,
        secrets_sealed=sealed,
        return_to="",
        profile="",
        created_at=now,
        expires_at=now + FLOW_MS,
        used_at=None,
    )


async def come_back(
    context: ServiceContext,
    conversations: Conversations,
    provider: LoginProvider,
    query: Mapping[str, str],
    cookie: str | None,
) -> Returned:
    """Use the flow up and ask the service who came.

    Raises ServiceError `flow_not_valid`, `sign_in_cancelled`; ServiceFailed.
    """
    flow = await _own_flow(context, provider, query.get("state", ""), cookie)
    if query.get("error"):
        if query["error"] == "access_denied":
            raise ServiceError("sign_in_cancelled", "the sign-in was cancelled")
        detail = "".join(c for c in query["error"][:100] if c.isprintable())
        raise ServiceFailed(IdentityError("misconfigured", f"the service answers {detail!r}"))
    code = query.get(provider.preset.code_parameter) or query.get("code", "")
    if not code or len(code) > _PARAMETER_CHARACTERS_MAX:
        raise flow_not_valid()
    opened = decrypt(context.secrets.seal_key, flow.secrets_sealed, flow.hash.hex())
    secrets = json.loads(opened)
    back = Return(
        code=code,
        verifier=secrets["verifier"],
        nonce=secrets["nonce"],
        redirect_uri=callback_url(context, provider.row.name),
        now_seconds=context.clock.wall_ms() // 1000,
        issuer=query.get("iss"),
    )
    steps = provider.preset.finish(provider.settings, back)
    try:
        profile = await conversations.lead(steps, allow_private=bool(provider.row.allow_private))
    except IdentityError as error:
        raise ServiceFailed(error) from None
    return Returned(flow, provider, profile)


async def wait_for_step(context: ServiceContext, returned: Returned) -> None:
    """Keep who came back until the browser has given what is missing."""
    now, key = context.clock.wall_ms(), secret_hash(new_secret())
    row = returned.flow._replace(
        hash=key,
        kind="pending",
        secrets_sealed=b"",
        profile=json.dumps(asdict(returned.profile)),
        created_at=now,
        expires_at=now + FLOW_MS,
        used_at=None,
    )
    await context.database.write([rows.add_flow(row)])


async def find_pending(context: ServiceContext, cookie: str | None) -> tuple[FlowRow, Profile]:
    """Who waits in this browser. Raises ServiceError `flow_not_valid`."""
    if not cookie:
        raise flow_not_valid()
    now = context.clock.wall_ms()
    flow = await rows.find_pending(context.database, secret_hash(cookie), now)
    if flow is None:
        raise flow_not_valid()
    document: dict[str, Any] = json.loads(flow.profile)
    groups = document.pop("groups")
    return flow, Profile(**document, groups=None if groups is None else tuple(groups))


async def use_pending(context: ServiceContext, flow: FlowRow) -> None:
    """Of any number of callers, one gets past this. Raises `flow_not_valid`."""
    now = context.clock.wall_ms()
    if await context.database.write([rows.use_flow(flow.hash, "pending", now)]) != [1]:
        raise flow_not_valid()


async def end_pending(context: ServiceContext, cookie: str | None) -> None:
    """Give up what waits in this browser."""
    if cookie:
        await context.database.write([rows.end_pending(secret_hash(cookie))])


def safe_return(address: str) -> str:
    """A page of ours by its path, or the console: never an address of somebody else's."""
    is_plain = address.isascii() and address.isprintable() and not _STRANGE & set(address)
    if not is_plain or len(address) > _RETURN_CHARACTERS_MAX:
        return _HOME
    parts = urlsplit(address)
    path = parts.path
    is_ours = not parts.scheme and not parts.netloc and path.startswith("/")
    if not is_ours or "//" in path or "%" in path or ".." in path or path.startswith("/api"):
        return _HOME
    return address


def flow_not_valid() -> ServiceError:
    """The one answer to a flow that is not this browser's, or over."""
    message = "this sign-in belongs to another browser, was used, or is over: begin again"
    return ServiceError("flow_not_valid", message)


async def _own_flow(
    context: ServiceContext, provider: LoginProvider, state: str, cookie: str | None
) -> FlowRow:
    """The flow of this state, browser and service; used up by this."""
    if not state or len(state) > _PARAMETER_CHARACTERS_MAX or not cookie:
        raise flow_not_valid()
    flow = await rows.find_flow(context.database, secret_hash(state))
    if flow is None or flow.kind != "away" or flow.provider_id != provider.row.id:
        raise flow_not_valid()
    if not hmac.compare_digest(flow.browser_hash, secret_hash(cookie)):
        raise flow_not_valid()
    now = context.clock.wall_ms()
    if await context.database.write([rows.use_flow(flow.hash, "away", now)]) != [1]:
        raise flow_not_valid()
    return flow
