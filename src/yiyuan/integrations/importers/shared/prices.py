"""From what a program charges for a name to one price per public name.

Some programs charge by the public name, some by the upstream's. In the second case two
channels can give one public name two prices; then the channel that was asked first keeps
the name, and the others lose it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from yiyuan.integrations.importers.contract import Channel, Model, ModelPrice, Shop

PriceOf = Callable[[str, int], ModelPrice | None]
"""(name that is charged, type of channel) → price; None is no price."""


def by_public_name(
    channels: Iterable[tuple[Channel, int]], price_of: PriceOf
) -> tuple[list[Channel], list[Model]]:
    """Each public name at its own price."""
    kept = list(channels)
    models = {
        name: Model(name=name, price=price_of(name, kind))
        for channel, kind in kept
        for name in channel.models
    }
    return [channel for channel, _ in kept], list(models.values())


def by_upstream_name(
    shop: Shop, channels: Iterable[tuple[Channel, int]], price_of: PriceOf
) -> tuple[list[Channel], list[Model]]:
    """Each public name at the price of the name that stands behind it."""
    order = sorted(channels, key=lambda each: (not each[0].is_enabled, each[0].priority))
    models: dict[str, Model] = {}
    kept: dict[str, Channel] = {}
    for channel, kind in order:
        names = {}
        for public, upstream in channel.models.items():
            price = price_of(upstream, kind)
            model = models.setdefault(public, Model(name=public, price=price))
            if model.price == price:
                names[public] = upstream
                continue
            subject = f"channel {channel.source_id} {channel.name}"
            template = '"{model}" costs another price here ("{upstream}"), and is left out'
            shop.note("two_prices", subject, template, model=public, upstream=upstream)
        kept[channel.source_id] = replace(channel, models=names)
    return sorted(kept.values(), key=_number), list(models.values())


def _number(channel: Channel) -> tuple[int, str]:
    return (int(channel.source_id) if channel.source_id.isdigit() else 0, channel.source_id)


UNITS_PER_TOKEN_MAX = 10**8
"""What no token and no call ever cost."""


def drop_unpriced(shop: Shop) -> None:
    """Take names without a price that can be one out of channels, and list them."""
    unpriced = {model.name for model in shop.models if model.price is None}
    for name in sorted(unpriced):
        shop.note("price_unknown", f"model {name}", "has no price there, and is not sold here")
    absurd = {m.name for m in shop.models if m.price is not None and not _is_possible(m.price)}
    for name in sorted(absurd):
        template = "its price there is negative or beyond measure: it is not sold here"
        shop.note("price_unknown", f"model {name}", template)
    unpriced |= absurd
    shop.models = [model for model in shop.models if model.name not in unpriced]
    shop.channels = [
        replace(
            channel,
            models={name: up for name, up in channel.models.items() if name not in unpriced},
        )
        for channel in shop.channels
    ]


def _is_possible(price: ModelPrice) -> bool:
    numbers = [price.input, price.output, price.cached_input, price.cache_write]
    numbers += [price.cache_write_1h, *(number for _, *step in price.steps for number in step)]
    fit = all(0 <= number <= UNITS_PER_TOKEN_MAX for number in numbers if number is not None)
    return fit and 0 <= price.request <= UNITS_PER_TOKEN_MAX * 1_000_000
