"""The fields of a `[[channel]]` that say what its vendor does: formats, quirks, fields.

A quirk that is misspelt, a format that the vendor does not speak or a model that no
format is left for is refused, because it would silently be none.
"""

import json
import re
from typing import Any

from yiyuan.dialects.quirks import Quirks
from yiyuan.dialects.shared.conversion import ROUTING_FIELDS
from yiyuan.integrations.providers.contract import Provider
from yiyuan.integrations.providers.quirks import WrongQuirk, read_quirks
from yiyuan.integrations.providers.registry import provider_at
from yiyuan.services.catalog.reading.toml_fields import Table

Json = dict[str, Any]

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)


def read_vendor_fields(
    table: Table, provider: Provider, base_url: str, models: dict[str, str]
) -> Json:
    """`speaks`, `quirks` (as JSON) and `pass_fields`. Raises CommandError `invalid_catalog`."""
    speaks = table.texts("speaks")
    known = [e.dialect for e in provider.endpoints if e.operation == "generation"]
    for index, name in enumerate(speaks):
        if name not in known:
            place = (*table.path, "speaks", index)
            choices = ", ".join(known)
            raise table.source.problem(place, "must be one of {choices}", choices=choices)
    quirks = table.entries("quirks", {})
    try:
        quirks_of(provider.name, base_url, models, quirks)
    except WrongQuirk as error:
        raise table.source.problem((*table.path, "quirks", error.name), error.said) from None
    fields = table.texts("pass_fields")
    for index, name in enumerate(fields):
        if not _FIELD.fullmatch(name) or name in ROUTING_FIELDS:
            place = (*table.path, "pass_fields", index)
            raise table.source.problem(place, "must be a field that steers no routing")
    return {"speaks": speaks, "quirks": json.dumps(quirks, sort_keys=True), "pass_fields": fields}


def quirks_of(
    provider: str, base_url: str, models: dict[str, str], overrides: Json
) -> dict[str, Quirks]:
    """Public name → quirks, where anything is known. Raises WrongQuirk."""
    vendor = provider_at(provider, base_url)
    if vendor is not None and vendor.quirks_for is not None:
        return {public: vendor.quirks_for(name, overrides) for public, name in models.items()}
    if not overrides:
        return {}
    own = read_quirks(overrides)
    return dict.fromkeys(models, own)
