"""Keys of the other shop: kept by our own hash, or by theirs until they are used.

A key is never good for more here than it was there. A budget's limit changes by the
difference of the source; the limit that is being set is written down first, so that an
interrupted take sets the same one again and not another on top.
"""

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from yiyuan.auth.api_token import hash_key, hint
from yiyuan.integrations.importers.amounts import target_micros
from yiyuan.integrations.importers.contract import Shop, Token
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.ledger.budgets import budget_id
from yiyuan.ledger.operations import SetBudget
from yiyuan.services.imports.names import account_id, group_name, source_hash, token_id
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.errors import CONFLICT
from yiyuan.store.tables.api_tokens import ApiTokenRow
from yiyuan.store.tables.imports import ImportedRow, LegacyKeyRow, put_imported, put_legacy_key
from yiyuan.store.tables.people.taken_over import change_token, switch_off_token, take_over_token

GONE: Final = "gone"
"""In place of a source's hash: the key is not there any more."""
KEY_GONE = "is not there any more, so it is switched off here"
KEY_HERE = "another token here has this key already, so it is left out"


def key_hash_of(context: ServiceContext, settings: ImportSettings, api_token: Token) -> bytes:
    """The hash that the token is kept by; a stand-in where the key itself is not known."""
    if api_token.key is not None:
        return hash_key(context.secrets.token_pepper, api_token.key)
    text = f"legacy:{settings.id}:{api_token.sha256}"
    return hash_key(context.secrets.token_pepper, text)


def is_taken(api_token: Token, before: ImportedRow | None, micros_per_unit: Fraction) -> bool:
    """Whether the token is here already as it is there."""
    if before is None or before.pending is not None:
        return False
    return (before.source_hash, before.target) == (
        _hash(api_token),
        _target(api_token, micros_per_unit),
    )


def _target(api_token: Token, micros_per_unit: Fraction) -> int:
    if api_token.budget_units is None:
        return 0
    return min(target_micros(api_token.budget_units, micros_per_unit), MICROS_MAX)


async def take_token(
    context: ServiceContext,
    settings: ImportSettings,
    shop: Shop,
    api_token: Token,
    micros_per_unit: Fraction,
    before: ImportedRow | None,
    limits: dict[str, int | None],
) -> None:
    """Make the token as it was there; again changes what has changed there."""
    target, hashed = _target(api_token, micros_per_unit), _hash(api_token)
    ours = token_id(settings.id, api_token.source_id)
    row = _imported(context, settings, api_token, ours, hashed, target)
    if api_token.earlier_of is None:
        await _set_budgets(context, api_token, row, before, limits, micros_per_unit)
    if before is None or before.source_hash != hashed:
        try:
            await context.database.write(_statements(context, settings, api_token, ours, before))
        except CONFLICT:
            subject = f"token {api_token.source_id} {api_token.name}"
            shop.note("key_here", subject, KEY_HERE)
            return
    await context.database.write([put_imported(row)])


async def end_gone_tokens(
    context: ServiceContext, shop: Shop, known: Mapping[str, ImportedRow]
) -> None:
    """Switch off what was deleted there since it was taken, alone or with its owner.

    A key that its owner gave up must not work here; one that comes back there does.
    """
    there = {api_token.source_id for api_token in shop.tokens}
    for source_id, row in known.items():
        if source_id in there:
            continue
        shop.note("key_gone", f"token {source_id}", KEY_GONE)
        if row.source_hash != GONE:
            now = context.clock.wall_ms()
            gone = put_imported(row._replace(source_hash=GONE))
            await context.database.write([switch_off_token(row.our_id, now), gone])


async def _set_budgets(
    context: ServiceContext,
    api_token: Token,
    row: ImportedRow,
    before: ImportedRow | None,
    limits: dict[str, int | None],
    micros_per_unit: Fraction,
) -> None:
    """Before the token: one without its budgets must never work, not even for a moment."""
    now = context.clock.wall_ms()
    for period, units in api_token.period_budgets:
        limit = target_micros(units, micros_per_unit)
        id_ = budget_id(row.our_id, period, None)
        if limits.get(id_, -1) != limit:
            await context.ledger.post(SetBudget(id_, row.our_id, limit, now, period, None))
    id_ = budget_id(row.our_id, "total", None)
    current = limits.get(id_)
    if api_token.budget_units is None:
        if current is not None:
            await context.ledger.post(SetBudget(id_, row.our_id, None, now))
        return
    if before is not None and before.pending is not None:
        limit = max(before.pending + row.target - before.target, 0)
    elif before is None or current is None:
        limit = row.target
    else:
        limit = max(current + row.target - before.target, 0)
    if current != limit:
        if before is not None:
            await context.database.write(
                [put_imported(before._replace(pending=limit, target=row.target))]
            )
        await context.ledger.post(SetBudget(id_, row.our_id, limit, now))


def _statements(
    context: ServiceContext,
    settings: ImportSettings,
    api_token: Token,
    ours: str,
    before: ImportedRow | None,
) -> list[Statement]:
    now = context.clock.wall_ms()
    row = ApiTokenRow(
        id=ours,
        account_id=account_id(settings.id, api_token.owner),
        name=api_token.name,
        hash=key_hash_of(context, settings, api_token),
        hint=hint(api_token.key) if api_token.key is not None else hint(""),
        models=None if api_token.models is None else json.dumps(list(api_token.models)),
        networks=None if api_token.networks is None else json.dumps(list(api_token.networks)),
        rpm=api_token.rpm,
        expires_at=None if api_token.expires_at is None else api_token.expires_at * 1000,
        clamp_explicit=0,
        created_at=now,
        revoked_at=None,
        replaced_by=(
            None if api_token.earlier_of is None else token_id(settings.id, api_token.earlier_of)
        ),
        disabled_at=now if api_token.is_disabled else None,
        group_name=None if api_token.group is None else group_name(api_token.group),
    )
    if before is not None:
        return [change_token(row)]
    statements = [take_over_token(row)]
    if api_token.sha256 is not None:
        statements.append(put_legacy_key(LegacyKeyRow(api_token.sha256, ours)))
    return statements


def _imported(
    context: ServiceContext,
    settings: ImportSettings,
    api_token: Token,
    ours: str,
    hashed: str,
    target: int,
) -> ImportedRow:
    return ImportedRow(
        import_id=settings.id,
        kind="token",
        source_id=api_token.source_id,
        our_id=ours,
        source_hash=hashed,
        target=target,
        pending=None,
        owed=0,
        locked_at=None,
        at=context.clock.wall_ms(),
    )


def _hash(api_token: Token) -> str:
    """Of what a take writes into the token's row; its money has its own rule."""
    key = api_token.key if api_token.key is not None else api_token.sha256
    return source_hash(
        hashlib.sha256(str(key).encode()).hexdigest(),
        api_token.owner,
        api_token.name,
        api_token.models,
        api_token.networks,
        api_token.expires_at,
        api_token.is_disabled,
        api_token.group,
        api_token.rpm,
        api_token.budget_units is None,
        api_token.period_budgets,
    )
