"""Redemption codes: batches, their codes (once), and who used them."""

from typing import Annotated

import msgspec

from yiyuan.console import codes
from yiyuan.console.arguments import Arguments
from yiyuan.kernel.clock import iso
from yiyuan.panel.route import MONEY, OPERATOR_READS, Access, Nothing, Route
from yiyuan.panel.shapes import Asked, Line, Page, Positive, Shown
from yiyuan.panel.visit import Visit, not_found
from yiyuan.store import redeem_codes as rows
from yiyuan.store.redeem_codes import BatchView

Count = Annotated[int, msgspec.Meta(ge=1, le=codes.CODES_MAX)]


class NewCodes(Asked):
    """`value` is 词元 per code; `per_account` how many of them one account may use."""

    name: Line
    value: Positive
    count: Count
    expires: str | None = None
    per_account: Count | None = None


class MadeCodes(Shown):
    """The only time that the codes are shown."""

    batch: str
    codes: list[str]


class CodeBatch(Shown):
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


class CodeUse(Shown):
    """One code that was used; `entry_id` is its entry in the ledger."""

    account_id: str
    account_name: str
    at: str
    entry_id: str | None


async def list_batches(visit: Visit, _: Nothing) -> Page[CodeBatch]:
    """All batches, the latest first."""
    return Page(items=[_shown(view) for view in await rows.batches(visit.desk.database)])


async def create(visit: Visit, asked: NewCodes) -> MadeCodes:
    """Make codes; they are in this answer and nowhere else."""
    made = await codes.create(visit.desk, Arguments(msgspec.to_builtins(asked)))
    visit.subject = made["batch"]
    return MadeCodes(batch=made["batch"], codes=made["codes"])


async def revoke(visit: Visit, _: Nothing) -> CodeBatch:
    """Let the codes of a batch that nobody has used stop working."""
    batch_id = visit.places["batch"]
    statement = rows.revoke_batch(batch_id, visit.desk.clock.wall_ms())
    if await visit.desk.database.write([statement]) != [1]:
        raise not_found("batch")
    view = await rows.find_batch(visit.desk.database, batch_id)
    assert view is not None, "batches are never deleted"
    return _shown(view)


async def list_uses(visit: Visit, _: Nothing) -> Page[CodeUse]:
    """Who used codes of a batch."""
    batch_id = visit.places["batch"]
    if await rows.find_batch(visit.desk.database, batch_id) is None:
        raise not_found("batch")
    return Page(
        items=[
            CodeUse(
                account_id=use.account_id,
                account_name=use.account_name,
                at=iso(use.at),
                entry_id=use.entry_id,
            )
            for use in await rows.redemptions(visit.desk.database, batch_id)
        ]
    )


def _shown(view: BatchView) -> CodeBatch:
    row = view.row
    return CodeBatch(
        id=row.id,
        name=row.name,
        value=row.value,
        count=row.size,
        redeemed=view.redeemed,
        expires=None if row.expires_at is None else iso(row.expires_at),
        per_account=row.per_account,
        created=iso(row.created_at),
        created_by=row.created_by,
        revoked=None if row.revoked_at is None else iso(row.revoked_at),
    )


_CODES = "/api/operator/codes"
_MONEY = Access("operator", MONEY)

ROUTES = (
    Route("GET", _CODES, OPERATOR_READS, list_batches, Page[CodeBatch]),
    Route("POST", _CODES, _MONEY, create, MadeCodes, NewCodes),
    Route("GET", f"{_CODES}/{{batch}}", OPERATOR_READS, list_uses, Page[CodeUse]),
    Route("POST", f"{_CODES}/{{batch}}/revoke", _MONEY, revoke, CodeBatch),
)
