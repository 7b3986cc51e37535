"""What a channel or model of a catalog file becomes in the database: statements.

Keys are sealed here, on their way to the disk. A price that differs from the
one in force becomes a row of its own.
"""

import json
from dataclasses import asdict

from yiyuan.auth.encryption import encrypt
from yiyuan.kernel.ids import new_id
from yiyuan.pricing.price import to_json
from yiyuan.services.catalog.channel_headers import seal_headers
from yiyuan.services.catalog.document import ChannelDocument, ModelDocument
from yiyuan.services.catalog.stored import StoredChannel, StoredModel
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.tables.catalog import (
    ChannelKeyRow,
    ChannelModelRow,
    ChannelRow,
    ModelRow,
    PriceRow,
    add_price,
    key_hint,
    put_channel,
    put_channel_models,
    put_keys,
    put_model,
)


def model_statements(
    context: ServiceContext, model: ModelDocument, before: StoredModel | None, position: int
) -> list[Statement]:
    """Add a model or change the one that was there `before`; enables it."""
    statements: list[Statement] = []
    if before is not None and before.document.price == model.price:
        price_id = before.row.price_id
    else:
        price_id = new_id("price")
        price = PriceRow(price_id, model.name, to_json(model.price), context.clock.wall_ms())
        statements.append(add_price(price))
    row = ModelRow(
        name=model.name,
        price_id=price_id,
        rpm=model.rpm,
        tpm=model.tpm,
        concurrency=model.concurrency,
        context_tokens=model.context_tokens,
        max_output_tokens=model.max_output_tokens,
        image_tokens=model.image_tokens,
        input_factor_ppm=model.input_factor_ppm,
        enabled=1,
        position=position if before is None else before.row.position,
        fallback=json.dumps(list(model.fallback)),
        affinity=model.affinity,
        about=json.dumps({k: v for k, v in asdict(model.about).items() if v is not None}),
    )
    return [*statements, put_model(row)]


def channel_statements(
    context: ServiceContext, channel: ChannelDocument, before: StoredChannel | None, now_ms: int
) -> list[Statement]:
    """Add a channel or change the one that was there `before`; enables it."""
    channel_id = new_id("ch") if before is None else before.row.id
    created_at = now_ms if before is None else before.row.created_at
    return [
        put_channel(_channel_row(context, channel, channel_id, created_at)),
        *put_keys(channel_id, _key_rows(context, channel, channel_id, before)),
        *put_channel_models(channel_id, _channel_model_rows(channel, channel_id)),
    ]


def _channel_row(
    context: ServiceContext, channel: ChannelDocument, channel_id: str, created_at: int
) -> ChannelRow:
    return ChannelRow(
        id=channel_id,
        name=channel.name,
        provider=channel.provider,
        base_url=channel.base_url,
        priority=channel.priority,
        weight=channel.weight,
        timeout_seconds=channel.timeout_seconds,
        proxy=channel.proxy,
        headers=seal_headers(context.secrets.seal_key, channel.headers, channel_id),
        allow_private=channel.allow_private,
        on_disconnect=channel.on_disconnect,
        stream_usage=channel.stream_usage,
        enabled=1,
        created_at=created_at,
        speaks=json.dumps(list(channel.speaks)),
        quirks=channel.quirks,
        pass_fields=json.dumps(list(channel.pass_fields)),
    )


def _key_rows(
    context: ServiceContext, channel: ChannelDocument, channel_id: str, before: StoredChannel | None
) -> list[ChannelKeyRow]:
    """The keys, sealed; one that was there before keeps its id, hence its breaker."""
    known: dict[str | None, ChannelKeyRow] = {}
    if before is not None:
        pairs = list(zip(before.document.keys, before.keys, strict=True))
        known = {document.secret: row for document, row in pairs}
        known |= {row.file: row for _, row in pairs if row.file is not None}
    rows = []
    for position, key in enumerate(channel.keys):
        assert key.secret is not None, "resolved by _with_secrets"
        sealed = encrypt(context.secrets.seal_key, key.secret, channel_id)
        row = known.get(key.file or key.secret) or known.get(key.secret)
        rows.append(
            ChannelKeyRow(
                id=new_id("key") if row is None else row.id,
                channel_id=channel_id,
                position=position,
                sealed=sealed,
                source=key.source,
                hint=key_hint(key.secret),
                draining=0 if row is None else row.draining,
                file=key.file,
                expires_at=key.expires_at,
            )
        )
    return rows


def _channel_model_rows(channel: ChannelDocument, channel_id: str) -> list[ChannelModelRow]:
    return [
        ChannelModelRow(
            channel_id=channel_id,
            model=name,
            upstream_model=upstream,
            native_completions=name in channel.native_completions,
            cost_document=channel.costs.get(name),
            position=position,
        )
        for position, (name, upstream) in enumerate(channel.models.items())
    ]
