"""What was done by operators, and by anybody to somebody else; the latest first."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec

from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request
from yiyuan.store.queries.find import names_of
from yiyuan.store.tables.audit_log import AuditLogRow, audit_page

_ROWS_AT_ONCE: Final = 1_000
COLUMNS: Final = AuditLogRow._fields


class ActionFilter(Request):
    """Of one person or key (name or id), or of some actions, with commas between them."""

    actor: str | None = None
    action: str | None = None


class Action(Answer):
    """One action; `details` has what was asked, without secrets, and what was before."""

    seq: int
    at: str
    actor: str
    actor_name: str
    address: str
    action: str
    subject: str
    subject_name: str | None
    """What an account, channel, token or person of this id is called now."""
    reason: str
    details: dict[str, Any]
    request_id: str


async def actions_page(
    context: ServiceContext, wanted: ActionFilter, *, before: int | None, limit: int
) -> list[Action]:
    """Actions, the latest first: those older than number `before`."""
    rows = await _rows(context, wanted, before, limit)
    names = await names_of(context.database, sorted({row.subject for row in rows}))
    return [_shown(row, names.get(row.subject)) for row in rows]


class LatestActions(ActionFilter):
    """The latest of them."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=_ROWS_AT_ONCE)] = 100


@command("audit.list", reads=True)
async def list_actions(context: ServiceContext, request: LatestActions) -> Json:
    """What operators and commands did, the latest first: `{"actions":[…]}`."""
    found = await actions_page(context, request, before=None, limit=request.limit)
    return {"actions": msgspec.to_builtins(found)}


async def all_actions(
    context: ServiceContext, wanted: ActionFilter
) -> AsyncIterator[list[tuple[object, ...]]]:
    """All of them in pieces, as rows of `COLUMNS`; details as they are stored."""
    before: int | None = None
    while rows := await _rows(context, wanted, before, _ROWS_AT_ONCE):
        yield [(row.seq, iso(row.at), *row[2:]) for row in rows]
        before = rows[-1].seq


async def _rows(
    context: ServiceContext, wanted: ActionFilter, before: int | None, limit: int
) -> list[AuditLogRow]:
    actions = tuple((wanted.action or "").split(",")) if wanted.action else ()
    return await audit_page(
        context.database, before=before, actor=wanted.actor, actions=actions, limit=limit
    )


def _shown(row: AuditLogRow, subject_name: str | None) -> Action:
    return Action(
        seq=row.seq,
        at=iso(row.at),
        actor=row.actor,
        actor_name=row.actor_name,
        address=row.address,
        action=row.action,
        subject=row.subject,
        subject_name=subject_name,
        reason=row.reason,
        details=msgspec.json.decode(row.details),
        request_id=row.request_id,
    )
