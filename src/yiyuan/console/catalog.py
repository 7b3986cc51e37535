"""The catalog: apply a file, export it, and load it for the gateway.

The file, the database and the gateway's snapshot are three views of one thing:
`catalog_file.py` reads the first, `stored_catalog.py` the second, and `load_catalog`
makes the third.
"""

from typing import Any

from yiyuan.console.arguments import Arguments
from yiyuan.console.catalog_apply import make_plan
from yiyuan.console.catalog_export import catalog_values, to_toml
from yiyuan.console.catalog_file import read_catalog
from yiyuan.console.catalog_source import Source
from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.console.stored_catalog import StoredChannel, StoredModel, read_stored
from yiyuan.pricing.model import Model, Tier
from yiyuan.pricing.price import from_json
from yiyuan.providers.provider import Provider, discover
from yiyuan.upstream.catalog import Catalog
from yiyuan.upstream.channel import Channel, OnDisconnect, UpstreamKey

Json = dict[str, Any]


async def apply(desk: Desk, arguments: Arguments) -> Json:
    """Make the database say what a file says; `created`, `changed` and `left` by name."""
    text = arguments.text("text")
    file = arguments.optional_text("file") or "catalog"
    environment = arguments.table("environment")
    dry_run, prune = arguments.flag("dry_run"), arguments.flag("prune")
    arguments.finish()
    return await apply_text(desk, text, file, environment, dry_run=dry_run, prune=prune)


async def apply_text(
    desk: Desk,
    text: str,
    file: str,
    environment: dict[str, str],
    *,
    dry_run: bool = False,
    prune: bool = False,
) -> Json:
    """The same for callers in this process. Raises CommandError `invalid_catalog`."""
    source = Source(text, file)
    wanted = read_catalog(source, environment)
    async with desk.catalog_lock:
        plan = make_plan(desk, source, wanted, await read_stored(desk), prune=prune)
        if plan.statements and not dry_run:
            await desk.database.write(plan.statements)
            await desk.reload()
    return plan.report()


async def export(desk: Desk, arguments: Arguments) -> Json:
    """What is in service, as TOML text and as plain values; keys as references only."""
    arguments.finish()
    values = catalog_values((await read_stored(desk)).enabled())
    return {"toml": to_toml(values), "catalog": values}


async def load_catalog(desk: Desk) -> Catalog:
    """The gateway's snapshot of the catalog, with keys in clear.

    Raises CommandError if a key does not open or a provider is not known here.
    """
    stored = await read_stored(desk)
    providers = discover()
    return Catalog(
        models={name: _model(model) for name, model in stored.models.items()},
        tiers=tuple(
            Tier(tier.min_balance_micros, tier.rate_ppm, tier.price_factor_ppm)
            for tier in stored.tiers.values()
        ),
        channels=tuple(_channel(channel, providers) for channel in stored.channels.values()),
        version=stored.version,
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
    )


def _channel(channel: StoredChannel, providers: dict[str, Provider]) -> Channel:
    document = channel.document
    provider = providers.get(document.provider)
    if provider is None:
        message = f'the channel "{document.name}" is of a provider not known: {document.provider}'
        raise CommandError("unknown_provider", message)
    on_disconnect: OnDisconnect = "drain" if document.on_disconnect == "drain" else "cancel"
    return Channel(
        id=channel.row.id,
        name=document.name,
        provider=provider,
        base_url=document.base_url,
        keys=tuple(
            UpstreamKey(row.id, key.secret or "")
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
        enabled=channel.is_enabled,
    )
