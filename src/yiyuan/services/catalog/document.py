"""A catalog as documents: what a file says and what the database holds, in one form.

`apply` compares the two, `export` writes the second out. Nothing here is
checked: `file.py` does that for files.
"""

import re
import zlib
from dataclasses import dataclass, field

from yiyuan.kernel.money import PPM
from yiyuan.pricing.model import NOTHING_TOLD, About
from yiyuan.pricing.price import Price
from yiyuan.services.catalog.reading.toml_lines import Path

Pairs = tuple[tuple[str, str], ...]

_PLAIN_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)


class UnsetHeader(str):
    """The name of the variable that a header's value comes from, while it is not set."""

    __slots__ = ()


@dataclass(slots=True, frozen=True)
class KeyDocument:
    """One upstream key.

    `source` is the environment variable that it comes from, `file` the file; both None if
    it was given itself. `secret` is None while the variable is not set.
    """

    secret: str | None = field(repr=False)
    source: str | None = None
    file: str | None = None
    expires_at: int | None = None
    """Milliseconds; it is not used from then on."""
    path: Path = field(default=(), compare=False)
    """Where it stands in the file."""


@dataclass(slots=True, frozen=True, kw_only=True)
class ChannelDocument:
    """One `[[channel]]`; `costs` are prices as canonical JSON text."""

    name: str
    provider: str
    base_url: str
    keys: tuple[KeyDocument, ...] = ()
    models: dict[str, str]
    native_completions: frozenset[str] = frozenset()
    priority: int = 0
    weight: int = 1
    timeout_seconds: float = 600.0
    proxy: str | None = None
    headers: Pairs = ()
    allow_private: bool = True
    on_disconnect: str = "cancel"
    stream_usage: bool = True
    costs: dict[str, str] = field(default_factory=dict)
    speaks: tuple[str, ...] = ()
    quirks: str = "{}"
    """As JSON, only what differs from the vendor's."""
    pass_fields: tuple[str, ...] = ()
    path: Path = field(default=(), compare=False)


@dataclass(slots=True, frozen=True, kw_only=True)
class ModelDocument:
    """One `[[model]]`."""

    name: str
    price: Price
    rpm: int | None = None
    tpm: int | None = None
    concurrency: int | None = None
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    image_tokens: int = 6000
    input_factor_ppm: int = PPM
    fallback: tuple[str, ...] = ()
    affinity: str = "auto"
    about: About = NOTHING_TOLD
    path: Path = field(default=(), compare=False)


@dataclass(slots=True, frozen=True, kw_only=True)
class TierDocument:
    """One `[[tier]]`."""

    min_balance_micros: int
    rate_ppm: int
    price_factor_ppm: int = PPM


@dataclass(slots=True, frozen=True, kw_only=True)
class GroupDocument:
    """One `[[group]]`; without channels it has all that no group names."""

    name: str
    price_factor_ppm: int = PPM
    channels: tuple[str, ...] | None = None
    path: Path = field(default=(), compare=False)


@dataclass(slots=True, frozen=True, kw_only=True)
class CatalogDocument:
    """A whole catalog, in its order."""

    channels: tuple[ChannelDocument, ...] = ()
    models: tuple[ModelDocument, ...] = ()
    tiers: tuple[TierDocument, ...] = ()
    groups: tuple[GroupDocument, ...] = ()


def placeholder(channel: str, position: int) -> str:
    """The variable that stands in an export for a key that was given itself.

    `UPSTREAM_KEY_OPENAI`, `UPSTREAM_KEY_OPENAI__2`; different for every key of
    every channel, whatever the channel is called.
    """
    name = re.sub(r"[^A-Z0-9]", "_", channel.upper(), flags=re.ASCII)
    if not _PLAIN_NAME.fullmatch(channel):
        name = f"{name}__{zlib.crc32(channel.encode()):08X}"
    suffix = f"__{position + 1}" if position else ""
    return f"UPSTREAM_KEY_{name}{suffix}"
