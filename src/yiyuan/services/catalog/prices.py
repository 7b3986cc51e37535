"""The prices that a model has, had and is to have."""

from typing import Any

import msgspec

from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables import price_changes

Price = dict[str, Any]


class NextPrice(Answer):
    """A price that is to hold from a later time on."""

    effective_at: str
    price: Price


class PriceVersion(Answer):
    """A price that the model has, had, or will have."""

    price_id: str
    price: Price
    created: str
    effective_at: str
    is_waiting: bool
    is_current: bool


async def next_prices(context: ServiceContext) -> dict[str, NextPrice]:
    """The next price of each model that waits for one."""
    following: dict[str, NextPrice] = {}
    for change in await price_changes.waiting(context.database):
        price = msgspec.json.decode(change.document)
        following.setdefault(
            change.model, NextPrice(effective_at=iso(change.effective_at), price=price)
        )
    return following


async def price_versions(
    context: ServiceContext, model: str, current_id: str
) -> list[PriceVersion]:
    """Every price of a model, the latest first; `current_id` is the one in force."""
    return [
        PriceVersion(
            price_id=version.price_id,
            price=msgspec.json.decode(version.document),
            created=iso(version.created_at),
            effective_at=iso(version.effective_at),
            is_waiting=version.is_waiting,
            is_current=version.price_id == current_id,
        )
        for version in await price_changes.versions(context.database, model)
    ]
