"""A customer's mailbox proves that it wants to be told: six digits, typed in the console.

The digits follow from the place, its mailbox and the half hour, so nothing is kept of
them; they are good for the half hour after their own, too. Five guesses an hour are
compared. A person's own proven mailbox needs no proof.
"""

import hmac
import json
from hashlib import sha256
from typing import Final, NamedTuple

from yiyuan.services.mail.letters import MINUTES, letter
from yiyuan.services.mail.sending import send
from yiyuan.services.notifications import destinations
from yiyuan.services.notifications.destinations import Wish, get_destination
from yiyuan.services.notifications.places import MadeSink, SinkView, shown
from yiyuan.services.people.reset import site_with_mail
from yiyuan.services.people.sign_in.attempts import TooManyTries
from yiyuan.services.people.sign_up.allowance import allow_mail
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables import notices as rows
from yiyuan.store.tables.notices import SinkRow
from yiyuan.store.tables.people.counters import count_up
from yiyuan.store.tables.people.users import UserRow

GUESSES: Final = 5
_HOUR_MS: Final = 3_600_000
_WINDOW_MS: Final = MINUTES * 60_000


class Asker(NamedTuple):
    """Who sets a place up, and from which address."""

    user: UserRow | None
    address: str


async def add_place(
    context: ServiceContext, account_id: str | None, wish: Wish, asker: Asker
) -> MadeSink:
    """Tell them somewhere, too; a customer's mailbox is asked first.

    Raises ServiceError `invalid_argument`, `too_many_places`, `mail_not_set`.
    """
    if destinations.needs_proof(account_id, wish.kind or ""):
        await site_with_mail(context)
    row, secret = await destinations.add_destination(context, account_id, wish)
    return MadeSink(sink=shown(await _ask(context, row, asker)), secret=secret)


async def change_place(
    context: ServiceContext, account_id: str | None, sink_id: str, wish: Wish, asker: Asker
) -> SinkView:
    """Change a place; what was given up there is tried again. Raises ServiceError."""
    before = await get_destination(context, account_id, sink_id)
    row = await destinations.change_destination(context, account_id, sink_id, wish)
    return shown(row if row.settings == before.settings else await _ask(context, row, asker))


async def ask_again(
    context: ServiceContext, account_id: str | None, sink_id: str, asker: Asker
) -> SinkView:
    """Send another code to a mailbox. Raises ServiceError; TooManyTries."""
    return shown(await _ask(context, await get_destination(context, account_id, sink_id), asker))


async def _ask(context: ServiceContext, sink: SinkRow, asker: Asker) -> SinkRow:
    """Send the digits, or take the person's own proven mailbox as it is; the place as it is then.

    Raises ServiceError `mail_not_set`; TooManyTries.
    """
    if sink.confirmed_at is not None:
        return sink
    mailbox = _mailbox(sink)
    user = asker.user
    is_own = user is not None and user.email == mailbox.lower()
    if user is not None and is_own and user.email_verified_at is not None:
        return await _confirmed(context, sink)
    site = await site_with_mail(context)
    await allow_mail(context, site, mailbox, asker.address)
    code = _code(context, sink, context.clock.wall_ms() // _WINDOW_MS)
    await send(
        context, letter("confirm_sink", mailbox, sink.language, site=site.site_name, code=code)
    )
    return sink


async def confirm_place(
    context: ServiceContext, account_id: str | None, sink_id: str, code: str
) -> SinkView:
    """Tell the mailbox from now on. Raises ServiceError `not_found`, `wrong_code`; TooManyTries."""
    sink = await get_destination(context, account_id, sink_id)
    if sink.confirmed_at is not None:
        return shown(sink)
    now = context.clock.wall_ms()
    guess = count_up(f"guesses of {sink.id}", now, _HOUR_MS, GUESSES)
    if await context.database.write([guess]) != [1]:
        raise TooManyTries((_HOUR_MS - now % _HOUR_MS) // 1000 + 1)
    given, window = "".join(code.split()).encode(), now // _WINDOW_MS
    good = [_code(context, sink, each).encode() for each in (window, window - 1)]
    if not any(hmac.compare_digest(given, each) for each in good):
        raise ServiceError(
            "wrong_code",
            "the code is wrong, was used or is too old: look again, or ask for a new one",
        )
    return shown(await _confirmed(context, sink))


async def _confirmed(context: ServiceContext, sink: SinkRow) -> SinkRow:
    now = context.clock.wall_ms()
    if await context.database.write([rows.confirm_sink(sink.id, sink.settings, now)]) != [1]:
        raise ServiceError("changed_meanwhile", "the place has changed meanwhile")
    return sink._replace(confirmed_at=now)


def _mailbox(sink: SinkRow) -> str:
    address: str = json.loads(sink.settings)["address"]
    return address


def _code(context: ServiceContext, sink: SinkRow, window: int) -> str:
    text = f"confirm {sink.id} {_mailbox(sink).lower()} {window}"
    digest = hmac.digest(context.secrets.token_pepper, text.encode(), sha256)
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"
