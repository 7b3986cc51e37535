"""Rows of an old gateway's `channels`, in the form that all importers bring them to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from yiyuan.integrations.importers.shared.addresses import Vendor


@dataclass(slots=True, frozen=True, kw_only=True)
class ChannelRow:
    """One row of an old gateway's table, its texts read but not judged yet."""

    id: str
    name: str
    type: int
    keys: tuple[str, ...] = field(repr=False)
    address: str
    models: tuple[str, ...]
    mapping: Mapping[str, str]
    groups: frozenset[str]
    priority: int
    weight: int
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    proxy: str = ""
    changes_meaning: tuple[str, ...] = ()
    """Settings without which the channel would answer otherwise."""
    not_applied: tuple[str, ...] = ()
    """Settings that are lost without harm."""
    azure_version: str = ""
    """The version in which Azure is called there."""
    regions: Mapping[str, str] = field(default_factory=dict)
    """Where a cloud is asked for a model, by its public name; `""` for all others."""
    project: str = ""
    """Whose a cloud's models are, where the key does not say it."""
    is_api_key: bool = False
    """Whether a cloud's key is just a key, not an account's JSON."""
    vendor: Vendor | None = None
    """Where it leads, once a cloud's address was made; else the type and the address say it."""
    offered: tuple[str, ...] = ()
    """All public names of the row that this is a part of."""
    drops_dots: bool = True
    """Whether Azure's deployments are called there by the model's name without dots."""
    key_name: str = ""
    """The name under which rows of several keys belong together."""


@dataclass(slots=True, frozen=True, kw_only=True)
class Habits:
    """How a program treats its channels."""

    types: Mapping[int, Vendor]
    titles: Mapping[int, str]
    """Names of those types that are not spoken to here."""
    follows_chains: bool = False
    breaks_on_slash: bool = False
    """Whether an address with a slash at its end was called with two."""
