"""What all commands share: `--json` anywhere, help in the reader's language with examples.

Also the types of amounts.
"""

from typing import Any, Final

import click

from yiyuan.cli.help_text import Speaking
from yiyuan.cli.session import Session
from yiyuan.kernel.money import MICROS_MAX

AMOUNT: Final = click.IntRange(1, MICROS_MAX)
BALANCE: Final = click.IntRange(0, MICROS_MAX)
MICROS: Final = "N"
"""The name of an amount in help texts: whole 词元."""


def _remember_json(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if value:
        context.ensure_object(Session).is_json = True


def _json_option() -> click.Option:
    return click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        callback=_remember_json,
        help="Print one JSON document.",
    )


class Command(Speaking):
    """A command that takes `--json` and whose `examples` stand at the end of its help."""

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **values: Any) -> None:
        """As click's own; each example is one line without the program's name."""
        super().__init__(*arguments, **values)
        self.params.append(_json_option())
        self.epilog = examples_text(examples)


class Group(Speaking, click.Group):
    """A noun with its verbs; takes `--json` before the verb too."""

    command_class = Command

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **values: Any) -> None:
        """As click's own; `examples` as for `Command`."""
        super().__init__(*arguments, **values)
        self.params.append(_json_option())
        self.epilog = examples_text(examples)


Group.group_class = Group


def examples_text(lines: tuple[str, ...]) -> str | None:
    """Examples as click prints them: kept line by line."""
    if not lines:
        return None
    return "\n".join(["\b", "Examples:", *(f"  yiyuan {line}" for line in lines)])
