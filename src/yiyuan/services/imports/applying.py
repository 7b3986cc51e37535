"""The other shop's catalog through the ordinary apply, in one transaction with its notes."""

from collections.abc import Mapping, Sequence
from typing import Any

from yiyuan.services.catalog.apply import make_plan
from yiyuan.services.catalog.reading.file import read_catalog
from yiyuan.services.catalog.reading.toml_fields import Source
from yiyuan.services.catalog.stored import read_stored
from yiyuan.services.imports.shop_catalog import ShopCatalog
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.tables.people.taken_over import switch_off_channel

Json = dict[str, Any]


class ShopSource(Source):
    """Values that stand in no file; faults name the move instead."""

    def __init__(self, values: Mapping[str, list[Json]], name: str) -> None:
        """`name` is what errors begin with."""
        self.text = ""
        self.file = name
        self.values = {kind: tables for kind, tables in values.items() if tables}


async def apply_shop(
    context: ServiceContext,
    built: ShopCatalog,
    name: str,
    *,
    notes: Sequence[Statement] = (),
    dry_run: bool = False,
) -> Json:
    """What changed, as `apply` tells it. Raises ServiceError `invalid_catalog`."""
    source = ShopSource(built.values, name)
    wanted = read_catalog(source, {})
    async with context.catalog_lock:
        plan = make_plan(context, source, wanted, await read_stored(context), prune=False)
        if not dry_run and (plan.statements or notes):
            off = [switch_off_channel(channel) for channel in built.switched_off]
            await context.database.write([*plan.statements, *off, *notes])
            await context.reload()
    report: Json = plan.report()
    del report["left"]  # what else is here is none of the other shop's business
    return {**report, "switched_off": built.switched_off}
