"""Commands about who is told what happens: places of an account, or of the operators."""

from dataclasses import fields
from typing import Annotated

import msgspec
from msgspec import Meta

from yiyuan.services.accounts import profile
from yiyuan.services.accounts.accounts import account_id_of, get_account
from yiyuan.services.notifications import destinations, places
from yiyuan.services.notifications.destinations import Wish
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Amount, Line, Nothing, Request

Value = Annotated[str, Meta(max_length=2_000)]


class Whose(Request):
    """Of an account, by name or id; of the operators without one."""

    account: str | None = None


class NewPlace(Whose, kw_only=True):
    """A new place. Without events it is told all that is usually told."""

    kind: str
    name: Line | None = None
    fields: dict[str, Value] = msgspec.field(default_factory=dict)
    events: list[str] | None = None
    language: str = "en"


class OnePlace(Whose, kw_only=True):
    """A place by its id."""

    id: str


class PlaceChange(OnePlace, kw_only=True):
    """What is absent stays; an empty field clears what is optional."""

    name: Line | None = None
    fields: dict[str, Value] | None = None
    events: list[str] | None = None
    language: str | None = None
    is_enabled: bool | None = None


class NewThreshold(Request):
    """Below which balance an account is told; null is a tenth of its last top-up."""

    account: str
    low_balance: Amount | None = None


@command("notices.kinds", reads=True)
async def kinds(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - the same for all
    """Every kind of place with its fields, and every event."""
    found: Json = msgspec.to_builtins(places.choices())
    return found


@command("notices.list", reads=True)
async def list_all(context: ServiceContext, request: Whose) -> Json:
    """Where they are told, without secrets: `{"places":[…]}`."""
    found = await places.list_places(context, await account_id_of(context, request.account))
    return {"places": msgspec.to_builtins(found)}


@command("notices.add")
async def add(context: ServiceContext, request: NewPlace) -> Json:
    """Tell them somewhere, too: `{"sink","secret"}`; a webhook's secret is shown this once."""
    made = await places.add_place(
        context, await account_id_of(context, request.account), _wish(request)
    )
    found: Json = msgspec.to_builtins(made)
    return found


@command("notices.change")
async def change(context: ServiceContext, request: PlaceChange) -> Json:
    """Change a place; what was given up there is tried again."""
    account = await account_id_of(context, request.account)
    changed = await places.change_place(context, account, request.id, _wish(request))
    found: Json = msgspec.to_builtins(changed)
    return found


@command("notices.remove")
async def remove(context: ServiceContext, request: OnePlace) -> Json:
    """Tell nothing there any more: `{"removed"}`."""
    account = await account_id_of(context, request.account)
    await destinations.remove_destination(context, account, request.id)
    return {"removed": request.id}


@command("notices.test")
async def test(context: ServiceContext, request: OnePlace) -> Json:
    """Send a test notice now: `{"ok","reason"}`."""
    account = await account_id_of(context, request.account)
    found: Json = msgspec.to_builtins(await places.try_place(context, account, request.id))
    return found


@command("notices.secret")
async def roll_secret(context: ServiceContext, request: OnePlace) -> Json:
    """Give a webhook another signing secret, shown this once: `{"secret"}`."""
    account = await account_id_of(context, request.account)
    return {"secret": await destinations.roll_secret(context, account, request.id)}


@command("notices.log", reads=True)
async def log(context: ServiceContext, request: Whose) -> Json:
    """What was told lately, and what could not be: `{"deliveries":[…]}`."""
    found = await places.recent_deliveries(context, await account_id_of(context, request.account))
    return {"deliveries": msgspec.to_builtins(found)}


@command("notices.threshold")
async def set_threshold(context: ServiceContext, request: NewThreshold) -> Json:
    """Choose below which balance an account is told: `{"low_balance"}`."""
    account = await get_account(context, request.account)
    await profile.set_threshold(context, account.id, request.low_balance)
    return {"low_balance": await profile.get_threshold(context, account.id)}


def _wish(request: NewPlace | PlaceChange) -> Wish:
    """What of a request is the place's own."""
    named = request.__struct_fields__
    return Wish(
        **{each.name: getattr(request, each.name) for each in fields(Wish) if each.name in named}
    )
