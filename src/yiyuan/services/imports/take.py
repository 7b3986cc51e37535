"""Take: everything of the other shop that can be here, as often as one likes.

In an order in which nothing can be spent before it is locked: the catalog, then people
with locked accounts, then their money, their keys, codes and old orders. Each step finds
what an earlier take did, so one that was interrupted, wherever, goes on.

A serving process leaves nine tenths of its time to requests; the pieces are small.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from yiyuan.i18n.message import Message
from yiyuan.integrations.importers.amounts import target_micros
from yiyuan.integrations.importers.contract import Person, Token
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.services.catalog.stored import read_stored
from yiyuan.services.imports.applying import apply_shop
from yiyuan.services.imports.customers.codes import take_codes
from yiyuan.services.imports.customers.identities import choose_services, link_people, list_unlinked
from yiyuan.services.imports.customers.money import (
    GRANT,
    promises_of,
    take_money,
    take_promises,
    target_of,
)
from yiyuan.services.imports.customers.people import Taken, read_taken, take_person
from yiyuan.services.imports.customers.tokens import end_gone_tokens, is_taken, take_token
from yiyuan.services.imports.names import account_id
from yiyuan.services.imports.report import summary
from yiyuan.services.imports.settings import ImportSettings, sealed
from yiyuan.services.imports.shop_catalog import ShopCatalog, build_catalog
from yiyuan.services.imports.source import ReadShop, is_same_source
from yiyuan.services.shared.command import progress_of
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.database import Statement
from yiyuan.store.queries.imports import budget_limits
from yiyuan.store.tables.catalog import new_version
from yiyuan.store.tables.imports import (
    ImportedOrderRow,
    ImportedRow,
    ImportRow,
    booked,
    find_import,
    imported,
    put_import,
    put_imported,
    put_order,
)

Json = dict[str, Any]
Progress = Callable[[Json], None]
T = TypeVar("T")

USER_GONE: Final = "is not there any more: an account that waits here is not opened"
AT_ONCE: Final = 40
_RESTS_PER_WORK: Final = 9
_ROWS_AT_ONCE: Final = 200


async def take_shop(
    context: ServiceContext, settings: ImportSettings, read: ReadShop, progress: Progress
) -> Json:
    """Do it all; the report. Raises ServiceError."""
    row = await _begin(context, settings, read)
    catalog: Json = {}
    if settings.takes("catalog"):
        catalog = await take_catalog(context, settings, read)
    taken = await read_taken(context, settings, read.shop)
    services = await choose_services(context, settings)
    list_unlinked(read.shop, services)
    if settings.takes("users"):
        await _take_people(context, settings, read, taken, progress)
        await link_people(context, settings, read.shop, services)
    if settings.takes("tokens"):
        await _take_tokens(context, settings, read, taken, progress)
    if settings.takes("codes"):
        await take_codes(
            context, settings, read.shop, read.micros_per_unit, is_open=row.opened_at is not None
        )
    await _take_orders(context, settings, read, taken)
    await context.database.write(
        [put_import(row._replace(taken_at=context.clock.wall_ms(), checked_at=None)), new_version()]
    )
    await context.reload()
    return summary(settings.name, read, catalog=catalog, taken=taken)


async def _begin(context: ServiceContext, settings: ImportSettings, read: ReadShop) -> ImportRow:
    """The move's row; another database or rate under the same name is refused."""
    before = await find_import(context.database, settings.name)
    if before is not None and not is_same_source(before.source_print, read.source_print):
        taken = "another database was taken under this name: choose another, or forget that one"
        raise ServiceError("another_source", taken)
    if before is not None and before.rate != read.rate:
        message = Message(
            "it was begun at a rate of {rate}: `import forget` it to choose another",
            rate=before.rate,
        )
        raise ServiceError("another_rate", message)
    row = ImportRow(
        id=settings.id,
        name=settings.name,
        kind=settings.kind,
        source_print=read.source_print,
        settings_sealed=sealed(context, settings),
        rate=read.rate,
        first_at=context.clock.wall_ms() if before is None else before.first_at,
        taken_at=None if before is None else before.taken_at,
        checked_at=None,
        opened_at=None if before is None else before.opened_at,
    )
    await context.database.write([put_import(row)])
    return row


