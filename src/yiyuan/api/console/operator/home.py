"""The operator's first page: what is owed, earned and broken, and what to set up."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, Empty, Route
from yiyuan.services.accounts.house import HouseFigures, house_figures
from yiyuan.services.accounts.ledger import Verified, last_verified
from yiyuan.services.channels.health import ChannelHealth, channels_health

GROUP: Final = "operator_home"
"""What its routes are called in the audit log and in the OpenAPI document."""


class Home(HouseFigures):
    """Revenue is net of refunds; `margin_month` is of `costed_revenue_month` alone.

    `refused` counts answers by code since this server's start.
    """

    refused: dict[str, int]
    channels: list[ChannelHealth]
    verified: Verified


async def show(visit: ConsoleRequest, _: Empty) -> Home:
    """The whole shop at a glance."""
    context, house = visit.context, visit.house
    figures = await house_figures(context)
    refused = house.metrics.counts("yiyuan_refusals")
    return Home(
        **{name: getattr(figures, name) for name in HouseFigures.__struct_fields__},
        refused={code: count for (code,), count in refused},
        channels=await channels_health(context, house.catalog(), house.router),
        verified=await last_verified(context),
    )


ROUTES = (Route("GET", "/api/operator/home", OPERATOR_READS, show, Home),)
