"""Changes to a token that is in use: its name, its rules, its budgets, on and off.

Its key stays, so whoever uses it need not know. Every server follows within a second.
"""

from typing import Any, Final

from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Amount, invalid
from yiyuan.services.shared.validation import check_name
from yiyuan.services.tokens.budgets import BudgetRequest, read_budgets, set_budgets
from yiyuan.services.tokens.groups import check_group
from yiyuan.services.tokens.rules import RuleFields, read_rules
from yiyuan.services.tokens.tokens import ById, get_changeable, write_and_show
from yiyuan.store.database import Statement
from yiyuan.store.tables import api_tokens as rows

Json = dict[str, Any]

# What a command calls a rule, and the column that has it.
_COLUMNS: Final = {
    "models": "models",
    "allow_ip": "networks",
    "rpm": "rpm",
    "expires": "expires_at",
    "clamp_explicit": "clamp_explicit",
    "group": "group_name",
}
CLEARABLE: Final = ("models", "allow_ip", "rpm", "expires", "group")
_ATTRIBUTES: Final = {"group": "group"}


class Change(RuleFields, kw_only=True):
    """What is absent stays; `clear` names the rules to lift."""

    id: str
    account: str | None = None
    name: str | None = None
    budget: Amount | None = None
    budgets: tuple[BudgetRequest, ...] = ()
    clear: tuple[str, ...] = ()


@command("token.set")
async def change(context: ServiceContext, request: Change) -> Json:
    """Change what is given and leave the rest; `clear` names the rules to lift."""
    view = await get_changeable(context, request.id, request.account)
    given = [name for name in _COLUMNS if getattr(request, name) is not None]
    for rule in request.clear:
        if rule not in CLEARABLE:
            raise invalid("clear", "must name some of {choices}", choices=", ".join(CLEARABLE))
        if rule in given:
            raise invalid("clear", "lifts {rule}, which is also given", rule=rule)
    statements: list[Statement] = []
    if request.name is not None:
        statements.append(rows.change(view.row.id, "name", check_name(request.name)))
    budgets = await read_budgets(context, request.budget, request.budgets)
    rules = await read_rules(context, request)
    await check_group(context, view.row.account_id, rules.group)
    for changed in (*given, *request.clear):
        column = _COLUMNS[changed]
        value = (
            None if changed in request.clear else getattr(rules, _ATTRIBUTES.get(changed, column))
        )
        statements.append(rows.change(view.row.id, column, value))
    await set_budgets(context, view.row.id, budgets)
    return await write_and_show(context, view.row.id, statements)


@command("token.disable")
async def disable(context: ServiceContext, request: ById) -> Json:
    """Refuse a token from now on (401), until it is enabled; open requests go on."""
    view = await get_changeable(context, request.id, request.account)
    now = context.clock.wall_ms()
    return await write_and_show(context, view.row.id, [rows.disable(view.row.id, now)])


@command("token.enable")
async def enable(context: ServiceContext, request: ById) -> Json:
    """The opposite of `disable`."""
    view = await get_changeable(context, request.id, request.account)
    statement = rows.change(view.row.id, "disabled_at", None)
    return await write_and_show(context, view.row.id, [statement])
