"""Orders that were paid at the gateway that an account was moved from: history, no money."""

from yiyuan.kernel.clock import iso
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.tables.imports import orders_of


class EarlierOrder(Answer):
    """One order there: `paid` and `state` as it wrote them, `credit` in 词元."""

    number: str
    paid: str
    credit: int
    state: str
    at: str


async def earlier_orders(context: ServiceContext, account_id: str) -> list[EarlierOrder]:
    """Those of an account, the latest first."""
    return [
        EarlierOrder(
            number=row.number, paid=row.paid, credit=row.credit, state=row.state, at=iso(row.at)
        )
        for row in await orders_of(context.database, account_id)
    ]
