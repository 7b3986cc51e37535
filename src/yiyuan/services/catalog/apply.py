"""Making the database say what a catalog file says.

Everything is checked and compared first; then all changes go into one
transaction, and the running server follows. Applying the same file again
changes nothing. What the file does not name stays as it is, or is taken out of
service with `prune`. A changed price is a new row: open requests and the
history keep the one they were admitted at.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from yiyuan.services.catalog.channel_headers import with_headers
from yiyuan.services.catalog.document import (
    CatalogDocument,
    ChannelDocument,
    GroupDocument,
    KeyDocument,
    ModelDocument,
    TierDocument,
    placeholder,
)
from yiyuan.services.catalog.reading.toml_fields import Source
from yiyuan.services.catalog.stored import StoredCatalog, StoredChannel
from yiyuan.services.catalog.writes import channel_statements, model_statements
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.tables.catalog import (
    PriceGroupRow,
    TierRow,
    delete_group,
    delete_tier,
    disable_channel,
    disable_model,
    new_version,
    put_group,
    put_tier,
)

_NO_MODEL: Final = 'there is no [[model]] "{name}", here or in the database'


@dataclass(slots=True)
class Plan:
    """What would change, for people and for the database."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)

    def report(self) -> dict[str, list[str]]:
        """The command's answer."""
        return {"created": self.created, "changed": self.changed, "left": self.left}


def make_plan(
    context: ServiceContext,
    source: Source,
    wanted: CatalogDocument,
    stored: StoredCatalog,
    *,
    prune: bool,
) -> Plan:
    """Compare and check; changes nothing. Raises ServiceError `invalid_catalog`."""
    channels = tuple(_with_secrets(source, channel, stored) for channel in wanted.channels)
    wanted = replace(wanted, channels=channels)
    _check_models(source, wanted, stored, prune=prune)
    _check_groups(source, wanted, stored, prune=prune)
    plan = Plan()
    _plan_models(context, wanted.models, stored, plan)
    _plan_channels(context, wanted.channels, stored, plan)
    _plan_tiers(wanted.tiers, stored, plan)
    _plan_groups(wanted.groups, stored, plan)
    _plan_the_rest(wanted, stored, plan, prune=prune)
    if plan.statements:
        plan.statements.append(new_version())
    return plan


def _check_models(
    source: Source, wanted: CatalogDocument, stored: StoredCatalog, *, prune: bool
) -> None:
    """Every model of a channel, or of another's fallback, must be described somewhere."""
    known = {model.name for model in wanted.models}
    if not prune:
        known |= {name for name, model in stored.models.items() if model.is_enabled}
    for channel in wanted.channels:
        for name in channel.models:
            if name not in known:
                raise source.problem((*channel.path, "models", name), _NO_MODEL, name=name)
    for model in wanted.models:
        for index, name in enumerate(model.fallback):
            if name not in known:
                raise source.problem((*model.path, "fallback", index), _NO_MODEL, name=name)


def _check_groups(
    source: Source, wanted: CatalogDocument, stored: StoredCatalog, *, prune: bool
) -> None:
    """Every channel of a group must be there, in the file or in the database."""
    known = {channel.name for channel in wanted.channels}
    if not prune:
        known |= {name for name, channel in stored.channels.items() if channel.is_enabled}
    for group in wanted.groups:
        for index, name in enumerate(group.channels or ()):
            if name not in known:
                template = 'there is no [[channel]] "{name}", here or in the database'
                raise source.problem((*group.path, "channels", index), template, name=name)


def _with_secrets(
    source: Source, channel: ChannelDocument, stored: StoredCatalog
) -> ChannelDocument:
    """The channel with every key's secret and header's value, which must be known by now."""
    before = stored.channels.get(channel.name)
    channel = with_headers(source, channel, None if before is None else before.document)
    keys = tuple(
        key if key.secret is not None else _kept_key(source, channel, position, before)
        for position, key in enumerate(channel.keys)
    )
    for position, key in enumerate(keys):
        if any(key.secret == other.secret for other in keys[:position]):
            raise source.problem(key.path, "is the same key once more")
    return replace(channel, keys=keys)


