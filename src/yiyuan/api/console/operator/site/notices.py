"""Where operators want to be told what happens to the whole house."""

from typing import Final

from yiyuan.api.console.account.notices import NewSecret, SinkAsk, SinkChange, alter_sink, make_sink
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import Page
from yiyuan.services.notifications import destinations, places
from yiyuan.services.notifications.places import DeliveryView, MadeSink, SinkView, Tried

GROUP: Final = "operator_notices"
"""What its routes are called in the audit log and in the OpenAPI document."""


async def list_sinks(visit: ConsoleRequest, _: Empty) -> Page[SinkView]:
    """Where operators are told."""
    return Page(items=await places.list_places(visit.context, None))


async def create_sink(visit: ConsoleRequest, asked: SinkAsk) -> MadeSink:
    """Tell operators somewhere."""
    return await make_sink(visit, None, asked)


async def change_sink(visit: ConsoleRequest, asked: SinkChange) -> SinkView:
    """Change a place; what was given up there is tried again."""
    return await alter_sink(visit, None, asked)


async def remove_sink(visit: ConsoleRequest, _: Empty) -> Empty:
    """Tell nothing there any more."""
    await destinations.remove_destination(visit.context, None, visit.places["sink"])
    return Empty()


async def try_out(visit: ConsoleRequest, _: Empty) -> Tried:
    """Send a test notice now."""
    return await places.try_place(visit.context, None, visit.places["sink"])


async def roll_secret(visit: ConsoleRequest, _: Empty) -> NewSecret:
    """Give a webhook another signing secret."""
    made = await destinations.roll_secret(visit.context, None, visit.places["sink"])
    return NewSecret(secret=made)


async def list_deliveries(visit: ConsoleRequest, _: Empty) -> Page[DeliveryView]:
    """What was told lately, and what could not be."""
    return Page(items=await places.recent_deliveries(visit.context, None))


_PATH: Final = "/api/operator/notices"
_WRITES: Final = Access("operator", OWNER)

ROUTES = (
    Route("GET", f"{_PATH}/sinks", OPERATOR_READS, list_sinks, Page[SinkView]),
    Route("POST", f"{_PATH}/sinks", _WRITES, create_sink, MadeSink, SinkAsk),
    Route("PATCH", f"{_PATH}/sinks/{{sink}}", _WRITES, change_sink, SinkView, SinkChange),
    Route("DELETE", f"{_PATH}/sinks/{{sink}}", _WRITES, remove_sink, Empty),
    Route("POST", f"{_PATH}/sinks/{{sink}}/test", _WRITES, try_out, Tried),
    Route("POST", f"{_PATH}/sinks/{{sink}}/secret", _WRITES, roll_secret, NewSecret),
    Route("GET", f"{_PATH}/deliveries", OPERATOR_READS, list_deliveries, Page[DeliveryView]),
)
