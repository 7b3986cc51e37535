"""What a channel or model of a catalog file becomes in the database: statements.

Keys are sealed here, on their way to the disk. A price that differs from the
one in force becomes a row of its own.
"""

import json

from yiyuan.access.seal import seal
from yiyuan.console.catalog_document import ChannelDocument, ModelDocument
from yiyuan.console.desk import Desk
from yiyuan.console.stored_catalog import StoredChannel, StoredModel
from yiyuan.kernel.ids import new_id
from yiyuan.pricing.price import to_json
from yiyuan.store.catalog_rows import (
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
from yiyuan.store.database import Statement


def model_statements(
    desk: Desk, model: ModelDocument, before: StoredModel | None, position: int
) -> list[Statement]:
    """Add a model or change the one that was there `before`; enables it."""
    statements: list[Statement] = []
    if before is not None and before.document.price == model.price:
        price_id = before.row.price_id
    else:
        price_id = new_id("price")
        price = PriceRow(price_id, model.name, to_json(model.price), desk.clock.wall_ms())
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
    )
    return [*statements, put_model(row)]


def channel_statements(
    desk: Desk, channel: ChannelDocument, before: StoredChannel | None, now_ms: int
) -> list[Statement]:
    """Add a channel or change the one that was there `before`; enables it."""
    channel_id = new_id("ch") if before is None else before.row.id
    created_at = now_ms if before is None else before.row.created_at
    return [
        put_channel(_channel_row(channel, channel_id, created_at)),
        *put_keys(channel_id, _key_rows(desk, channel, channel_id, before)),
        *put_channel_models(channel_id, _channel_model_rows(channel, channel_id)),
    ]


def _channel_row(channel: ChannelDocument, channel_id: str, created_at: int) -> ChannelRow:
    return ChannelRow(
        id=channel_id,
        name=channel.name,
        provider=channel.provider,
        base_url=channel.base_url,
        priority=channel.priority,
        weight=channel.weight,
        timeout_seconds=channel.timeout_seconds,
        proxy=channel.proxy,
        headers=json.dumps(dict(channel.headers)),
        allow_private=channel.allow_private,
        on_disconnect=channel.on_disconnect,
        stream_usage=channel.stream_usage,
        enabled=1,
        created_at=created_at,
    )


def _key_rows(
    desk: Desk, channel: ChannelDocument, channel_id: str, before: StoredChannel | None
) -> list[ChannelKeyRow]:
    """The keys, sealed; one that was there before keeps its id, hence its breaker."""
    ids = {}
    if before is not None:
        pairs = zip(before.document.keys, before.keys, strict=True)
        ids = {document.secret: row.id for document, row in pairs}
    rows = []
    for position, key in enumerate(channel.keys):
        assert key.secret is not None, "resolved by _with_keys"
        sealed = seal(desk.secrets.seal_key, key.secret, channel_id)
        key_id = ids.get(key.secret) or new_id("key")
        hint = key_hint(key.secret)
        rows.append(ChannelKeyRow(key_id, channel_id, position, sealed, key.source, hint))
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
