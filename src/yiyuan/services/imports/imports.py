"""The commands of `yiyuan import`: look, take, check, open, status, return, forget."""

from collections.abc import Callable
from typing import Any

from yiyuan.kernel.clock import iso
from yiyuan.services.imports.back_out import statements_back
from yiyuan.services.imports.catalog_file import catalog_text
from yiyuan.services.imports.checks.check import check_shop
from yiyuan.services.imports.checks.probe import probe_channels
from yiyuan.services.imports.customers.identities import choose_services, list_unlinked
from yiyuan.services.imports.names import check_import_name
from yiyuan.services.imports.opening import forget_shop, open_shop
from yiyuan.services.imports.report import summary
from yiyuan.services.imports.settings import (
    ImportSettings,
    Look,
    Take,
    read_settings,
    stored_import,
)
from yiyuan.services.imports.source import ReadShop, read_shop
from yiyuan.services.imports.take import take_catalog, take_shop
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Request
from yiyuan.store.tables.imports import ImportRow, all_imports, imported, put_import

Json = dict[str, Any]
Progress = Callable[[Json], None]


class OneImport(Request):
    """A move that was begun, by its name."""

    name: str


class Status(Request):
    """One move by its name; all without."""

    name: str | None = None


@command("import.look", reads=True)
async def look(context: ServiceContext, request: Look, _: Progress) -> Json:
    """What would be taken and what is left behind; nothing is written."""
    settings = read_settings(context, request)
    read = await read_shop(context, settings)
    list_unlinked(read.shop, await choose_services(context, settings))
    catalog = await take_catalog(context, settings, read, dry_run=True)
    report = summary(settings.name, read, catalog=catalog, root=settings.root_balance)
    if request.probe:
        report["probes"] = await probe_channels(settings, read.shop)
    if request.catalog_file:
        report["catalog_file"] = catalog_text(read.shop, read.micros_per_unit)
    return report


@command("import.take")
async def take(context: ServiceContext, request: Take, progress: Progress) -> Json:
    """Take everything over; again takes the differences.

    With a name alone it goes by what was asked for when it was last taken.
    """
    if request.kind:
        settings = read_settings(context, request)
    else:
        _, settings = await stored_import(context, check_import_name(request.name))
    async with context.import_lock:
        read = await read_shop(context, settings)
        report = await take_shop(context, settings, read, progress)
    if request.catalog_file:
        report["catalog_file"] = catalog_text(read.shop, read.micros_per_unit)
    return report


@command("import.check", reads=True)
async def check(context: ServiceContext, request: OneImport, progress: Progress) -> Json:
    """Read the source anew and compare."""
    row, settings = await stored_import(context, check_import_name(request.name))
    async with context.import_lock:
        return (await _check(context, row, settings, progress))[1]


@command("import.open")
async def open_(context: ServiceContext, request: OneImport, progress: Progress) -> Json:
    """Unlock all accounts of a move, if the check finds everything equal."""
    row, settings = await stored_import(context, check_import_name(request.name))
    if row.taken_at is None:
        message = "the take has not come to its end: run `yiyuan import take` again"
        raise ServiceError("not_taken", message)
    async with context.import_lock:
        read, document = await _check(context, row, settings, progress)
        if not document["ok"]:
            message = "not everything is equal: `yiyuan import check` tells what"
            raise ServiceError("check_failed", message)
        row, _ = await stored_import(context, row.name)
        return await open_shop(context, row, settings, read)


@command("import.status", reads=True)
async def status(context: ServiceContext, request: Status) -> Json:
    """All moves and how far they are; one of them with its counts."""
    if request.name is None:
        return {"imports": [_document(row) for row in await all_imports(context.database)]}
    row, settings = await stored_import(context, request.name)
    rows = await imported(context.database, settings.id, "user")
    tokens = await imported(context.database, settings.id, "token")
    return {
        **_document(row),
        "accounts": len(rows),
        "locked": sum(each.locked_at is not None for each in rows.values()),
        "owed": sum(each.owed for each in rows.values()),
        "tokens": len(tokens),
    }


@command("import.return", reads=True)
async def return_(context: ServiceContext, request: OneImport) -> Json:
    """What would set the old quotas from today's balances; nothing is run."""
    row, settings = await stored_import(context, check_import_name(request.name))
    return await statements_back(
        context, settings, (await read_shop(context, settings)).at(row.rate)
    )


@command("import.forget")
async def forget(context: ServiceContext, request: OneImport) -> Json:
    """Take back what was taken, of accounts in which nothing else happened."""
    row, settings = await stored_import(context, check_import_name(request.name))
    async with context.import_lock:
        return await forget_shop(context, row, settings)


async def _check(
    context: ServiceContext, row: ImportRow, settings: ImportSettings, progress: Progress
) -> tuple[ReadShop, Json]:
    read = (await read_shop(context, settings)).at(row.rate)
    document = await check_shop(context, settings, read, progress)
    if document["ok"]:
        row = row._replace(checked_at=context.clock.wall_ms())
        await context.database.write([put_import(row)])
    return read, document


def _document(row: ImportRow) -> Json:
    return {
        "name": row.name,
        "kind": row.kind,
        "rate": row.rate,
        "first": iso(row.first_at),
        "taken": None if row.taken_at is None else iso(row.taken_at),
        "checked": None if row.checked_at is None else iso(row.checked_at),
        "opened": None if row.opened_at is None else iso(row.opened_at),
    }
