"""Writing a notice: one statement, for the transaction of whatever caused it."""

from typing import Any

from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.services.notifications.events import EVENTS
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.database import Statement
from yiyuan.store.tables.notices import NoticeRow, add_notice, notice


def notice_statement(
    context: ServiceContext,
    event: str,
    data: dict[str, Any],
    *,
    account_id: str | None = None,
    user_id: str | None = None,
    key: str | None = None,
) -> Statement:
    """Tell of something that happens in this very transaction; once per `key`.

    `data` is public to whoever is told: ids, names, amounts in micros, never a secret.
    """
    return add_notice(
        new_notice(context, event, data, account_id=account_id, user_id=user_id, key=key)
    )


def new_notice(
    context: ServiceContext,
    event: str,
    data: dict[str, Any],
    *,
    account_id: str | None = None,
    user_id: str | None = None,
    key: str | None = None,
) -> NoticeRow:
    """The row of a notice."""
    assert event in EVENTS or event == "test", event
    now = context.clock.wall_ms()
    document = {"at": iso(now), **({"account": account_id} if account_id else {}), **data}
    return notice(
        new_id("ntc"), event, now, document, account_id=account_id, user_id=user_id, key=key
    )
