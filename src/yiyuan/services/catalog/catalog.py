"""The catalog: apply a file, export it, and load it for the gateway.

The file, the database and the gateway's snapshot are three views of one thing:
`file.py` reads the first, `stored.py` the second, and `load_catalog`
makes the third.
"""

import json
from typing import Any

from msgspec import field

from yiyuan.i18n.message import Message
from yiyuan.integrations.providers.registry import provider_at
from yiyuan.pricing.model import Model, PriceGroup, Tier
from yiyuan.pricing.price import from_json
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.channel import Channel, OnDisconnect, UpstreamKey
from yiyuan.services.catalog.apply import make_plan
from yiyuan.services.catalog.document import ChannelDocument
from yiyuan.services.catalog.export import catalog_values, to_toml
from yiyuan.services.catalog.reading.file import read_catalog
from yiyuan.services.catalog.reading.key_files import read_key_file
from yiyuan.services.catalog.reading.toml_fields import Source
from yiyuan.services.catalog.reading.vendor_fields import quirks_of
from yiyuan.services.catalog.stored import StoredChannel, StoredModel, read_stored
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing, Request

Json = dict[str, Any]


class Apply(Request):
    """A catalog as TOML, the file's name for messages, and the variables that it names."""

    text: str
    file: str = "catalog"
    environment: dict[str, str] = field(default_factory=dict)
    dry_run: bool = False
    prune: bool = False


@command("catalog.apply")
async def apply(context: ServiceContext, request: Apply) -> Json:
    """Make the database say what a file says; `created`, `changed` and `left` by name."""
    return await apply_text(
        context,
        request.text,
        request.file,
        request.environment,
        dry_run=request.dry_run,
        prune=request.prune,
    )


async def apply_text(
    context: ServiceContext,
    text: str,
    file: str,
    environment: dict[str, str],
    *,
    dry_run: bool = False,
    prune: bool = False,
) -> Json:
    """The same for callers in this process. Raises ServiceError `invalid_catalog`."""
    source = Source(text, file)
    wanted = read_catalog(source, environment)
    async with context.catalog_lock:
        plan = make_plan(context, source, wanted, await read_stored(context), prune=prune)
        if plan.statements and not dry_run:
            await context.database.write(plan.statements)
            await context.reload()
    return plan.report()


@command("catalog.export", reads=True)
async def export(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """What is in service, as TOML text and as plain values; keys as references only."""
    values = catalog_values((await read_stored(context)).enabled())
    return {"toml": to_toml(values), "catalog": values}


async def load_catalog(context: ServiceContext) -> Catalog:
    """The gateway's snapshot of the catalog, with keys in clear.

    Raises ServiceError if a key does not open or a provider is not known here.
    """
    stored = await read_stored(context)
    return Catalog(
        models={name: _model(model) for name, model in stored.models.items()},
        tiers=tuple(
            Tier(tier.min_balance_micros, tier.rate_ppm, tier.price_factor_ppm)
            for tier in stored.tiers.values()
        ),
        channels=tuple(_channel(channel) for channel in stored.channels.values()),
        version=stored.version,
        groups={
            name: PriceGroup(
                name,
                group.price_factor_ppm,
                None if group.channels is None else frozenset(group.channels),
            )
            for name, group in stored.groups.items()
        },
    )


def _model(model: StoredModel) -> Model:
    row = model.row
    return Model(
        name=row.name,
        price=from_json(model.price_json, price_id=row.price_id, model=row.name),
        rpm=row.rpm,
        tpm=row.tpm,
        concurrency=row.concurrency,
        context_tokens=row.context_tokens,
        max_output_tokens=row.max_output_tokens,
        image_tokens=row.image_tokens,
        input_factor_ppm=row.input_factor_ppm,
        enabled=model.is_enabled,
        fallback=model.document.fallback,
        has_affinity=row.affinity != "off",
        about=model.document.about,
    )


def _unknown_provider(document: ChannelDocument) -> ServiceError:
    message = Message(
        'the channel "{name}" is of a provider not known: {provider}',
        name=document.name,
        provider=document.provider,
    )
    return ServiceError("unknown_provider", message)


def _channel(channel: StoredChannel) -> Channel:
    document = channel.document
    provider = provider_at(document.provider, document.base_url)
    if provider is None:
        raise _unknown_provider(document)
    on_disconnect: OnDisconnect = "drain" if document.on_disconnect == "drain" else "cancel"
    return Channel(
        id=channel.row.id,
        name=document.name,
        provider=provider,
        base_url=document.base_url or provider.base_url,
        keys=tuple(
            UpstreamKey(
                row.id,
                (row.file and read_key_file(row.file)) or key.secret or "",
                is_draining=bool(row.draining),
                expires_at=row.expires_at,
                file=row.file,
            )
            for row, key in zip(channel.keys, document.keys, strict=True)
        ),
        models=document.models,
        native_completions=document.native_completions,
        priority=document.priority,
        weight=document.weight,
        timeout_seconds=document.timeout_seconds,
        proxy=document.proxy,
        headers=document.headers,
        allow_private=document.allow_private,
        on_disconnect=on_disconnect,
        stream_usage=document.stream_usage,
        costs={name: from_json(cost, model=name) for name, cost in document.costs.items()},
        speaks=document.speaks,
        quirks=quirks_of(
            document.provider, document.base_url, document.models, json.loads(document.quirks)
        ),
        pass_fields=provider.pass_fields | frozenset(document.pass_fields),
        enabled=channel.is_enabled,
    )
