"""How tokens are shown to people."""

from typing import Any

Json = dict[str, Any]


def print_tokens(document: Json) -> None:
    """A line for each token, and one more for each further budget."""
    from yiyuan.cli.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            item["hint"],
            ", ".join(item["models"] or ["all"]),
            "\n".join(budget_line(budget) for budget in item["budgets"]) or None,
            _state(item),
            item["id"],
        )
        for item in document["tokens"]
    ]
    headings = ("name", "key", "models", "budgets", "", "id")
    print_table(headings, rows, "There is no token yet: yiyuan token create NAME --account A")


def budget_line(budget: Json) -> str:
    """`gpt-4, a day: ¥0.10 (…) of ¥2.00 (…) spent, ¥0.01 (…) held, resets at 2026-…`."""
    from yiyuan.cli.tables import amount  # noqa: PLC0415 - slow to import

    period = {"total": "in all", "day": "a day", "month": "a month"}[budget["period"]]
    name = f"{budget['model']}, {period}" if budget["model"] else period
    line = f"{name}: {amount(budget['spent'])} of {amount(budget['limit'])} spent"
    if budget["held"]:
        line += f", {amount(budget['held'])} held"
    return f"{line}, resets at {budget['resets_at']}" if budget["resets_at"] else line


def _state(item: Json) -> str:
    if item["revoked"]:
        return "replaced" if item["replaced_by"] else "revoked"
    if item["replaced_by"]:
        return f"old key, until {item['expires']}"
    if item["disabled"]:
        return "disabled"
    return f"until {item['expires']}" if item["expires"] else ""
