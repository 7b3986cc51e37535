"""The way back after `open`: what would set the old quotas from today's balances.

Nothing is ever written there by us. Each statement names the quota that it replaces, so
one that has changed since is left alone.
"""

from typing import Any, Final

from yiyuan.services.imports.customers.money import target_of
from yiyuan.services.imports.names import account_id
from yiyuan.services.imports.settings import ImportSettings
from yiyuan.services.imports.source import ReadShop
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.store.foreign.way_back import quota_statement
from yiyuan.store.queries.accounts import all_accounts
from yiyuan.store.tables.imports import imported

Json = dict[str, Any]
_WITH_QUOTA: Final = frozenset({"new-api", "one-api", "one-hub"})


async def statements_back(
    context: ServiceContext, settings: ImportSettings, read: ReadShop
) -> Json:
    """One statement for each person whose money changed here. Raises ServiceError."""
    if settings.kind not in _WITH_QUOTA:
        message = "there is no prepaid money there that could be set"
        raise ServiceError("no_quota", message)
    balances = {row.id: row.posted for row in await all_accounts(context.database)}
    taken = await imported(context.database, settings.id, "user")
    found, unchanged, listed = [], 0, []
    for person in read.shop.people:
        balance = balances.get(account_id(settings.id, person.source_id))
        target = target_of(person, read.micros_per_unit, root_balance=settings.root_balance)
        is_left_out = person.role == "root" and not settings.root_balance
        if balance is None or is_left_out or person.source_id not in taken:
            listed.append(person.source_id)
        elif balance == target:
            unchanged += 1
        else:
            # Rounded down: nobody gets a unit that they do not have.
            quota = int(balance / read.micros_per_unit)
            found.append(quota_statement(int(person.source_id), quota, int(person.units)))
    return {
        "name": settings.name,
        "sql": found,
        "unchanged": unchanged,
        "left_alone": listed,
    }
