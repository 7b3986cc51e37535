"""What the pages say of this very gateway: its addresses, models, prices and limits.

Facts are taken from one catalog and compare equal when they say the same, so that a
change which readers cannot see (a channel's weight, somebody's token) leaves the
pages as they are.
"""

from dataclasses import dataclass

from yiyuan.kernel.money import PPM
from yiyuan.pricing.model import Model, Tier
from yiyuan.pricing.price import Price, to_json
from yiyuan.routing.catalog import Catalog

EMBEDDING_MARK = "embed"


@dataclass(slots=True, frozen=True)
class ModelFacts:
    """One model as a customer sees it."""

    name: str
    price: Price
    price_text: str
    """Canonical: equal prices have equal text."""
    rpm: int | None
    tpm: int | None
    concurrency: int | None
    context_tokens: int | None
    max_output_tokens: int | None

    @property
    def is_embedding(self) -> bool:
        """Whether its name says that it makes embeddings; nothing else tells."""
        return EMBEDDING_MARK in self.name.lower()


@dataclass(slots=True, frozen=True)
class Facts:
    """One gateway as its customers see it."""

    api_url: str
    public_url: str
    nextchat_url: str
    """The operator's NextChat; empty when there is none."""
    models: tuple[ModelFacts, ...]
    tiers: tuple[Tier, ...]
    """In ascending order, beginning with the one that everybody is in."""
    has_status: bool = True
    """Whether there is a status page to lead to."""

    @property
    def chat_models(self) -> list[str]:
        """The names of the models that write text."""
        return [model.name for model in self.models if not model.is_embedding]

    @property
    def embedding_models(self) -> list[str]:
        """The names of the models that make embeddings."""
        return [model.name for model in self.models if model.is_embedding]


def gather(
    catalog: Catalog, api_url: str, public_url: str, nextchat_url: str, *, has_status: bool = True
) -> Facts:
    """The facts of a catalog: models that can be used, in the order of their names."""
    models = tuple(_model(catalog.models[name]) for name in offered(catalog))
    tiers = _tiers(catalog)
    return Facts(api_url, public_url, nextchat_url, models, tiers, has_status=has_status)


def offered(catalog: Catalog) -> list[str]:
    """The names of the models that can be used, in order."""
    return [
        name
        for name, model in sorted(catalog.models.items())
        if model.enabled and catalog.channels_for(name)
    ]


def _model(model: Model) -> ModelFacts:
    return ModelFacts(
        model.name,
        model.price,
        to_json(model.price),
        model.rpm,
        model.tpm,
        model.concurrency,
        model.context_tokens,
        model.max_output_tokens,
    )


def _tiers(catalog: Catalog) -> tuple[Tier, ...]:
    """The tiers, with the one below the lowest in front when that starts above 0."""
    tiers = sorted(catalog.tiers, key=lambda tier: tier.min_balance_micros)
    if not tiers or tiers[0].min_balance_micros > 0:
        tiers.insert(0, Tier(0, PPM))
    return tuple(tiers)