def _kept_key(
    source: Source, channel: ChannelDocument, position: int, before: StoredChannel | None
) -> KeyDocument:
    """The stored key behind an export's placeholder.

    It stays only while the channel leads to the same place: whoever can edit an
    address must not thereby learn the key.
    """
    key = channel.keys[position]
    unset = source.problem(key.path, "the environment variable {name} is not set", name=key.source)
    is_placeholder = key.source == placeholder(channel.name, position)
    if not is_placeholder or before is None or position >= len(before.keys):
        raise unset
    if (before.document.provider, before.document.base_url, before.document.proxy) != (
        channel.provider,
        channel.base_url,
        channel.proxy,
    ):
        template = "the address has changed, so the key must be given again: set {name}"
        raise source.problem(key.path, template, name=key.source)
    return replace(before.document.keys[position], expires_at=key.expires_at, path=key.path)


def _plan_models(
    context: ServiceContext, models: Iterable[ModelDocument], stored: StoredCatalog, plan: Plan
) -> None:
    position = max((model.row.position for model in stored.models.values()), default=-1)
    for model in models:
        before = stored.models.get(model.name)
        if before is not None and before.is_enabled and before.document == model:
            continue
        (plan.created if before is None else plan.changed).append(f"model {model.name}")
        position += before is None
        plan.statements += model_statements(context, model, before, position)


def _plan_channels(
    context: ServiceContext, channels: Iterable[ChannelDocument], stored: StoredCatalog, plan: Plan
) -> None:
    # A millisecond apart, so that the order of the file stays the catalog's.
    for created_at, channel in enumerate(channels, start=context.clock.wall_ms()):
        before = stored.channels.get(channel.name)
        if before is not None and before.is_enabled and before.document == channel:
            continue
        (plan.created if before is None else plan.changed).append(f"channel {channel.name}")
        plan.statements += channel_statements(context, channel, before, created_at)


def _plan_tiers(tiers: Iterable[TierDocument], stored: StoredCatalog, plan: Plan) -> None:
    for tier in tiers:
        before = stored.tiers.get(tier.min_balance_micros)
        if before != tier:
            label = f"tier {tier.min_balance_micros}"
            (plan.created if before is None else plan.changed).append(label)
            row = TierRow(tier.min_balance_micros, tier.rate_ppm, tier.price_factor_ppm)
            plan.statements.append(put_tier(row))


def _plan_groups(groups: Iterable[GroupDocument], stored: StoredCatalog, plan: Plan) -> None:
    position = len(stored.groups)
    for group in groups:
        before = stored.groups.get(group.name)
        if before == group:
            continue
        (plan.created if before is None else plan.changed).append(f"group {group.name}")
        channels = None if group.channels is None else json.dumps(list(group.channels))
        row = PriceGroupRow(group.name, group.price_factor_ppm, channels, position)
        position += 1
        plan.statements.append(put_group(row))


def _plan_the_rest(
    wanted: CatalogDocument, stored: StoredCatalog, plan: Plan, *, prune: bool
) -> None:
    """What is in service and not named: left, or disabled with `prune`."""
    models = {model.name for model in wanted.models}
    channels = {channel.name for channel in wanted.channels}
    tiers = {tier.min_balance_micros for tier in wanted.tiers}
    groups = {group.name for group in wanted.groups}
    rest = [
        *(
            (f"model {name}", disable_model(name))
            for name, model in stored.models.items()
            if model.is_enabled and name not in models
        ),
        *(
            (f"channel {name}", disable_channel(channel.row.id))
            for name, channel in stored.channels.items()
            if channel.is_enabled and name not in channels
        ),
        *((f"tier {least}", delete_tier(least)) for least in stored.tiers if least not in tiers),
        *((f"group {name}", delete_group(name)) for name in stored.groups if name not in groups),
    ]
    for label, statement in rest:
        if prune:
            plan.changed.append(label)
            plan.statements.append(statement)
        else:
            plan.left.append(label)
