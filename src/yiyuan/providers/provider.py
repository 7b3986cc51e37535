"""The contract of a vendor, and the discovery of those there are."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import yiyuan.providers
from yiyuan.dialects.canon import Json

Header = tuple[str, str]


@dataclass(slots=True, frozen=True)
class Provider:
    """One vendor.

    `generation`, `completions` and `embeddings` name dialects; `completions` is
    used for the public names that a channel lists in `native_completions`.
    """

    name: str
    generation: str
    completions: str | None
    embeddings: str | None
    credential: Callable[[str], list[Header]]
    """Headers that carry an upstream key."""
    url: Callable[[str, str], str]
    """(channel's base URL, dialect's upstream path) → the whole URL."""
    forwarded_headers: frozenset[str] = frozenset()
    """Lower-case names of client headers that go along to this vendor."""
    counts_tokens: bool = False
    """Whether it has `/messages/count_tokens`."""
    answer: Callable[[Json], AsyncIterator[bytes]] | None = None
    """An in-process upstream: body → event stream or JSON bytes. Only `demo` has one."""


def discover() -> dict[str, Provider]:
    """Every provider in this folder, by name."""
    found: dict[str, Provider] = {}
    package = yiyuan.providers
    for entry in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{entry.name}")
        provider: Provider | None = getattr(module, "PROVIDER", None)
        if provider is not None:
            found[provider.name] = provider
    return found
