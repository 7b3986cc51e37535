"""Batches of redemption codes: what there is, who used which, and their end."""

import msgspec

from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer, time_text
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing, Request
from yiyuan.store.tables import redeem_codes as rows
from yiyuan.store.tables.redeem_codes import BatchView


class CodeBatch(Answer):
    """A batch, without its codes."""

    id: str
    name: str
    value: int
    count: int
    redeemed: int
    expires: str | None
    per_account: int | None
    created: str
    created_by: str
    revoked: str | None


class CodeUse(Answer):
    """One code that was used; `entry_id` is its entry in the ledger."""

    account_id: str
    account_name: str
    at: str
    entry_id: str | None


class OneBatch(Request):
    """A batch by its id."""

    id: str


async def list_batches(context: ServiceContext) -> list[CodeBatch]:
    """All batches, the latest first."""
    return [_batch(view) for view in await rows.batches(context.database)]


async def list_uses(context: ServiceContext, batch_id: str) -> list[CodeUse]:
    """Who used codes of a batch. Raises ServiceError `not_found`."""
    if await rows.find_batch(context.database, batch_id) is None:
        raise _no_batch()
    return [
        CodeUse(
            account_id=use.account_id,
            account_name=use.account_name,
            at=iso(use.at),
            entry_id=use.entry_id,
        )
        for use in await rows.redemptions(context.database, batch_id)
    ]


async def revoke_batch(context: ServiceContext, batch_id: str) -> CodeBatch:
    """Let the codes of a batch that nobody has used stop working. Raises ServiceError."""
    statement = rows.revoke_batch(batch_id, context.clock.wall_ms())
    if await context.database.write([statement]) != [1]:
        raise _no_batch()
    view = await rows.find_batch(context.database, batch_id)
    assert view is not None, "batches are never deleted"
    return _batch(view)


@command("codes.list", reads=True)
async def list_all(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """All batches, the latest first, without their codes."""
    return {"batches": msgspec.to_builtins(await list_batches(context))}


@command("codes.show", reads=True)
async def show(context: ServiceContext, request: OneBatch) -> Json:
    """Who used which code of a batch, the batch with it: `{…,"uses":[…]}`."""
    uses = await list_uses(context, request.id)
    view = await rows.find_batch(context.database, request.id)
    assert view is not None, "batches are never deleted"
    return {**msgspec.to_builtins(_batch(view)), "uses": msgspec.to_builtins(uses)}


@command("codes.revoke")
async def revoke(context: ServiceContext, request: OneBatch) -> Json:
    """End a batch: codes that nobody has used stop working."""
    found: Json = msgspec.to_builtins(await revoke_batch(context, request.id))
    return found


def _no_batch() -> ServiceError:
    return ServiceError("not_found", "there is no such batch")


def _batch(view: BatchView) -> CodeBatch:
    row = view.row
    return CodeBatch(
        id=row.id,
        name=row.name,
        value=row.value,
        count=row.size,
        redeemed=view.redeemed,
        expires=time_text(row.expires_at),
        per_account=row.per_account,
        created=iso(row.created_at),
        created_by=row.created_by,
        revoked=time_text(row.revoked_at),
    )
