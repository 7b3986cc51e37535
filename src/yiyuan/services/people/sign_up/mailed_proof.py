"""The proof that somebody reads a mailbox: six digits, or a link, sent there.

The digits work in the browser that asked for them (it holds a cookie), the link in any;
both once, for 30 minutes, and only until a newer one is sent. Of any number of guesses,
five are compared. Whether an address is known, unknown or blocked makes no difference to
the answer, nor to what is written before it.
"""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

from yiyuan.auth.opaque_secret import new_secret, secret_hash
from yiyuan.kernel.ids import new_id
from yiyuan.services.mail.letters import MINUTES, Kind, letter
from yiyuan.services.mail.sending import check_room, send
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings
from yiyuan.store.tables.people import mail_codes
from yiyuan.store.tables.people.mail_codes import MailCodeRow

Purpose = Literal["sign_up", "reset", "new_email", "sign_in"]
PAGES: Final[dict[Purpose, str]] = {
    "sign_up": "sign-up",
    "reset": "reset",
    "new_email": "confirm-email",
    "sign_in": "sign-in",
}
_LETTERS: Final[dict[Purpose, Kind]] = {
    "sign_up": "sign_up",
    "reset": "reset",
    "new_email": "new_email",
    "sign_in": "sign_up",
}
LIFETIME_MS: Final = MINUTES * 60_000
_DIGITS: Final = 6


@dataclass(slots=True, frozen=True)
class Asker:
    """Who asks for a mail: the browser's own secret, its language."""

    browser: str
    language: str


@dataclass(slots=True, frozen=True)
class Proof:
    """What somebody brings: the digits and the browser that asked, or the link's secret."""

    email: str | None = None
    code: str | None = None
    link: str | None = None
    browser: str = ""


@dataclass(slots=True, frozen=True, kw_only=True)
class Errand:
    """A mail that is asked for. With `instead` it is another letter, with `is_silent` none."""

    purpose: Purpose
    email: str
    instead: Kind | None = None
    is_silent: bool = False
    user_id: str | None = None
    invitation_hash: bytes | None = None


async def send_code(
    context: ServiceContext, site: SiteSettings, asker: Asker, errand: Errand
) -> None:
    """Send digits and a link, or what the errand says instead.

    In any case the same is written, so that nothing tells which it was.
    """
    check_room(context)
    code = "".join(secrets.choice("0123456789") for _ in range(_DIGITS))
    link, now = new_secret(), context.clock.wall_ms()
    is_dead = errand.is_silent or errand.instead is not None
    row = MailCodeRow(
        id=new_id("mcd"),
        purpose=errand.purpose,
        email=errand.email,
        user_id=errand.user_id,
        code_hash=b"",
        link_hash=secret_hash(link),
        browser_hash=secret_hash(asker.browser),
        invitation_hash=errand.invitation_hash,
        tries=0,
        created_at=now,
        expires_at=now + LIFETIME_MS,
        used_at=None,
        is_dead=int(is_dead),
    )
    row = row._replace(code_hash=_code_hash(context, row.id, code))
    await context.database.write([*mail_codes.replace_code(row), mail_codes.forget_past(now)])
    if errand.is_silent:
        return
    page = PAGES[errand.purpose] if errand.instead is None else PAGES["reset"]
    address = f"{context.settings.public_url}/console/{page}"
    values = {"site": site.site_name, "code": code}
    values["link"] = address if is_dead else f"{address}#{link}"
    kind = errand.instead or _LETTERS[errand.purpose]
    await send(context, letter(kind, errand.email, asker.language, **values))


async def find_proof(context: ServiceContext, purpose: Purpose, proof: Proof) -> MailCodeRow:
    """What was sent and is proven now; using it up is `use_proof`'s.

    Raises ServiceError `wrong_code`, `link_not_valid`, `invalid_argument`.
    """
    now = context.clock.wall_ms()
    if proof.link is not None:
        row = await mail_codes.find_by_link(context.database, secret_hash(proof.link), purpose, now)
        if row is None:
            raise link_not_valid()
        return row
    if proof.email is None or proof.code is None:
        raise ServiceError("invalid_argument", "email and code are required, or link")
    email, digits = proof.email.strip().lower(), "".join(proof.code.split())
    row = await mail_codes.find_by_address(
        context.database, email, purpose, secret_hash(proof.browser), now
    )
    if row is None or await context.database.write([mail_codes.count_try(row.id, now)]) != [1]:
        raise _wrong_code()
    if not hmac.compare_digest(row.code_hash, _code_hash(context, row.id, digits)):
        raise _wrong_code()
    return row


async def use_proof(context: ServiceContext, row: MailCodeRow) -> None:
    """Use it up; of any number of callers, one gets past this."""
    statement = mail_codes.use_code(row.id, context.clock.wall_ms())
    if await context.database.write([statement]) != [1]:
        raise _wrong_code()


def link_not_valid() -> ServiceError:
    """The link leads nowhere any more."""
    message = "the link was used, has expired or is not whole: ask for a new one"
    return ServiceError("link_not_valid", message)


def _wrong_code() -> ServiceError:
    message = "the code is wrong, was used or is too old: look again, or ask for a new one"
    return ServiceError("wrong_code", message)


def _code_hash(context: ServiceContext, code_id: str, code: str) -> bytes:
    """Keyed, since there are only a million codes."""
    text = f"{code_id}:{code}".encode("utf-8", "surrogatepass")
    return hmac.digest(context.secrets.token_pepper, text, sha256)
