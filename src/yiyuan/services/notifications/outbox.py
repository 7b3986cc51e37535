"""Writing a notice: one statement, for the transaction of whatever caused it."""

from typing import Any, TypedDict, Unpack

from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.services.notifications.events import EVENTS
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.tables.notices import NoticeRow, add_notice, notice


class About(TypedDict, total=False):
    """Whom a notice is about, and the key under which it is told once."""

    account_id: str | None
    user_id: str | None
    key: str | None


def notice_statement(
    context: ServiceContext,
    event: str,
    data: dict[str, Any],
    **about: Unpack[About],
) -> Statement:
    """Tell of something that happens in this very transaction; once per `key`.

    `data` is public to whoever is told: ids, names, amounts in micros, never a secret.
    """
    return add_notice(new_notice(context, event, data, **about))


def new_notice(
    context: ServiceContext,
    event: str,
    data: dict[str, Any],
    **about: Unpack[About],
) -> NoticeRow:
    """The row of a notice."""
    assert event in EVENTS or event == "test", event
    now, account_id = context.clock.wall_ms(), about.get("account_id")
    document = {"at": iso(now), **({"account": account_id} if account_id else {}), **data}
    return notice(new_id("ntc"), event, now, document, **about)
