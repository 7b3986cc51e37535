"""How tokens are shown to people."""

from typing import Any

from yiyuan.i18n.locale_env import words

Json = dict[str, Any]


def print_tokens(document: Json) -> None:
    """A line for each token, and one more for each further budget."""
    from yiyuan.cli.shared.tables import print_table  # noqa: PLC0415 - slow to import

    rows = [
        (
            item["name"],
            item["hint"],
            ", ".join(item["models"] or [words("all")]),
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
    from yiyuan.cli.shared.tables import amount  # noqa: PLC0415 - slow to import

    name = words({"total": "in all", "day": "a day", "month": "a month"}[budget["period"]])
    if budget["model"]:
        name = words("{model}, {period}", model=budget["model"], period=name)
    spent, limit = amount(budget["spent"]), amount(budget["limit"])
    line = words("{budget}: {spent} of {limit} spent", budget=name, spent=spent, limit=limit)
    if budget["held"]:
        line += words(", {amount} held", amount=amount(budget["held"]))
    if budget["resets_at"]:
        line += words(", resets at {time}", time=budget["resets_at"])
    return line


def _state(item: Json) -> str:
    if item["revoked"]:
        return words("replaced" if item["replaced_by"] else "revoked")
    if item["replaced_by"]:
        return words("old key, until {time}", time=item["expires"])
    if item["disabled"]:
        return words("disabled")
    return words("until {time}", time=item["expires"]) if item["expires"] else ""
