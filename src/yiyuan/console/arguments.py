"""The parameters of a command, as they came through the socket: checked here.

A parameter that is missing, of the wrong kind or out of bounds, or that nobody
knows, is a CommandError `invalid_argument` that names it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yiyuan.console.refusal import CommandError
from yiyuan.kernel.clock import parse_time
from yiyuan.kernel.money import MICROS_MAX


def invalid(name: str, reason: str) -> CommandError:
    """The error about one parameter."""
    return CommandError("invalid_argument", f"{name} {reason}")


class Arguments:
    """Typed access to a command's parameters; None counts as absent."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        """`values` is a JSON object."""
        self._left = {name: value for name, value in values.items() if value is not None}

    def text(self, name: str) -> str:
        """A string that must be there."""
        value = self.optional_text(name)
        if value is None:
            raise invalid(name, "is required")
        return value

    def optional_text(self, name: str) -> str | None:
        """A string or None."""
        value = self._left.pop(name, None)
        if value is not None and not _is_text(value):
            raise invalid(name, "must be a string of Unicode characters")
        assert value is None or isinstance(value, str)
        return value

    def path(self, name: str) -> Path:
        """An absolute path of a file; it must be there as an argument, not on the disk."""
        path = Path(self.text(name))
        if not path.is_absolute() or "\0" in str(path):
            raise invalid(name, "must be an absolute path")
        if path.is_dir():
            raise invalid(name, f"is a folder: {path}")
        return path

    def integer(self, name: str, least: int = 1, most: int = MICROS_MAX) -> int:
        """A whole number within bounds that must be there."""
        value = self.optional_integer(name, least, most)
        if value is None:
            raise invalid(name, "is required")
        return value

    def optional_integer(self, name: str, least: int = 1, most: int = MICROS_MAX) -> int | None:
        """A whole number within bounds, or None."""
        value = self._left.pop(name, None)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise invalid(name, f"must be a whole number from {least} to {most}")
        return value

    def flag(self, name: str) -> bool:
        """True or false; absent is false."""
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise invalid(name, "must be true or false")
        return value

    def texts(self, name: str) -> list[str]:
        """A list of strings; absent is empty."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(map(_is_text, value)):
            raise invalid(name, "must be a list of strings")
        return value

    def objects(self, name: str) -> list[dict[str, Any]]:
        """A list of objects; absent is empty."""
        value = self._left.pop(name, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise invalid(name, "must be a list of objects")
        return value

    def has(self, name: str) -> bool:
        """Whether a parameter was given and not read yet."""
        return name in self._left

    def table(self, name: str) -> dict[str, str]:
        """An object of strings; absent is empty."""
        value = self._left.pop(name, {})
        if not isinstance(value, dict) or not all(map(_is_text, value.values())):
            raise invalid(name, "must be an object of strings")
        return value

    def optional_time(self, name: str) -> int | None:
        """ISO 8601 as wall-clock milliseconds, or None."""
        text = self.optional_text(name)
        if text is None:
            return None
        try:
            return parse_time(text)
        except (ValueError, OverflowError):
            reason = "must be a date or time such as 2026-11-22 or 2026-11-22T08:30:00Z"
            raise invalid(name, reason) from None

    def finish(self) -> None:
        """Refuse what nobody asked for."""
        for name in self._left:
            raise invalid(name, "is not a parameter of this command")


def _is_text(value: object) -> bool:
    """A string that can be stored: bytes that were no UTF-8 came as lone surrogates."""
    return isinstance(value, str) and not any("\ud800" <= c <= "\udfff" for c in value)
