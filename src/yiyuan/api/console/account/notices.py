"""Where an account wants to be told what happens to it: places, events, what was told."""

from typing import Annotated, Final

import msgspec

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import MEMBER_READS_BOOKS, MEMBER_WRITES, PERSON, Empty, Route
from yiyuan.api.console.schemas import Amount, Page, RequestBody, ResponseBody
from yiyuan.services.accounts import profile
from yiyuan.services.notifications import destinations, places
from yiyuan.services.notifications.destinations import Wish
from yiyuan.services.notifications.places import (
    DeliveryView,
    MadeSink,
    NoticeChoices,
    SinkView,
    Tried,
)
from yiyuan.services.people import notice_mailboxes
from yiyuan.services.people.notice_mailboxes import Asker

GROUP: Final = "notices"
"""What its routes are called in the audit log and in the OpenAPI document."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Value = Annotated[str, msgspec.Meta(max_length=2_000)]


class SinkAsk(RequestBody):
    """A new place. No events are all that it is usually told."""

    kind: str
    name: Name | None = None
    fields: dict[str, Value] = msgspec.field(default_factory=dict)
    events: list[str] | None = None
    language: str = "en"


class SinkChange(RequestBody):
    """What is absent stays; an empty field clears what is optional."""

    name: Name | None = None
    fields: dict[str, Value] | None = None
    events: list[str] | None = None
    language: str | None = None
    is_enabled: bool | None = None


class MailboxCode(RequestBody):
    """The six digits of the mail."""

    code: Name


class NewSecret(ResponseBody):
    """Another signing secret, shown this once; the one before it is signed with as well."""

    secret: str


class Threshold(RequestBody):
    """Below which balance the account is told; null is a tenth of its last top-up."""

    low_balance: Amount | None


async def show_choices(_: ConsoleRequest, __: Empty) -> NoticeChoices:
    """Every kind of place and every event."""
    return places.choices()


async def list_sinks(visit: ConsoleRequest, _: Empty) -> Page[SinkView]:
    """Where the account is told."""
    return Page(items=await places.list_places(visit.context, visit.account_id))


async def create_sink(visit: ConsoleRequest, asked: SinkAsk) -> MadeSink:
    """Tell the account somewhere."""
    return await make_sink(visit, visit.account_id, asked)


async def change_sink(visit: ConsoleRequest, asked: SinkChange) -> SinkView:
    """Change a place; what was given up there is tried again."""
    return await alter_sink(visit, visit.account_id, asked)


async def remove_sink(visit: ConsoleRequest, _: Empty) -> Empty:
    """Tell nothing there any more."""
    await destinations.remove_destination(visit.context, visit.account_id, visit.places["sink"])
    return Empty()


async def try_out(visit: ConsoleRequest, _: Empty) -> Tried:
    """Send a test notice now."""
    return await places.try_place(visit.context, visit.account_id, visit.places["sink"])


async def ask_again(visit: ConsoleRequest, _: Empty) -> SinkView:
    """Send another code to a mailbox that has not proven itself."""
    sink_id = visit.places["sink"]
    return await notice_mailboxes.ask_again(visit.context, visit.account_id, sink_id, _asker(visit))


async def confirm_sink(visit: ConsoleRequest, asked: MailboxCode) -> SinkView:
    """Type the code that a mailbox was sent; it is told from then on."""
    which = (visit.account_id, visit.places["sink"])
    return await notice_mailboxes.confirm_place(visit.context, *which, asked.code)


async def roll_secret(visit: ConsoleRequest, _: Empty) -> NewSecret:
    """Give a webhook another signing secret."""
    sink_id = visit.places["sink"]
    made = await destinations.roll_secret(visit.context, visit.account_id, sink_id)
    return NewSecret(secret=made)


async def list_deliveries(visit: ConsoleRequest, _: Empty) -> Page[DeliveryView]:
    """What was told lately, and what could not be."""
    return Page(items=await places.recent_deliveries(visit.context, visit.account_id))


async def show_threshold(visit: ConsoleRequest, _: Empty) -> Threshold:
    """Below which balance the account chose to be told."""
    return Threshold(low_balance=await profile.get_threshold(visit.context, visit.account_id))


async def set_threshold(visit: ConsoleRequest, asked: Threshold) -> Empty:
    """Choose below which balance the account is told."""
    await profile.set_threshold(visit.context, visit.account_id, asked.low_balance)
    return Empty()


async def make_sink(visit: ConsoleRequest, account_id: str | None, asked: SinkAsk) -> MadeSink:
    """A new one."""
    made = await notice_mailboxes.add_place(visit.context, account_id, _wish(asked), _asker(visit))
    visit.subject = made.sink.id
    return made


async def alter_sink(visit: ConsoleRequest, account_id: str | None, asked: SinkChange) -> SinkView:
    """One, changed."""
    sink_id = visit.places["sink"]
    wish, asker = _wish(asked), _asker(visit)
    return await notice_mailboxes.change_place(visit.context, account_id, sink_id, wish, asker)


def _asker(visit: ConsoleRequest) -> Asker:
    return Asker(visit.visitor.user, visit.address)


def _wish(asked: SinkAsk | SinkChange) -> Wish:
    return Wish(**{name: getattr(asked, name) for name in asked.__struct_fields__})


_PATH: Final = "/api/accounts/{account}/notices"

ROUTES = (
    Route("GET", "/api/notices", PERSON, show_choices, NoticeChoices),
    Route("GET", f"{_PATH}/sinks", MEMBER_READS_BOOKS, list_sinks, Page[SinkView]),
    Route("POST", f"{_PATH}/sinks", MEMBER_WRITES, create_sink, MadeSink, SinkAsk),
    Route("PATCH", f"{_PATH}/sinks/{{sink}}", MEMBER_WRITES, change_sink, SinkView, SinkChange),
    Route("DELETE", f"{_PATH}/sinks/{{sink}}", MEMBER_WRITES, remove_sink, Empty),
    Route("POST", f"{_PATH}/sinks/{{sink}}/test", MEMBER_WRITES, try_out, Tried),
    Route("POST", f"{_PATH}/sinks/{{sink}}/secret", MEMBER_WRITES, roll_secret, NewSecret),
    Route("POST", f"{_PATH}/sinks/{{sink}}/code", MEMBER_WRITES, ask_again, SinkView),
    Route(
        "POST",
        f"{_PATH}/sinks/{{sink}}/confirm",
        MEMBER_WRITES,
        confirm_sink,
        SinkView,
        MailboxCode,
    ),
    Route("GET", f"{_PATH}/deliveries", MEMBER_READS_BOOKS, list_deliveries, Page[DeliveryView]),
    Route("GET", f"{_PATH}/threshold", MEMBER_READS_BOOKS, show_threshold, Threshold),
    Route("PUT", f"{_PATH}/threshold", MEMBER_WRITES, set_threshold, Empty, Threshold),
)
