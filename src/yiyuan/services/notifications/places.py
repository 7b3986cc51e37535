"""Where somebody is told, as its page shows it: what can be chosen, places, what was told."""

import json
from typing import Final

from yiyuan.kernel.clock import iso
from yiyuan.services.notifications import destinations
from yiyuan.services.notifications.destinations import Wish
from yiyuan.services.notifications.events import EVENTS
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables import notices as rows
from yiyuan.store.tables.notices import SinkRow

_DELIVERIES_SHOWN: Final = 100


class SinkField(Answer):
    """One thing to fill in."""

    name: str
    title: dict[str, str]
    help: dict[str, str]
    is_secret: bool
    is_optional: bool


class SinkKind(Answer):
    """A kind of place."""

    kind: str
    title: dict[str, str]
    fields: list[SinkField]


class EventView(Answer):
    """Something that can be told; its title in both languages."""

    name: str
    audience: str
    title: dict[str, str]


class NoticeChoices(Answer):
    """What can be filled in."""

    kinds: list[SinkKind]
    events: list[EventView]


class SinkView(Answer):
    """A place; `fields` has no secrets."""

    id: str
    kind: str
    name: str
    fields: dict[str, str]
    events: list[str]
    language: str
    is_enabled: bool
    is_confirmed: bool
    """False while a mailbox has not proven that it wants to be told."""
    created: str


class MadeSink(Answer):
    """A new place; `secret` is a webhook's, made here and shown this once."""

    sink: SinkView
    secret: str | None


class Tried(Answer):
    """What came of a test."""

    ok: bool
    reason: str


class DeliveryView(Answer):
    """One notice at one place."""

    id: str
    event: str
    sink: str
    state: str
    tries: int
    reason: str
    at: str
    next: str | None


def choices() -> NoticeChoices:
    """Every kind of place and every event."""
    kinds = [
        SinkKind(
            kind=kind.kind,
            title={"en": kind.title.en, "zh": kind.title.zh},
            fields=[
                SinkField(
                    name=field.name,
                    title={"en": field.title.en, "zh": field.title.zh},
                    help={"en": field.help.en, "zh": field.help.zh},
                    is_secret=field.is_secret,
                    is_optional=field.is_optional,
                )
                for field in kind.fields
            ],
        )
        for kind in destinations.KINDS.values()
    ]
    events = [
        EventView(
            name=event.name,
            audience=event.audience,
            title={"en": event.label_en, "zh": event.label_zh},
        )
        for event in EVENTS.values()
    ]
    return NoticeChoices(kinds=kinds, events=events)


async def list_places(context: ServiceContext, account_id: str | None) -> list[SinkView]:
    """Where an account is told, or with None the operators."""
    return [shown(row) for row in await rows.sinks_of(context.database, account_id)]


async def add_place(context: ServiceContext, account_id: str | None, wish: Wish) -> MadeSink:
    """Tell them somewhere, too, at the word of who has the machine: no mailbox is asked.

    Raises ServiceError `invalid_argument`, `too_many_places`.
    """
    row, secret = await destinations.add_destination(context, account_id, wish)
    return MadeSink(sink=shown(await destinations.take_at_word(context, row)), secret=secret)


async def change_place(
    context: ServiceContext, account_id: str | None, sink_id: str, wish: Wish
) -> SinkView:
    """Change a place, at the same word; what was given up there is tried again."""
    row = await destinations.change_destination(context, account_id, sink_id, wish)
    return shown(await destinations.take_at_word(context, row))


async def try_place(context: ServiceContext, account_id: str | None, sink_id: str) -> Tried:
    """What comes of a test notice. Raises ServiceError `not_found`."""
    outcome = await destinations.try_destination(context, account_id, sink_id)
    return Tried(ok=outcome.state == "delivered", reason=outcome.reason)


async def recent_deliveries(context: ServiceContext, account_id: str | None) -> list[DeliveryView]:
    """What was told at these places, the latest first, and what could not be."""
    database = context.database
    names = {row.id: row.name for row in await rows.sinks_of(database, account_id)}
    found = await rows.recent_deliveries(database, list(names), _DELIVERIES_SHOWN)
    return [
        DeliveryView(
            id=row.id,
            event=event,
            sink=names[row.sink_id],
            state=row.state,
            tries=row.tries,
            reason=row.reason,
            at=iso(row.created_at),
            next=iso(row.next_at) if row.state == "waiting" else None,
        )
        for row, event in found
    ]


def shown(row: SinkRow) -> SinkView:
    """A place without its secrets."""
    return SinkView(
        id=row.id,
        kind=row.kind,
        name=row.name,
        fields=destinations.shown_fields(row),
        events=json.loads(row.events),
        language=row.language,
        is_enabled=row.disabled_at is None,
        is_confirmed=row.confirmed_at is not None,
        created=iso(row.created_at),
    )
