"""Every vendor that a catalog may name: the files of this folder, and the presets.

A preset that has the name of a file (`openai`, `azure`, `gemini`, `vertex`) is that
vendor at its own address; at another address the file alone counts, since what
stands there only speaks like it.
"""

from dataclasses import replace
from functools import cache
from types import MappingProxyType

import yiyuan.integrations.providers
from yiyuan.integrations.providers.contract import Endpoint, Provider
from yiyuan.integrations.providers.presets import Preset, presets
from yiyuan.integrations.providers.shared.openai_like import (
    SESSION_HEADERS,
    messages_endpoint,
    openai_endpoint,
    origin_of,
)
from yiyuan.kernel import plugins

_OPERATIONS = MappingProxyType(
    {
        "completions": "openai_completions",
        "embeddings": "openai_embeddings",
        "moderations": "openai_moderations",
        "rerank": "rerank",
    }
)


@cache
def discover() -> dict[str, Provider]:
    """Every vendor by name."""
    files: dict[str, Provider] = plugins.discover(yiyuan.integrations.providers, "PROVIDER")
    made = {name: _of_preset(preset, files) for name, preset in presets().items()}
    return made | files


def offered() -> list[Provider]:
    """Those that a channel can be made for, in the order of their titles."""
    found = [each for each in discover().values() if each.answer is None]
    own = [provider_at(each.name, "") or each for each in found]
    return sorted(own, key=lambda each: each.title.get("en", each.name).lower())


def provider_at(name: str, base_url: str) -> Provider | None:
    """The vendor of this name at an address; empty for its own address."""
    provider, preset = discover().get(name), presets().get(name)
    if provider is None or preset is None:
        return provider
    files: dict[str, Provider] = plugins.discover(yiyuan.integrations.providers, "PROVIDER")
    is_own = not base_url or preset.base_url is None
    if name not in files or is_own or origin_of(base_url) == origin_of(preset.base_url or ""):
        provider = _of_preset(preset, files)
    if provider.base_query and "?" in base_url:  # the classic addresses know only one format
        provider = replace(provider, speaks=provider.speaks[:1])
    return provider


def _of_preset(preset: Preset, files: dict[str, Provider]) -> Provider:
    carrier = files[preset.provider]
    return replace(
        carrier,
        name=preset.name,
        endpoints=carrier.endpoints if preset.provider != "openai" else _endpoints(preset),
        speaks=preset.speaks,
        base_url=preset.base_url or "",
        quirks_for=preset.quirks_for,
        pass_fields=preset.pass_fields,
        balance=preset.balance,
        title=preset.title,
        base_url_example=preset.base_url_example,
    )


def _endpoints(preset: Preset) -> tuple[Endpoint, ...]:
    """Generation first, in the order of preference; each answer's proofs are the vendor's own."""
    family = "" if preset.name == "openai" else preset.name
    found: list[Endpoint] = []
    for dialect in preset.speaks:
        if dialect == "anthropic_messages":
            found.append(messages_endpoint(preset.anthropic_path or "", family))
        else:
            found.append(
                openai_endpoint(dialect, forwarded_headers=SESSION_HEADERS, proof_family=family)
            )
    found += [
        openai_endpoint(dialect)
        for operation, dialect in _OPERATIONS.items()
        if operation in preset.operations
    ]
    return tuple(found)
