"""A model as the catalog describes it, and the tiers by which its limits grow.

Tiers follow the posted balance: the highest `min_balance_micros` that the balance
reaches decides; without one, everything is multiplied by 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from yiyuan.kernel.money import PPM, divide_up
from yiyuan.pricing.price import Price

DEFAULT_OUTPUT_TOKENS = 4096
FALLBACK_MAX = 3
"""More models than this are not tried after the one that was asked for."""


@dataclass(slots=True, frozen=True)
class About:
    """What the operator tells clients of a model; None: what its channels allow to tell."""

    modalities: tuple[str, ...] | None = None
    """What it takes: `text`, `image`, `audio`, `video`, `file`."""
    supports: tuple[str, ...] | None = None
    """What it can: `tools`, `json_schema`, `reasoning`, `caching`."""
    shutdown_date: str | None = None
    """The last day on which it is offered, as a date."""


NOTHING_TOLD = About()


@dataclass(slots=True, frozen=True)
class Model:
    """A public model. Limits that are None are off.

    `rpm` and `tpm` are per account and minute, `concurrency` open requests per
    account. `context_tokens` and `max_output_tokens` shape defaults and never
    refuse. `image_tokens` is what one image counts for in a bound, and
    `input_factor_ppm` stretches the bound for vocabularies denser than bytes.
    """

    name: str
    price: Price
    rpm: int | None = None
    tpm: int | None = None
    concurrency: int | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    image_tokens: int = 6000
    input_factor_ppm: int = PPM
    enabled: bool = True
    fallback: tuple[str, ...] = ()
    """Models that may answer instead, in this order, before anything was delivered."""
    has_affinity: bool = True
    """Whether a conversation keeps its channel and key."""
    about: About = NOTHING_TOLD

    @property
    def longest_output(self) -> int:
        """Output tokens that a choice may have when the client sets no maximum."""
        return self.max_output_tokens or self.context_tokens or DEFAULT_OUTPUT_TOKENS


@dataclass(slots=True, frozen=True)
class Tier:
    """From `min_balance_micros` on: limits × `rate_ppm`, prices × `price_factor_ppm`."""

    min_balance_micros: int
    rate_ppm: int
    price_factor_ppm: int = PPM


@dataclass(slots=True, frozen=True)
class PriceGroup:
    """Prices × `price_factor_ppm`, over these channels; None: all that no group names."""

    name: str
    price_factor_ppm: int = PPM
    channels: frozenset[str] | None = None


_NO_TIER = Tier(0, PPM)


def tier_for(tiers: Iterable[Tier], balance_micros: int, promised_micros: int = 0) -> Tier:
    """The tier that a posted balance is in; ×1 if it reaches none. Any order will do.

    An account that was promised the tier of a larger balance has it with a smaller one.
    """
    reached = max(promised_micros, balance_micros)
    found: Tier | None = None
    for tier in tiers:
        if tier.min_balance_micros <= reached and (
            found is None or tier.min_balance_micros > found.min_balance_micros
        ):
            found = tier
    return found or _NO_TIER


def combined_factor(tier: Tier, group: PriceGroup | None) -> int:
    """The price factor of a tier and a group together, in millionths, rounded up once."""
    if group is None:
        return tier.price_factor_ppm
    return divide_up(tier.price_factor_ppm * group.price_factor_ppm, PPM)


def effective_limit(base: int, tier: Tier) -> int:
    """A limit in a tier: floor(base × rate), at least 1."""
    return max(1, base * tier.rate_ppm // PPM)
