"""What an account used: sums by model, token, outcome, endpoint or day; the same as CSV."""

from collections.abc import AsyncIterator
from typing import Final

from yiyuan.api.console.csv import csv_pieces, file_name, head_in_yuan, row_in_yuan
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import MEMBER_READS, Download, Route
from yiyuan.services.accounts import usage_report
from yiyuan.services.accounts.usage_report import Scope, UsageQuery, UsageReport

GROUP: Final = "usage"
"""What its routes are called in the audit log and in the OpenAPI document."""

_AMOUNTS: Final = ("charge",)


async def show(visit: ConsoleRequest, asked: UsageQuery) -> UsageReport:
    """Sums over a range, and the range before."""
    return await usage_report.report(visit.context, _scope(visit), asked)


async def download(visit: ConsoleRequest, asked: UsageQuery) -> Download:
    """The same groups as CSV, amounts in 词元 and in 元."""
    head, rows = await usage_report.lines(visit.context, _scope(visit), asked)

    async def pages() -> AsyncIterator[list[tuple[object, ...]]]:
        yield [row_in_yuan(head, row, _AMOUNTS) for row in rows]

    name = file_name(f"usage_by_{asked.by}", asked.since, asked.until)
    return Download(name, csv_pieces(head_in_yuan(head, _AMOUNTS), pages()))


def _scope(visit: ConsoleRequest) -> Scope:
    return Scope(visit.account_id, visit.visitor.user_id if visit.sees_own_tokens_only else None)


ROUTES = (
    Route("GET", "/api/accounts/{account}/usage", MEMBER_READS, show, UsageReport, UsageQuery),
    Route("GET", "/api/accounts/{account}/usage.csv", MEMBER_READS, download, Download, UsageQuery),
)
