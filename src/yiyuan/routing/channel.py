"""A channel: one configured account at a vendor, as the hot path sees it.

Pure data, built by `services/catalog/catalog.py` from the database's rows with the keys
already unsealed, and never changed afterwards: a new catalog brings new
channels. Equality and hashing are by identity, because a channel holds
dictionaries and because two catalogs' channels are never compared.

Secrets are kept out of `repr`, so that no log line or traceback can show one.
"""

from dataclasses import dataclass, field
from typing import Literal

from yiyuan.dialects.quirks import Quirks
from yiyuan.integrations.providers.contract import Endpoint, Provider
from yiyuan.kernel.errors import Header
from yiyuan.pricing.price import Price

OnDisconnect = Literal["cancel", "drain"]


@dataclass(slots=True, frozen=True, eq=False)
class UpstreamKey:
    """One credential of a channel; `id` names it in logs and breakers."""

    id: str
    secret: str = field(repr=False)
    is_draining: bool = False
    """Used only where no other key of the channel can be."""
    expires_at: int | None = None
    """Wall-clock milliseconds from which on it is not used."""
    file: str | None = None
    """The file that it comes from, which may change."""


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
    speaks: tuple[str, ...] = ()
    """Formats of generation, best first; empty: the provider's."""
    quirks: dict[str, Quirks] = field(default_factory=dict)
    """Public name → what its upstream model does differently, where anything is known."""
    pass_fields: frozenset[str] = frozenset()
    """Further fields of the vendor's that are sent on."""
    enabled: bool = True
    _found: dict[tuple[str, str, str], Endpoint | None] = field(
        default_factory=dict, init=False, repr=False
    )
    """Ways that were asked for; as many as there are formats and models."""

    def endpoint(self, dialect: str, operation: str, model: str) -> Endpoint | None:
        """Where a request in `dialect` for a public `model` goes: its own format if spoken here.

        Else the preferred format of the operation; None when the channel has none for it.
        """
        asked = (dialect, operation, model)
        try:
            return self._found[asked]
        except KeyError:
            found = self._found[asked] = self._endpoint(dialect, operation, model)
            return found

    def _endpoint(self, dialect: str, operation: str, model: str) -> Endpoint | None:
        upstream = self.models[model]
        if operation == "generation":
            if dialect == "openai_completions" and model in self.native_completions:
                found = self.provider.endpoint(dialect)
                if found is not None:
                    return found
            return self._generation(dialect, upstream)
        for endpoint in self.provider.endpoints:
            if endpoint.operation == operation and _serves(endpoint, upstream):
                return endpoint
        return None

    def _generation(self, dialect: str, upstream: str) -> Endpoint | None:
        speaks = self.speaks or self.provider.speaks
        names = (dialect, *speaks) if dialect in speaks else speaks
        for name in names:
            found = self.provider.endpoint(name)
            if found is not None and _serves(found, upstream):
                return found
        return None


def _serves(endpoint: Endpoint, upstream_model: str) -> bool:
    return endpoint.serves is None or endpoint.serves(upstream_model)