async def take_catalog(
    context: ServiceContext, settings: ImportSettings, read: ReadShop, *, dry_run: bool = False
) -> Json:
    """Channels, models and groups; what changed, as `apply` tells it."""
    known: dict[str, Mapping[str, ImportedRow]] = {
        kind: await imported(context.database, settings.id, kind)
        for kind in ("channel", "model", "group")
    }
    here = frozenset((await read_stored(context)).channels)
    built = build_catalog(
        read.shop, read.micros_per_unit, known, here, allow_private=settings.allow_private
    )
    statements = [] if dry_run else _notes(context, settings, built)
    name = f"import {settings.name}"
    return await apply_shop(context, built, name, notes=statements, dry_run=dry_run)


def _notes(
    context: ServiceContext, settings: ImportSettings, built: ShopCatalog
) -> list[Statement]:
    now = context.clock.wall_ms()
    return [
        put_imported(ImportedRow(settings.id, kind, source_id, name, hashed, 0, None, 0, None, now))
        for (kind, source_id), (name, hashed) in built.hashes.items()
    ]


async def _take_people(
    context: ServiceContext,
    settings: ImportSettings,
    read: ReadShop,
    taken: Taken,
    progress: Progress,
) -> None:
    shop, k = read.shop, read.micros_per_unit
    entries = await booked(context.database, settings.id)
    grants = await booked(context.database, settings.id, GRANT.prefix)
    promises = promises_of(shop)

    async def one(person: Person) -> None:
        await take_person(context, settings, person, taken)
        account = account_id(settings.id, person.source_id)
        target = target_of(person, k, root_balance=settings.root_balance)
        row = taken.rows[person.source_id]
        await take_money(
            context, settings, shop, person, target, read.rate, entries.get(account), row
        )
        promised, granted = promises.get(person.source_id, ()), grants.get(account)
        if promised or granted:
            await take_promises(context, settings, shop, person, promised, k, granted)

    there = {person.source_id for person in shop.people}
    for source_id in sorted(taken.rows.keys() - there):
        shop.note("user_gone", f"user {source_id}", USER_GONE)
    template = "took over {done:,} of {total:,} people"
    await in_pieces(context, shop.people, one, progress, "people", template)


async def _take_tokens(
    context: ServiceContext,
    settings: ImportSettings,
    read: ReadShop,
    taken: Taken,
    progress: Progress,
) -> None:
    known = await imported(context.database, settings.id, "token")
    limits = await budget_limits(context.database, settings.id)
    people = {row.source_id for row in taken.rows.values()}

    k = read.micros_per_unit
    todo = [
        api_token
        for api_token in read.shop.tokens
        if api_token.owner in people and not is_taken(api_token, known.get(api_token.source_id), k)
    ]

    async def one(api_token: Token) -> None:
        before = known.get(api_token.source_id)
        await take_token(context, settings, read.shop, api_token, k, before, limits)

    await end_gone_tokens(context, read.shop, known)
    template = "took over {done:,} of {total:,} keys"
    await in_pieces(context, todo, one, progress, "keys", template)


async def _take_orders(
    context: ServiceContext, settings: ImportSettings, read: ReadShop, taken: Taken
) -> None:
    rows = [
        ImportedOrderRow(
            import_id=settings.id,
            source_id=order.source_id,
            account_id=account_id(settings.id, order.owner),
            number=order.number,
            paid=order.paid,
            credit=min(target_micros(order.units, read.micros_per_unit), MICROS_MAX),
            state=order.state,
            at=order.at * 1000,
        )
        for order in read.shop.orders
        if order.owner in taken.rows
    ]
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await context.database.write(
            [put_order(row) for row in rows[start : start + _ROWS_AT_ONCE]]
        )


async def in_pieces(
    context: ServiceContext,
    items: Sequence[T],
    work: Callable[[T], Awaitable[None]],
    progress: Progress,
    stage: str,
    template: str,
) -> None:
    """Work on some items at once, tell how far it is, and rest where requests are served."""
    for start in range(0, len(items), AT_ONCE):
        began = context.clock.monotonic()
        try:
            async with asyncio.TaskGroup() as group:
                for item in items[start : start + AT_ONCE]:
                    group.create_task(_awaited(work(item)))
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None  # one refusal says it: the rest is taken later
        done = min(start + AT_ONCE, len(items))
        message = Message(template, done=done, total=len(items))
        progress({"stage": stage, **progress_of(message, done=done, total=len(items))})
        if context.is_serving:
            await asyncio.sleep((context.clock.monotonic() - began) * _RESTS_PER_WORK)


async def _awaited(work: Awaitable[None]) -> None:
    await work
