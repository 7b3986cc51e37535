"""The catalog: models, tiers and channels as of one moment, immutable.

A request takes the catalog once, at its beginning, and keeps it: a change by
the operator makes a new catalog with a higher `version` and never touches a
running request. What can be computed once per catalog is computed here (which
channels serve a model), so that a request costs one dictionary look-up.

A model without an enabled channel is still a model; asking for its channels
gives an empty tuple, as does a name that does not exist.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from yiyuan.kernel.money import PPM
from yiyuan.pricing.model import Model, PriceGroup, Tier
from yiyuan.routing.channel import Channel

DEMO_PROVIDER = "demo"


@dataclass(slots=True, frozen=True, eq=False)
class Catalog:
    """What can be bought here, under which limits, and who delivers it."""

    models: dict[str, Model]
    tiers: tuple[Tier, ...] = ()
    channels: tuple[Channel, ...] = ()
    version: int = 0
    groups: dict[str, PriceGroup] = field(default_factory=dict)
    _by_model: dict[str | None, dict[str, tuple[Channel, ...]]] = field(init=False, repr=False)
    _draining: frozenset[str] = field(init=False, repr=False)
    nothing_is_free: bool = field(init=False, repr=False, default=False)
    """Whether every request to every model costs something, for everybody and at any hour."""

    def __post_init__(self) -> None:
        """Index the enabled channels by group and model."""
        named = {name for group in self.groups.values() for name in group.channels or ()}
        free = tuple(channel for channel in self.channels if channel.name not in named)
        index: dict[str | None, dict[str, tuple[Channel, ...]]] = {None: _index(self.models, free)}
        for name, group in self.groups.items():
            own = group.channels
            channels = tuple(c for c in self.channels if own is not None and c.name in own)
            index[name] = index[None] if own is None else _index(self.models, channels)
        object.__setattr__(self, "_by_model", index)
        draining = (
            model
            for by_model in index.values()
            for model, found in by_model.items()
            if any(channel.on_disconnect == "drain" for channel in found)
        )
        object.__setattr__(self, "_draining", frozenset(draining))
        factors = [tier.price_factor_ppm for tier in self.tiers]
        factors += [group.price_factor_ppm for group in self.groups.values()]
        is_priced = all(factors) and all(
            not model.price.hours
            and model.price.bound_micros(1, 0, factor_ppm=PPM, admitted_ms=0) > 0
            for model in self.models.values()
        )
        object.__setattr__(self, "nothing_is_free", is_priced)

    def channels_for(self, model: str, group: str | None = None) -> tuple[Channel, ...]:
        """The enabled channels that serve `model` to a group, in the catalog's order.

        Without a group: those that no group names. A group that is not known has none.
        `demo` is dropped as soon as any other enabled channel lists the model.
        """
        if group not in self._by_model:
            return ()
        return self._by_model[group].get(model, ())

    def may_drain(self, model: str) -> bool:
        """Whether any channel of `model` reads on when its client has gone."""
        return model in self._draining


def _index(models: Iterable[str], channels: tuple[Channel, ...]) -> dict[str, tuple[Channel, ...]]:
    return {name: _serving(channels, name) for name in models}


def _serving(channels: tuple[Channel, ...], model: str) -> tuple[Channel, ...]:
    listed = tuple(c for c in channels if c.enabled and model in c.models)
    real = tuple(c for c in listed if c.provider.name != DEMO_PROVIDER)
    return real or listed
