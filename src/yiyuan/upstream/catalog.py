"""The catalog: models, tiers and channels as of one moment, immutable.

A request takes the catalog once, at its beginning, and keeps it: a change by
the operator makes a new catalog with a higher `version` and never touches a
running request. What can be computed once per catalog is computed here (which
channels serve a model), so that a request costs one dictionary look-up.

A model without an enabled channel is still a model; asking for its channels
gives an empty tuple, as does a name that does not exist.
"""

from dataclasses import dataclass, field

from yiyuan.pricing.model import Model, Tier
from yiyuan.upstream.channel import Channel

DEMO_PROVIDER = "demo"


@dataclass(slots=True, frozen=True, eq=False)
class Catalog:
    """What can be bought here, under which limits, and who delivers it."""

    models: dict[str, Model]
    tiers: tuple[Tier, ...] = ()
    channels: tuple[Channel, ...] = ()
    version: int = 0
    _by_model: dict[str, tuple[Channel, ...]] = field(init=False, repr=False)
    _draining: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the enabled channels by model."""
        index = {name: _serving(self.channels, name) for name in self.models}
        object.__setattr__(self, "_by_model", index)
        draining = (
            name for name, found in index.items() if any(c.on_disconnect == "drain" for c in found)
        )
        object.__setattr__(self, "_draining", frozenset(draining))

    def channels_for(self, model: str) -> tuple[Channel, ...]:
        """The enabled channels that serve `model`, in the catalog's order.

        `demo` is dropped as soon as any other enabled channel lists the model.
        """
        return self._by_model.get(model, ())

    def may_drain(self, model: str) -> bool:
        """Whether any channel of `model` reads on when its client has gone."""
        return model in self._draining


def _serving(channels: tuple[Channel, ...], model: str) -> tuple[Channel, ...]:
    listed = tuple(c for c in channels if c.enabled and model in c.models)
    real = tuple(c for c in listed if c.provider.name != DEMO_PROVIDER)
    return real or listed
