"""Making the database say what a catalog file says.

Everything is checked and compared first; then all changes go into one
transaction, and the running server follows. Applying the same file again
changes nothing. What the file does not name stays as it is, or is taken out of
service with `prune`. A changed price is a new row: open requests and the
history keep the one they were admitted at.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from yiyuan.console.catalog_document import (
    CatalogDocument,
    ChannelDocument,
    KeyDocument,
    ModelDocument,
    TierDocument,
    placeholder,
)
from yiyuan.console.catalog_source import Source
from yiyuan.console.catalog_statements import channel_statements, model_statements
from yiyuan.console.desk import Desk
from yiyuan.console.stored_catalog import StoredCatalog, StoredChannel
from yiyuan.store.catalog_rows import (
    TierRow,
    delete_tier,
    disable_channel,
    disable_model,
    new_version,
    put_tier,
)
from yiyuan.store.database import Statement


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
    desk: Desk, source: Source, wanted: CatalogDocument, stored: StoredCatalog, *, prune: bool
) -> Plan:
    """Compare and check; changes nothing. Raises CommandError `invalid_catalog`."""
    channels = tuple(_with_keys(source, channel, stored) for channel in wanted.channels)
    wanted = replace(wanted, channels=channels)
    _check_models(source, wanted, stored, prune=prune)
    plan = Plan()
    _plan_models(desk, wanted.models, stored, plan)
    _plan_channels(desk, wanted.channels, stored, plan)
    _plan_tiers(wanted.tiers, stored, plan)
    _plan_the_rest(wanted, stored, plan, prune=prune)
    if plan.statements:
        plan.statements.append(new_version())
    return plan


def _check_models(
    source: Source, wanted: CatalogDocument, stored: StoredCatalog, *, prune: bool
) -> None:
    """Every model of a channel must be described, here or in the database."""
    known = {model.name for model in wanted.models}
    if not prune:
        known |= {name for name, model in stored.models.items() if model.is_enabled}
    for channel in wanted.channels:
        for name in channel.models:
            if name not in known:
                reason = f'there is no [[model]] "{name}", here or in the database'
                raise source.problem((*channel.path, "models", name), reason)


def _with_keys(source: Source, channel: ChannelDocument, stored: StoredCatalog) -> ChannelDocument:
    """The channel with every key's secret, which must be known by now."""
    before = stored.channels.get(channel.name)
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
    unset = source.problem(key.path, f"the environment variable {key.source} is not set")
    is_placeholder = key.source == placeholder(channel.name, position)
    if not is_placeholder or before is None or position >= len(before.keys):
        raise unset
    if (before.document.provider, before.document.base_url, before.document.proxy) != (
        channel.provider,
        channel.base_url,
        channel.proxy,
    ):
        reason = f"the address has changed, so the key must be given again: set {key.source}"
        raise source.problem(key.path, reason)
    return replace(before.document.keys[position], path=key.path)


def _plan_models(
    desk: Desk, models: Iterable[ModelDocument], stored: StoredCatalog, plan: Plan
) -> None:
    position = max((model.row.position for model in stored.models.values()), default=-1)
    for model in models:
        before = stored.models.get(model.name)
        if before is not None and before.is_enabled and before.document == model:
            continue
        (plan.created if before is None else plan.changed).append(f"model {model.name}")
        position += before is None
        plan.statements += model_statements(desk, model, before, position)


def _plan_channels(
    desk: Desk, channels: Iterable[ChannelDocument], stored: StoredCatalog, plan: Plan
) -> None:
    # A millisecond apart, so that the order of the file stays the catalog's.
    for created_at, channel in enumerate(channels, start=desk.clock.wall_ms()):
        before = stored.channels.get(channel.name)
        if before is not None and before.is_enabled and before.document == channel:
            continue
        (plan.created if before is None else plan.changed).append(f"channel {channel.name}")
        plan.statements += channel_statements(desk, channel, before, created_at)


def _plan_tiers(tiers: Iterable[TierDocument], stored: StoredCatalog, plan: Plan) -> None:
    for tier in tiers:
        before = stored.tiers.get(tier.min_balance_micros)
        if before != tier:
            label = f"tier {tier.min_balance_micros}"
            (plan.created if before is None else plan.changed).append(label)
            row = TierRow(tier.min_balance_micros, tier.rate_ppm, tier.price_factor_ppm)
            plan.statements.append(put_tier(row))


def _plan_the_rest(
    wanted: CatalogDocument, stored: StoredCatalog, plan: Plan, *, prune: bool
) -> None:
    """What is in service and not named: left, or disabled with `prune`."""
    models = {model.name for model in wanted.models}
    channels = {channel.name for channel in wanted.channels}
    tiers = {tier.min_balance_micros for tier in wanted.tiers}
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
    ]
    for label, statement in rest:
        if prune:
            plan.changed.append(label)
            plan.statements.append(statement)
        else:
            plan.left.append(label)
