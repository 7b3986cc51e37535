"""What all commands share: `--json` anywhere, help in the reader's language with examples.

Also the types of amounts.
"""

import re
from typing import Any, Final

import click

from yiyuan.cli.shared.help_text import Speaking
from yiyuan.cli.shared.invocation import Invocation
from yiyuan.kernel.money import MICROS_MAX, PPM


class Money(click.ParamType[int]):
    """Whole 词元, or 元 with a sign before: `12500000` and `¥12.5` are the same."""

    name = "amount"

    def __init__(self, least: int) -> None:
        """`least` is the smallest amount that is taken, in micros."""
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See `click.ParamType.convert`."""
        micros = value if isinstance(value, int) else _micros(value)
        if micros is None or not self._least <= micros <= MICROS_MAX:
            self.fail(f"{value!r} must be whole 词元, or 元 such as ¥12.5.", param, ctx)
        return micros


def _micros(text: str) -> int | None:
    """What an amount comes to in micros; None if it is none."""
    sign, number = text[:1], text[1:].strip()
    if sign not in YUAN:
        return int(text) if _WHOLE.fullmatch(text) else None
    if not _YUAN.fullmatch(number):
        return None
    whole, _, fraction = number.partition(".")
    return int(whole) * PPM + int(fraction.ljust(6, "0") or 0)


YUAN: Final = ("¥", "￥")
_WHOLE: Final = re.compile(r"[0-9]{1,19}", re.ASCII)
_YUAN: Final = re.compile(r"[0-9]{1,13}(\.[0-9]{1,6})?", re.ASCII)
AMOUNT: Final = Money(1)
BALANCE: Final = Money(0)


def _remember_json(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001
    if value:
        context.ensure_object(Invocation).is_json = True


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
