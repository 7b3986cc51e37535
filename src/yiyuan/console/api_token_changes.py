"""Changes to a token that is in use: its name, its rules, its budgets, on and off.

Its key stays, so whoever uses it need not know. Every server follows within a second.
"""

from typing import Any, Final

from yiyuan.console.api_tokens import (
    get_changeable,
    read_rules,
    write_and_show,
)
from yiyuan.console.arguments import Arguments, invalid
from yiyuan.console.budgets import read_budgets, set_budgets
from yiyuan.console.desk import Desk
from yiyuan.console.names import check_name
from yiyuan.store import api_tokens as rows
from yiyuan.store.database import Statement

Json = dict[str, Any]

# What a command calls a rule, and the column that has it.
_COLUMNS: Final = {
    "models": "models",
    "allow_ip": "networks",
    "rpm": "rpm",
    "expires": "expires_at",
    "clamp_explicit": "clamp_explicit",
}
CLEARABLE: Final = ("models", "allow_ip", "rpm", "expires")


async def change(desk: Desk, arguments: Arguments) -> Json:
    """Change what is given and leave the rest; `clear` names the rules to lift."""
    view = await get_changeable(desk, arguments)
    cleared = arguments.texts("clear")
    given = [name for name in _COLUMNS if arguments.has(name)]
    for rule in cleared:
        if rule not in CLEARABLE:
            raise invalid("clear", f"must name some of {', '.join(CLEARABLE)}")
        if rule in given:
            raise invalid("clear", f"lifts {rule}, which is also given")
    name = arguments.optional_text("name")
    statements: list[Statement] = []
    if name is not None:
        statements.append(rows.change(view.row.id, "name", check_name(name)))
    budgets = await read_budgets(desk, arguments)
    rules = await read_rules(desk, arguments)
    arguments.finish()
    for changed in (*given, *cleared):
        column = _COLUMNS[changed]
        value = None if changed in cleared else getattr(rules, column)
        statements.append(rows.change(view.row.id, column, value))
    await set_budgets(desk, view.row.id, budgets)
    return await write_and_show(desk, view.row.id, statements)


async def disable(desk: Desk, arguments: Arguments) -> Json:
    """Refuse a token from now on (401), until it is enabled; open requests go on."""
    view = await get_changeable(desk, arguments)
    arguments.finish()
    now = desk.clock.wall_ms()
    return await write_and_show(desk, view.row.id, [rows.disable(view.row.id, now)])


async def enable(desk: Desk, arguments: Arguments) -> Json:
    """The opposite of `disable`."""
    view = await get_changeable(desk, arguments)
    arguments.finish()
    statement = rows.change(view.row.id, "disabled_at", None)
    return await write_and_show(desk, view.row.id, [statement])
