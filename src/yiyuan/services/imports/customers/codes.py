"""Redemption codes of the other shop: batches of equal worth and end.

They work only once the shop is open: until then somebody could redeem one there as well.
A code that was used there since the last take ends up in a batch that is over.
"""

from collections import defaultdict
from fractions import Fraction

from yiyuan.auth.opaque_secret import code_hash
from yiyuan.integrations.importers.amounts import target_micros
from yiyuan.integrations.importers.contract import Code, Shop
from yiyuan.services.imports.names import source_hash, stable_id
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries.imports import unclaimed_codes
from yiyuan.store.tables.imports import ImportedRow, imported, put_imported
from yiyuan.store.tables.people.taken_over import keep_batch, keep_codes, move_codes
from yiyuan.store.tables.redeem_codes import BatchRow

USED_THERE = "used-there"


async def take_codes(
    context: ServiceContext,
    settings: ImportSettings,
    shop: Shop,
    micros_per_unit: Fraction,
    *,
    is_open: bool,
) -> None:
    """Keep the unused codes, and end those that are not unused there any more."""
    batches: dict[tuple[int, int | None], list[Code]] = defaultdict(list)
    for code in shop.codes:
        batches[target_micros(code.units, micros_per_unit), code.expires_at].append(code)
    known = await imported(context.database, settings.id, "codes")
    hashes: set[str] = set()
    for (value, expires), codes in batches.items():
        hashes |= await _take_batch(
            context, settings, known, value, expires, codes, is_open=is_open
        )
    over = _batch(context, settings, USED_THERE, 1, None, 0)._replace(
        revoked_at=context.clock.wall_ms()
    )
    ours = [row.our_id for row in known.values() if row.source_id != USED_THERE]
    gone = await unclaimed_codes(context.database, ours)
    strays = [found for found in gone if found not in hashes]
    if strays:
        await context.database.write([keep_batch(over), *move_codes(strays, over.id)])


async def _take_batch(
    context: ServiceContext,
    settings: ImportSettings,
    known: dict[str, ImportedRow],
    value: int,
    expires: int | None,
    codes: list[Code],
    *,
    is_open: bool,
) -> set[str]:
    source_id = f"{value}:{expires or 0}"
    batch = _batch(context, settings, source_id, value, expires, len(codes))
    if not is_open:
        batch = batch._replace(revoked_at=context.clock.wall_ms())
    hashes = {code_hash(code.code.lower()) for code in codes}
    row = ImportedRow(
        import_id=settings.id,
        kind="codes",
        source_id=source_id,
        our_id=batch.id,
        source_hash=source_hash(sorted(hashes)),
        target=value,
        pending=None,
        owed=0,
        locked_at=None if is_open else context.clock.wall_ms(),
        at=context.clock.wall_ms(),
    )
    before = known.get(source_id)
    if before is None or before.source_hash != row.source_hash:
        if before is not None:
            row = row._replace(locked_at=before.locked_at)
        await context.database.write(
            [
                keep_batch(batch),
                *keep_codes(batch.id, sorted(hashes)),
                put_imported(row),
            ]
        )
        known[source_id] = row
    return hashes


def _batch(
    context: ServiceContext,
    settings: ImportSettings,
    source_id: str,
    value: int,
    expires: int | None,
    size: int,
) -> BatchRow:
    return BatchRow(
        id=stable_id("batch", settings.id, source_id),
        name=f"imported: {settings.name}",
        value=value,
        size=max(size, 1),
        per_account=None,
        expires_at=None if expires is None else expires * 1000,
        created_by=context.actor,
        created_at=context.clock.wall_ms(),
        revoked_at=None,
    )
