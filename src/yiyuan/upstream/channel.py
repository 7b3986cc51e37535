"""A channel: one configured account at a vendor, as the hot path sees it.

Pure data, built by `console/catalog.py` from the database's rows with the keys
already unsealed, and never changed afterwards: a new catalog brings new
channels. Equality and hashing are by identity, because a channel holds
dictionaries and because two catalogs' channels are never compared.

Secrets are kept out of `repr`, so that no log line or traceback can show one.
"""

from dataclasses import dataclass, field
from typing import Literal

from yiyuan.pricing.price import Price
from yiyuan.providers.provider import Header, Provider

OnDisconnect = Literal["cancel", "drain"]


@dataclass(slots=True, frozen=True, eq=False)
class UpstreamKey:
    """One credential of a channel; `id` names it in logs and breakers."""

    id: str
    secret: str = field(repr=False)


@dataclass(slots=True, frozen=True, eq=False, kw_only=True)
class Channel:
    """One upstream account: where it is, its keys, what it serves, how to treat it."""

    id: str
    name: str
    provider: Provider
    base_url: str
    keys: tuple[UpstreamKey, ...]
    models: dict[str, str]
    """Public name → the upstream's name."""
    native_completions: frozenset[str] = frozenset()
    """Public names whose upstream really serves legacy completions."""
    priority: int = 0
    """Lower is tried first."""
    weight: int = 1
    """Share among channels of the same priority; 0 is tried after all others."""
    timeout_seconds: float = 600.0
    """Longest wait for the first byte, and then for each next one."""
    proxy: str | None = field(default=None, repr=False)
    """Overrides the environment's proxies; `http://`, `https://` or `socks5://`; it may
    carry credentials."""
    headers: tuple[Header, ...] = field(default=(), repr=False)
    """Extra request headers; they may carry credentials too."""
    allow_private: bool = False
    """Whether loopback and private addresses may be connected to."""
    on_disconnect: OnDisconnect = "cancel"
    stream_usage: bool = True
    """False for upstreams that refuse `stream_options`."""
    costs: dict[str, Price] = field(default_factory=dict)
    """Public name → what the operator pays, for margins."""
    enabled: bool = True
