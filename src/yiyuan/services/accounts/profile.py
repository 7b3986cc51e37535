"""What operators know of an account: notes, and a tier that was promised to it."""

from typing import Annotated, Any, Final

import msgspec

from yiyuan.i18n.message import Message
from yiyuan.pricing.model import tier_for
from yiyuan.routing.catalog import Catalog
from yiyuan.services.accounts.accounts import get_account
from yiyuan.services.accounts.standing import TierView, tier_view
from yiyuan.services.shared.answer import Account, Answer
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request
from yiyuan.store.tables.catalog import new_version
from yiyuan.store.tables.site_settings import ProfileRow, find_profile, put_profile

NOTES_CHARACTERS_MAX: Final = 4_000


class Note(Request):
    """An account by name or id, and all of its notes; an empty text takes them away."""

    name: str
    notes: Annotated[str, msgspec.Meta(max_length=NOTES_CHARACTERS_MAX)]


class Profile(Answer):
    """What operators noted, and the tier that follows from balance and promise."""

    notes: str
    tier_min_balance: int | None
    tier: TierView


@command("account.note")
async def note(context: ServiceContext, request: Note) -> dict[str, Any]:
    """Replace an account's notes: `{"id", "name", "notes"}`."""
    account = await get_account(context, request.name)
    await change_profile(context, account.id, notes=request.notes)
    return {"id": account.id, "name": account.name, "notes": request.notes}


async def view_profile(context: ServiceContext, catalog: Catalog, account: Account) -> Profile:
    """What operators know of an account."""
    known = await find_profile(context.database, account.id)
    tier = tier_for(catalog.tiers, account.balance, known.tier_min_balance or 0)
    return Profile(notes=known.notes, tier_min_balance=known.tier_min_balance, tier=tier_view(tier))


async def get_threshold(context: ServiceContext, account_id: str) -> int | None:
    """Below which balance, in micros, an account chose to be told; None is the usual share."""
    return (await find_profile(context.database, account_id)).low_balance


async def set_threshold(context: ServiceContext, account_id: str, low_balance: int | None) -> None:
    """Choose below which balance, in micros, an account is told; None is the usual share."""
    before = await find_profile(context.database, account_id)
    row = before._replace(low_balance=low_balance)
    await context.database.write([put_profile(row)])


async def change_profile(
    context: ServiceContext,
    account_id: str,
    *,
    notes: str | msgspec.UnsetType = msgspec.UNSET,
    tier_min_balance: int | msgspec.UnsetType | None = msgspec.UNSET,
) -> ProfileRow:
    """Change what is given and leave the rest; the profile as it was before.

    A tier of None leaves it to the balance. Every node follows. Raises ServiceError.
    """
    if notes is not msgspec.UNSET and len(notes) > NOTES_CHARACTERS_MAX:
        raise ServiceError(
            "invalid_argument",
            Message("notes: at most {most} characters", most=NOTES_CHARACTERS_MAX),
        )
    before = await find_profile(context.database, account_id)
    after = before
    if notes is not msgspec.UNSET:
        after = after._replace(notes=notes)
    if tier_min_balance is not msgspec.UNSET:
        after = after._replace(tier_min_balance=tier_min_balance)
    await context.database.write([put_profile(after), new_version()])
    await context.reload()
    return before
