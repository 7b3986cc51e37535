"""The catalog that the database holds, as documents: the other side of `apply`.

Keys are unsealed on the way. Disabled channels and models are here too, because
their names are taken and a file that names them brings them back.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from yiyuan.auth.encryption import SealError, decrypt
from yiyuan.i18n.message import Message
from yiyuan.pricing.model import About
from yiyuan.pricing.price import from_json
from yiyuan.services.catalog.channel_headers import open_headers
from yiyuan.services.catalog.document import (
    CatalogDocument,
    ChannelDocument,
    GroupDocument,
    KeyDocument,
    ModelDocument,
    Pairs,
    TierDocument,
)
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.tables.catalog import (
    ChannelKeyRow,
    ChannelModelRow,
    ChannelRow,
    ModelRow,
    PriceGroupRow,
    TierRow,
    read_catalog,
)


@dataclass(slots=True, frozen=True)
class StoredChannel:
    """A channel's rows and what they say."""

    row: ChannelRow
    keys: tuple[ChannelKeyRow, ...]
    document: ChannelDocument

    @property
    def is_enabled(self) -> bool:
        """Whether it is in service."""
        return bool(self.row.enabled)


@dataclass(slots=True, frozen=True)
class StoredModel:
    """A model's row and what it says; `price_json` is its price as stored."""

    row: ModelRow
    document: ModelDocument
    price_json: str

    @property
    def is_enabled(self) -> bool:
        """Whether it is in service."""
        return bool(self.row.enabled)


@dataclass(slots=True, frozen=True)
class StoredCatalog:
    """Everything, by name and in its order."""

    channels: dict[str, StoredChannel] = field(default_factory=dict)
    models: dict[str, StoredModel] = field(default_factory=dict)
    tiers: dict[int, TierDocument] = field(default_factory=dict)
    """By the balance (micros) that they begin at."""
    groups: dict[str, GroupDocument] = field(default_factory=dict)
    version: int = 0

    def enabled(self) -> CatalogDocument:
        """What is in service."""
        return CatalogDocument(
            channels=tuple(c.document for c in self.channels.values() if c.is_enabled),
            models=tuple(m.document for m in self.models.values() if m.is_enabled),
            tiers=tuple(self.tiers.values()),
            groups=tuple(self.groups.values()),
        )


async def read_stored(context: ServiceContext) -> StoredCatalog:
    """Read everything in one snapshot. Raises ServiceError if a key does not open."""
    rows = await read_catalog(context.database)
    keys: dict[str, list[ChannelKeyRow]] = defaultdict(list)
    for key in rows.keys:
        keys[key.channel_id].append(key)
    served: dict[str, list[ChannelModelRow]] = defaultdict(list)
    for model in rows.channel_models:
        served[model.channel_id].append(model)
    prices = {price.id: price.document for price in rows.prices}
    return StoredCatalog(
        channels={
            row.name: _channel(context, row, keys[row.id], served[row.id]) for row in rows.channels
        },
        models={row.name: _model(row, prices[row.price_id]) for row in rows.models},
        tiers={row.min_balance: _tier(row) for row in rows.tiers},
        groups={row.name: _group(row) for row in rows.groups},
        version=rows.version,
    )


def _channel(
    context: ServiceContext,
    row: ChannelRow,
    keys: list[ChannelKeyRow],
    models: Iterable[ChannelModelRow],
) -> StoredChannel:
    served = list(models)
    document = ChannelDocument(
        name=row.name,
        provider=row.provider,
        base_url=row.base_url,
        keys=tuple(_key(context, row, key) for key in keys),
        models={model.model: model.upstream_model for model in served},
        native_completions=frozenset(model.model for model in served if model.native_completions),
        priority=row.priority,
        weight=row.weight,
        timeout_seconds=row.timeout_seconds,
        proxy=row.proxy,
        headers=_headers(context, row),
        allow_private=bool(row.allow_private),
        on_disconnect=row.on_disconnect,
        stream_usage=bool(row.stream_usage),
        costs={model.model: model.cost_document for model in served if model.cost_document},
        speaks=tuple(json.loads(row.speaks)),
        quirks=row.quirks,
        pass_fields=tuple(json.loads(row.pass_fields)),
    )
    return StoredChannel(row, tuple(keys), document)


def _headers(context: ServiceContext, row: ChannelRow) -> Pairs:
    try:
        return open_headers(context.secrets.seal_key, row.headers, row.id)
    except SealError as error:
        message = Message(
            'the headers of the channel "{name}" do not open: {error}', name=row.name, error=error
        )
        raise ServiceError("secret_key_mismatch", message) from error


def _key(context: ServiceContext, channel: ChannelRow, key: ChannelKeyRow) -> KeyDocument:
    try:
        secret = decrypt(context.secrets.seal_key, key.sealed, channel.id)
    except SealError as error:
        message = Message(
            'a key of the channel "{name}" does not open: {error}', name=channel.name, error=error
        )
        raise ServiceError("secret_key_mismatch", message) from error
    return KeyDocument(secret, key.source, key.file, key.expires_at)


def _model(row: ModelRow, price: str) -> StoredModel:
    document = ModelDocument(
        name=row.name,
        price=from_json(price),
        rpm=row.rpm,
        tpm=row.tpm,
        concurrency=row.concurrency,
        context_tokens=row.context_tokens,
        max_output_tokens=row.max_output_tokens,
        image_tokens=row.image_tokens,
        input_factor_ppm=row.input_factor_ppm,
        fallback=tuple(json.loads(row.fallback)),
        affinity=row.affinity,
        about=_about(row.about),
    )
    return StoredModel(row, document, price)


def _about(text: str) -> About:
    return msgspec.json.decode(text, type=About)


def _group(row: PriceGroupRow) -> GroupDocument:
    channels = None if row.channels is None else tuple(json.loads(row.channels))
    return GroupDocument(name=row.name, price_factor_ppm=row.price_factor_ppm, channels=channels)


def _tier(row: TierRow) -> TierDocument:
    return TierDocument(
        min_balance_micros=row.min_balance,
        rate_ppm=row.rate_ppm,
        price_factor_ppm=row.price_factor_ppm,
    )
