"""Presets: a vendor is one TOML file, read once and checked whole.

A file says where the vendor is, which formats it speaks, its quirks (for all its
models and for some by name), and for every claim what it rests on and when that
was read. Claims that nobody has seen confirmed are left out and listed under
`left_out`, so that a reader knows they were not forgotten.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

from yiyuan.dialects.quirks import Quirks
from yiyuan.integrations.providers.contract import Balance
from yiyuan.integrations.providers.quirks import WrongQuirk, read_quirks

FORMATS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
"""What `speaks` may name."""
MARKS = ("vendor", "third party")
"""`vendor`: its documentation or its SDK's source; `third party`: someone's report."""
_FIELDS = frozenset(
    {
        *("title", "provider", "base_url", "base_url_example", "speaks", "anthropic_path"),
        *("pass_fields", "operations", "example", "balance", "quirks", "models", "evidence"),
        *("left_out", "notes"),
    }
)


class WrongPreset(ValueError):
    """A file of ours that cannot be."""


@dataclass(slots=True, frozen=True)
class Evidence:
    """What a claim rests on."""

    about: tuple[str, ...]
    """Names of quirks, or `address`, `speaks`, `balance`, `pass_fields`."""
    says: str
    source: str
    read: date
    mark: str


@dataclass(slots=True, frozen=True, kw_only=True)
class Preset:
    """One vendor."""

    name: str
    title: Mapping[str, str]
    """By language."""
    provider: str
    """Who transports: `openai`, `anthropic`, `gemini`, `azure`, `vertex`."""
    base_url: str | None
    """None: every customer has his own, as in `base_url_example`."""
    base_url_example: str
    speaks: tuple[str, ...]
    """Formats, the preferred one first."""
    anthropic_path: str | None
    """Path at the origin below which `/v1/messages` stands; None: not spoken."""
    operations: frozenset[str]
    """Besides generation: `embeddings`, `completions`, `rerank`, `moderations`."""
    pass_fields: frozenset[str]
    """Fields of its own that do not cost extra and are sent on."""
    example: tuple[str, ...]
    """Models of its for the documentation."""
    balance: Balance | None
    quirks: Quirks
    models: tuple[tuple[str, Mapping[str, Any]], ...] = field(repr=False)
    """Patterns of upstream names and what is different for these."""
    evidence: tuple[Evidence, ...] = field(repr=False)
    left_out: tuple[str, ...] = field(repr=False)
    notes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def quirks_for(self, upstream_model: str, overrides: Mapping[str, Any]) -> Quirks:
        """Those of one model, as a channel's own `overrides` leave them. Raises WrongQuirk."""
        found = self.quirks
        for pattern, values in self.models:
            if fnmatchcase(upstream_model.lower(), pattern):
                found = read_quirks(values, found)
                break
        return read_quirks(overrides, found) if overrides else found


@cache
def presets() -> dict[str, Preset]:
    """Every preset, by name. Raises WrongPreset."""
    folder = resources.files("yiyuan.integrations.providers") / "presets"
    files = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return {
        name.removesuffix(".toml"): read_preset(
            name.removesuffix(".toml"), (folder / name).read_text("utf-8")
        )
        for name in files
    }


def read_preset(name: str, text: str) -> Preset:
    """Read and check one file. Raises WrongPreset."""
    values = tomllib.loads(text)
    unknown = sorted(set(values) - _FIELDS)
    if unknown:
        raise WrongPreset(f"{name}: {unknown[0]} is not known")
    try:
        quirks = read_quirks(values.get("quirks", {}))
        models = tuple(_model(name, table, quirks) for table in values.get("models", []))
        preset = Preset(
            name=name,
            title=values["title"],
            provider=values.get("provider", "openai"),
            base_url=values.get("base_url"),
            base_url_example=values.get("base_url_example") or values["base_url"],
            speaks=tuple(values["speaks"]),
            anthropic_path=values.get("anthropic_path"),
            operations=frozenset(values.get("operations", [])),
            pass_fields=frozenset(values.get("pass_fields", [])),
            example=tuple(values["example"]),
            balance=Balance(**values["balance"]) if "balance" in values else None,
            quirks=quirks,
            models=models,
            evidence=tuple(_evidence(entry) for entry in values.get("evidence", [])),
            left_out=tuple(values.get("left_out", [])),
            notes=values.get("notes", {}),
        )
    except (KeyError, TypeError, WrongQuirk) as error:
        raise WrongPreset(f"{name}: {getattr(error, 'name', '')} {error}") from error
    _check(preset, values)
    return preset


def _model(name: str, table: dict[str, Any], base: Quirks) -> tuple[str, Mapping[str, Any]]:
    values = dict(table)
    pattern = values.pop("match")
    if pattern != pattern.lower():
        raise WrongPreset(f"{name}: the pattern {pattern} must be in lower case")
    read_quirks(values, base)
    return pattern, values


def _evidence(entry: dict[str, Any]) -> Evidence:
    return Evidence(
        about=tuple(entry["about"]),
        says=entry["says"],
        source=entry["source"],
        read=entry["read"],
        mark=entry["mark"],
    )


def _check(preset: Preset, values: dict[str, Any]) -> None:
    """Titles in both languages, formats that are known, and evidence for every claim."""
    if set(preset.title) != {"en", "zh"}:
        raise WrongPreset(f"{preset.name}: its title must be in en and zh")
    if not preset.speaks or not set(preset.speaks) <= set(FORMATS):
        raise WrongPreset(f"{preset.name}: speaks must be of {', '.join(FORMATS)}")
    if ("anthropic_messages" in preset.speaks) != (preset.anthropic_path is not None):
        raise WrongPreset(f"{preset.name}: anthropic_path and speaks do not agree")
    claimed = set(values.get("quirks", {})) | {"address", "speaks"}
    claimed |= {key for table in values.get("models", []) for key in table} - {"match"}
    claimed |= {key for key in ("balance", "pass_fields") if key in values}
    shown = {about for entry in preset.evidence for about in entry.about}
    if claimed - shown:
        raise WrongPreset(f"{preset.name}: no evidence for {min(claimed - shown)}")
    for entry in preset.evidence:
        if entry.mark not in MARKS or not isinstance(entry.read, date):
            raise WrongPreset(f"{preset.name}: evidence needs a date and a mark")
