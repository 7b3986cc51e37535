"""Channels of clouds that are called by region and project: Vertex AI and Amazon Bedrock.

There, one row may hold keys of several projects and a region for each model; here a
channel has one address. So a row becomes as many channels as it has addresses. The
clouds have names of their own for models, which the old gateways put in on the way.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from yiyuan.integrations.importers.contract import Shop
from yiyuan.integrations.importers.shared.addresses import (
    AZURE,
    BEDROCK,
    VERTEX,
    VERTEX_EXPRESS,
    Vendor,
    vendor_of_host,
)
from yiyuan.integrations.importers.shared.channel_rows import ChannelRow
from yiyuan.integrations.importers.shared.names import printable_name

GLOBAL: Final = "global"
NO_ACCOUNT: Final = "has no service account of Vertex AI as its key; its models: {models}"
SIGNED: Final = (
    "is called with AWS's signature there: make a Bedrock API key and a channel for it;"
    " its models: {models}"
)
OTHER_DOOR: Final = '"{model}" is called by a door that is not spoken to here, and is left out'
_REGION = re.compile(r"[a-z]{2,}[a-z0-9-]{0,40}")
_PROJECT = re.compile(r"[a-z0-9][a-z0-9.:-]{0,60}")
_DATED = re.compile(r"(claude-[a-z0-9.-]+)-(\d{8})")
_VERTEX_NAMES: Final[Mapping[str, str]] = {
    "claude-3-5-sonnet-20241022": "claude-3-5-sonnet-v2@20241022"
}
_BEDROCK_NAMES: Final[Mapping[str, str]] = {
    "claude-3-5-sonnet-20241022": "anthropic.claude-3-5-sonnet-20241022-v2:0",
    "claude-sonnet-4-6": "anthropic.claude-sonnet-4-6",
    "claude-opus-4-6": "anthropic.claude-opus-4-6-v1",
    "claude-opus-4-7": "anthropic.claude-opus-4-7",
}
"""Those that do not follow the rule `anthropic.{name}-v1:0`."""
_ACROSS: Final[Mapping[str, str]] = {"us": "us", "eu": "eu", "ap": "apac"}
"""What a model's name begins with where the regions of a continent share it."""
_US_ALONE: Final = ("claude-3-opus-", "claude-3-5-haiku-", "claude-opus-4-2", "claude-opus-4-1")
_NOT_IN_EUROPE: Final = ("claude-3-5-sonnet-20241022",)


def parts_of(shop: Shop, row: ChannelRow, vendor: Vendor | None) -> list[ChannelRow]:
    """The row itself, or one row for each address that a cloud's has; the rest is listed."""
    if vendor not in (VERTEX, BEDROCK) or vendor_of_host(row.address) is not None:
        return [row]
    address_of = _vertex_address if vendor is VERTEX else _bedrock_address
    parts: dict[tuple[str, Vendor], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key in row.keys:
        for model in row.models:
            found = address_of(row, key.strip(), model)
            if found is not None:
                address, of, secret = found
                parts[address, of][secret].append(model)
    if not parts:
        template = NO_ACCOUNT if vendor is VERTEX else SIGNED
        subject = f"channel {row.id} {printable_name(row.name, row.id)}"
        shop.note("channel_unsupported", subject, template, models=", ".join(row.models[:20]))
        return []
    return [
        replace(
            row,
            id=row.id if number == 1 else f"{row.id}/{number}",
            vendor=of,
            address=address,
            keys=tuple(secrets),
            models=tuple(dict.fromkeys(name for names in secrets.values() for name in names)),
            offered=row.models,
        )
        for number, ((address, of), secrets) in enumerate(parts.items(), 1)
    ]


def vertex_address(project: str, region: str, host: str = "") -> str | None:
    """The address of a project in a region, at Google or another `host`; None for bad names."""
    if not _PROJECT.fullmatch(project) or not _REGION.fullmatch(region):
        return None
    base = host.strip().rstrip("/") or _vertex_host(region)
    return f"{base}/v1/projects/{project}/locations/{region}"


def bedrock_address(region: str) -> str | None:
    """The address of a region's runtime; None where it is none."""
    if not _REGION.fullmatch(region):
        return None
    return f"https://bedrock-runtime.{region}.amazonaws.com/openai/v1"


def service_account(key: str) -> dict[str, str]:
    """What the JSON of a service account says; empty where it is none."""
    try:
        found = json.loads(key)
    except ValueError:
        return {}
    is_account = isinstance(found, dict) and "client_email" in found and "private_key" in found
    return {str(name): str(value) for name, value in found.items()} if is_account else {}


def served(shop: Shop, subject: str, vendor: Vendor, models: Mapping[str, str]) -> dict[str, str]:
    """What a cloud serves in a format that is spoken here; the rest is listed."""
    other = {public for public, upstream in models.items() if has_other_door(vendor, upstream)}
    for public in sorted(other):
        shop.note("model_name", subject, OTHER_DOOR, model=public)
    return {public: upstream for public, upstream in models.items() if public not in other}


def has_other_door(vendor: Vendor, upstream: str) -> bool:
    """Whether a cloud serves a model in a format of its own."""
    if vendor is VERTEX:
        return "llama" in upstream or upstream.endswith("-maas")
    return vendor is BEDROCK and "claude" not in upstream


def renames(vendor: Vendor, address: str, upstreams: Iterable[str]) -> dict[str, str]:
    """What the cloud calls models that are called otherwise everywhere else."""
    named = {upstream: _renamed(vendor, address, upstream) for upstream in upstreams}
    return {upstream: name for upstream, name in named.items() if name != upstream}


def _renamed(vendor: Vendor, address: str, upstream: str) -> str:
    if vendor is AZURE:
        return upstream.replace(".", "")
    dated = _DATED.fullmatch(upstream)
    if vendor is VERTEX and dated:
        return _VERTEX_NAMES.get(upstream, f"{dated[1]}@{dated[2]}")
    if vendor is not BEDROCK or not upstream.startswith("claude-"):
        return upstream
    name = _BEDROCK_NAMES.get(upstream) or (f"anthropic.{upstream}-v1:0" if dated else upstream)
    continent = address.partition("bedrock-runtime.")[2].partition("-")[0]
    is_alone = continent != "us" and upstream.startswith(_US_ALONE)
    is_alone = is_alone or (continent == "eu" and upstream.startswith(_NOT_IN_EUROPE))
    across = _ACROSS.get(continent)
    return name if across is None or is_alone or name == upstream else f"{across}.{name}"


def _vertex_address(row: ChannelRow, key: str, model: str) -> tuple[str, Vendor, str] | None:
    region = row.regions.get(model) or row.regions.get("") or GLOBAL
    account = service_account(key)
    if account:
        project = row.project or account.get("project_id", "")
        address = vertex_address(project, region, row.address)
        return None if address is None else (address, VERTEX, key)
    if not row.is_api_key or not _REGION.fullmatch(region):
        return None
    return (f"{_vertex_host(region)}/v1/publishers/google", VERTEX_EXPRESS, key)


def _bedrock_address(_row: ChannelRow, key: str, _model: str) -> tuple[str, Vendor, str] | None:
    secret, bar, region = key.partition("|")
    address = bedrock_address(region)  # AWS's own signature has a bar more
    return (address, BEDROCK, secret) if bar and secret and address else None


def _vertex_host(region: str) -> str:
    prefix = "" if region == GLOBAL else f"{region}-"
    return f"https://{prefix}aiplatform.googleapis.com"
