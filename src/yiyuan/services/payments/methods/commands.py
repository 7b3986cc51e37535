"""Ways to pay by command: set up, listed, offered or not, tried."""

from typing import Any

import msgspec

from yiyuan.services.payments.methods import setup
from yiyuan.services.payments.methods.arrival import arrival
from yiyuan.services.payments.methods.check import check_method
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Nothing, Request
from yiyuan.store.tables.payments.methods import all_methods

Json = dict[str, Any]


class PutMethod(Request):
    """An instance of a kind of method: its fields, its secrets, and whether it is a test's.

    What is not given stays as it is; a new one is live.
    """

    name: str
    kind: str
    set: dict[str, str] = msgspec.field(default_factory=dict)
    secrets: dict[str, str] = msgspec.field(default_factory=dict)
    is_test: bool | None = None
    allow_private: bool = False


class OneMethod(Request):
    """An instance by its name."""

    name: str


class Check(OneMethod):
    """`waits` leaves the test order open, so that it can be paid and its notify waited for."""

    waits: bool = False


class Arrival(OneMethod):
    """A test order by its number."""

    number: str


@command("payments.method.put")
async def method_put(context: ServiceContext, request: PutMethod) -> Json:
    """Make an instance of a payment method, or change the one of this name."""
    row = await setup.put(
        context,
        request.name,
        request.kind,
        request.set,
        request.secrets,
        is_test=request.is_test,
        allow_private=request.allow_private,
    )
    return setup.method_document(context, row)


@command("payments.method.list", reads=True)
async def method_list(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """All instances."""
    rows = await all_methods(context.database)
    return {"methods": [setup.method_document(context, row) for row in rows]}


@command("payments.method.disable")
async def method_disable(context: ServiceContext, request: OneMethod) -> Json:
    """Offer it no more; what is under way goes on."""
    row = await setup.set_enabled(context, request.name, is_enabled=False)
    return setup.method_document(context, row)


@command("payments.method.enable")
async def method_enable(context: ServiceContext, request: OneMethod) -> Json:
    """Offer it again."""
    row = await setup.set_enabled(context, request.name, is_enabled=True)
    return setup.method_document(context, row)


@command("payments.method.check")
async def method_check(context: ServiceContext, request: Check) -> Json:
    """Make, ask and close the smallest order."""
    return await check_method(context, request.name, waits=request.waits)


@command("payments.method.arrival")
async def method_arrival(context: ServiceContext, request: Arrival) -> Json:
    """Whether a notify of a test order has arrived from outside."""
    return await arrival(context, request.name, request.number)
