"""Reading a catalog's text: typed fields, each with its place for errors.

A field is read once, with its type and bounds; what is left over in a table at
the end is unknown and refused, because a misspelt field must not silently be a
default. Every fault is a ServiceError `invalid_catalog` that names file, line
and field, and never shows the value of a key.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from yiyuan.i18n.message import Message, WrongValue
from yiyuan.kernel.money import PPM, parse_millionths
from yiyuan.services.catalog.reading.toml_lines import Path, lines_of, nearest_line
from yiyuan.services.shared.errors import ServiceError

TEXT_BYTES_MAX = 1024 * 1024
LIMIT_MAX = 1_000_000_000
INVALID = "invalid_catalog"

_PLACE = re.compile(r"\(at line (\d+), column \d+\)")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_REQUIRED: Any = object()
_KINDS = {
    bool: "a boolean",
    str: "a string",
    int: "an integer",
    float: "a floating-point number",
    dict: "a table",
    list: "a list",
    datetime: "a time",
    date: "a date",
    time: "a time",
}


class Source:
    """One catalog text: its values, and how to complain about them."""

    def __init__(self, text: str, file: str) -> None:
        """Parse `text`; `file` is its name for errors. Raises ServiceError."""
        self.text = text
        self.file = file
        if len(text.encode(errors="replace")) > TEXT_BYTES_MAX:
            raise ServiceError(
                INVALID,
                Message("{file}: is larger than {limit} bytes", file=file, limit=TEXT_BYTES_MAX),
            )
        try:
            self.values = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._not_toml(str(error)) from None
        except (RecursionError, ValueError):
            # Deeper nesting, or a longer integer, than the parser takes.
            raise ServiceError(INVALID, Message("{file}: is not a catalog", file=file)) from None

    def problem(self, path: Path, reason: str | Message, /, **fields: object) -> ServiceError:
        """An error about what stands at `path`; with `fields`, a template that they fill."""
        try:
            line = nearest_line(lines_of(self.text), path)
        except RecursionError:
            line = 1
        return ServiceError(
            INVALID,
            Message(
                "{file}:{line}: {field}: {reason}",
                file=self.file,
                line=line,
                field=field_name(path),
                reason=Message(str(reason), **fields) if fields else reason,
            ),
        )

    def _not_toml(self, message: str) -> ServiceError:
        place = _PLACE.search(message)
        line = int(place[1]) if place else self.text.count("\n") + 1
        reason = message[: place.start()].strip() if place else message
        return ServiceError(
            INVALID,
            Message("{file}:{line}: is not TOML: {error}", file=self.file, line=line, error=reason),
        )


def field_name(path: Path) -> str:
    """A path as people write it: `channel.models."gpt-4"`, `model.price.steps[0].input`.

    The number of a `[[channel]]` is left out: the line says it better.
    """
    text = str(path[0])
    for depth, part in enumerate(path[1:], start=1):
        if isinstance(part, str):
            text += f".{part}" if _BARE_KEY.fullmatch(part) else f'."{part}"'
        elif depth > 1:
            text += f"[{part}]"
    return text


class Table:
    """One table being read; `finish` refuses what nobody asked for."""

    def __init__(self, source: Source, path: Path, values: object) -> None:
        """Raises ServiceError if `values` is not a table."""
        self.source = source
        self.path = path
        if not isinstance(values, dict):
            raise source.problem(path, "must be a table, not {what}", what=kind(values))
        self._left: dict[str, Any] = dict(values)
        self._known: list[str] = []

    def problem(self, name: str, reason: str | Message, /, **fields: object) -> ServiceError:
        """An error about one field of this table."""
        return self.source.problem((*self.path, name), reason, **fields)

    def take(self, name: str, default: object = _REQUIRED) -> Any:
        """A field as it is; `default` if it is absent, or an error without one."""
        self._known.append(name)
        value = self._left.pop(name, default)
        if value is _REQUIRED:
            raise self.problem(name, "is required")
        return value

    def text(self, name: str, default: str | None = _REQUIRED) -> Any:
        """A string."""
        value = self.take(name, default)
        if value is not default and not isinstance(value, str):
            raise self.problem(name, "must be a string, not {what}", what=kind(value))
        return value

    def integer(
        self, name: str, default: int | None = _REQUIRED, *, least: int = 1, most: int
    ) -> Any:
        """A whole number within bounds."""
        value = self.take(name, default)
        if value is not default:
            self._check_integer(name, value, least, most)
        return value

    def boolean(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value: object = self.take(name, default)
        if not isinstance(value, bool):
            raise self.problem(name, "must be true or false, not {what}", what=kind(value))
        return value

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value: str = self.text(name, default)
        if value not in choices:
            raise self.problem(name, "must be one of {choices}", choices=", ".join(choices))
        return value

    def factor_ppm(self, name: str, default: int | None = _REQUIRED, *, least_ppm: int) -> Any:
        """A factor written as an integer or a decimal string, in millionths.

        `default` is in millionths too.
        """
        value = self.take(name, default)
        if value is default:
            return default
        if isinstance(value, float):
            raise self.problem(
                name, 'a decimal number must be a string: write "{value}"', value=value
            )
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise self.problem(
                name, "must be an integer or a decimal string, not {what}", what=kind(value)
            )
        try:
            ppm = parse_millionths(str(value))
        except WrongValue as error:
            raise self.problem(name, error.said) from None
        if not least_ppm <= ppm <= PPM * PPM:
            raise self.problem(name, "must be more than 0 and at most {most}", most=PPM)
        return ppm

    def seconds(self, name: str, default: float, *, most: int) -> float:
        """A duration: the one kind of number that may have a fraction."""
        value: object = self.take(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.problem(name, "must be a number of seconds, not {what}", what=kind(value))
        if not 0 < value <= most:  # NaN is neither
            raise self.problem(name, "must be more than 0 and at most {most} seconds", most=most)
        return float(value)

    def entries(self, name: str, default: Mapping[str, Any] | None = _REQUIRED) -> dict[str, Any]:
        """A table whose keys are free, as it is."""
        value = self.take(name, default)
        if not isinstance(value, dict):
            raise self.problem(name, "must be a table, not {what}", what=kind(value))
        return value

    def texts(self, name: str, default: Any = ()) -> Any:
        """A list of different strings, as a tuple; `default` if absent."""
        value = self.take(name, default)
        if value is default:
            return default
        if not isinstance(value, list):
            raise self.problem(name, "must be a list of strings, not {what}", what=kind(value))
        for index, item in enumerate(value):
            place = (*self.path, name, index)
            if not isinstance(item, str):
                raise self.source.problem(place, "must be a string, not {what}", what=kind(item))
            if item in value[:index]:
                raise self.source.problem(place, '"{item}" stands here twice', item=item)
        return tuple(value)

    def finish(self) -> None:
        """Refuse every field that was not taken."""
        for name in self._left:
            names = ", ".join(sorted(self._known))
            raise self.problem(name, "is not known; known are {names}", names=names)

    def _check_integer(self, name: str, value: object, least: int, most: int) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.problem(name, "must be an integer, not {what}", what=kind(value))
        if not least <= value <= most:
            raise self.problem(name, "must be from {least} to {most}", least=least, most=most)


def kind(value: object) -> str:
    """What a TOML value is, for errors that must not show the value itself."""
    return _KINDS.get(type(value), "something else")
