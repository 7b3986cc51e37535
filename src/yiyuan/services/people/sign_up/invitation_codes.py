"""Codes with which strangers may sign up where an invitation is needed."""

from typing import Annotated

from msgspec import Meta

from yiyuan.auth.opaque_secret import new_code
from yiyuan.kernel.clock import iso
from yiyuan.services.people.sign_up.sign_up import invitation_hash
from yiyuan.services.shared.answer import Answer, time_text
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Amount, Line, Request, invalid, time_of
from yiyuan.services.shared.validation import check_name
from yiyuan.store.tables.people import sign_up_codes as rows
from yiyuan.store.tables.people.sign_up_codes import SignUpCodeRow

Uses = Annotated[int, Meta(ge=1, le=1_000_000)]


class NewSignUpCode(Request):
    """How often it may be used, and until when."""

    name: Line
    uses: Uses = 1
    gift: Amount | None = None
    expires: str | None = None


class SignUpCode(Answer):
    """One code; `gift` in 词元 replaces the setting's, null leaves that."""

    id: str
    name: str
    uses: int
    used: int
    gift: int | None
    expires: str | None
    created: str
    ended: str | None


async def list_codes(context: ServiceContext) -> list[SignUpCode]:
    """Every code, the latest first, without the code itself."""
    return [_shown(row) for row in await rows.sign_up_codes(context.database)]


async def make_code(context: ServiceContext, request: NewSignUpCode) -> tuple[SignUpCode, str]:
    """A new code; it is kept as a hash and shown this once. Raises ServiceError."""
    code, now = new_code(), context.clock.wall_ms()
    expires_at = time_of("expires", request.expires or None)
    if expires_at is not None and expires_at <= now:
        raise invalid("expires", "must be in the future")
    row = SignUpCodeRow(
        hash=invitation_hash(code),
        name=check_name(request.name),
        uses_max=request.uses,
        used=0,
        gift=request.gift,
        expires_at=expires_at,
        created_by=context.actor,
        created_at=now,
        ended_at=None,
    )
    await context.database.write([rows.add_sign_up_code(row)])
    return _shown(row), code


async def end_code(context: ServiceContext, code_id: str) -> None:
    """Let nobody sign up with a code any more. Raises ServiceError `not_found`."""
    try:
        code_hash = bytes.fromhex(code_id)
    except ValueError:
        code_hash = b""
    statement = rows.end_sign_up_code(code_hash, context.clock.wall_ms())
    if await context.database.write([statement]) != [1]:
        raise ServiceError("not_found", "there is no such code")


def _shown(row: SignUpCodeRow) -> SignUpCode:
    return SignUpCode(
        id=row.hash.hex(),
        name=row.name,
        uses=row.uses_max,
        used=row.used,
        gift=row.gift,
        expires=time_text(row.expires_at),
        created=iso(row.created_at),
        ended=time_text(row.ended_at),
    )
