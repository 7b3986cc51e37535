"""Lines of a price as people write them: tables of decimal strings.

A float is refused, because it would already have lost what was written; so is
every unknown key, because a misspelt meter must not silently be free of charge.
Every fault is a PriceError that names the field.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from yiyuan.i18n.message import Message, SaidError, WrongValue
from yiyuan.kernel.money import MICROS_MAX, format_millionths, parse_millionths
from yiyuan.pricing.line import METERS, Line

Document = Mapping[str, Any]

# One request over 10^9 tokens at this price still fits 64 bits.
_METER_MAX_YUAN = 1_000_000_000
_MILLION = 1_000_000
LINE_KEYS = (*METERS, "request")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)", re.ASCII)


class PriceError(SaidError, ValueError):
    """A price document is wrong: `field` is where (`price.steps[0].input`), `reason` why."""

    def __init__(self, field: str, reason: str | Message) -> None:
        """Both parts are for the person who wrote the document."""
        super().__init__(Message("{field}: {reason}", field=field, reason=reason))
        self.field = field
        self.reason = reason


def read_steps(value: object, field: str) -> tuple[Line, ...]:
    """Read steps and put them in ascending order."""
    steps: dict[int, Line] = {}
    for index, item in enumerate(_list(value, field)):
        place = f"{field}[{index}]"
        table = read_table(item, place)
        refuse_unknown(table, (*LINE_KEYS, "min_input_tokens"), place)
        start = _integer(table.get("min_input_tokens"), f"{place}.min_input_tokens", least=1)
        if start in steps:
            reason = Message("another step begins at {start} too", start=start)
            raise PriceError(f"{place}.min_input_tokens", reason)
        steps[start] = replace(read_line(table, place), min_input_tokens=start)
    return tuple(steps[start] for start in sorted(steps))


def read_hours(value: object, field: str) -> tuple[Line, ...]:
    """Read hours lines and put them in order of their start."""
    taken = bytearray(1440)
    lines: list[Line] = []
    for index, item in enumerate(_list(value, field)):
        place = f"{field}[{index}]"
        table = read_table(item, place)
        refuse_unknown(table, (*LINE_KEYS, "utc"), place)
        span = _parse_hours(table.get("utc"), f"{place}.utc")
        line = replace(read_line(table, place), utc_minutes=span)
        for minute in range(1440):
            if line.is_in_force(minute):
                if taken[minute]:
                    raise PriceError(f"{place}.utc", "overlaps another line of hours")
                taken[minute] = 1
        lines.append(line)
    return tuple(sorted(lines, key=lambda line: line.utc_minutes or (0, 0)))


def read_line(table: Document, field: str) -> Line:
    """Read what a table names of the five meters and the price per request."""
    named = {meter: _meter(table[meter], f"{field}.{meter}") for meter in METERS if meter in table}
    if "request" in table:
        named["request"] = _integer(table["request"], f"{field}.request", least=0)
    return Line(
        input=named.get("input"),
        cached_input=named.get("cached_input"),
        cache_write=named.get("cache_write"),
        cache_write_1h=named.get("cache_write_1h"),
        output=named.get("output"),
        request_micros=named.get("request"),
    )


def _meter(value: object, field: str) -> int:
    """Read 元 per million tokens as micros per million tokens."""
    if isinstance(value, float):
        reason = Message('a decimal number must be a string: write "{value}"', value=value)
        raise PriceError(field, reason)
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise PriceError(field, 'must be a decimal string such as "0.5"')
    try:
        millionths = parse_millionths(str(value))
    except WrongValue as error:
        raise PriceError(field, error.said) from error
    if millionths > _METER_MAX_YUAN * _MILLION:
        raise PriceError(field, Message("is more than {most}", most=_METER_MAX_YUAN))
    return millionths


def _integer(value: object, field: str, *, least: int) -> int:
    """Read a whole number of at least `least` that fits 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MICROS_MAX:
        raise PriceError(field, Message("must be a whole number of at least {least}", least=least))
    return value


def _parse_hours(value: object, field: str) -> tuple[int, int]:
    """Read `16:30-00:30` as minutes of the UTC day; 24:00 is 00:00."""
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise PriceError(field, 'must be hours such as "16:30-00:30"')
    start_hour, start_minute, end_hour, end_minute = (int(part or 0) for part in match.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if start == end:
        raise PriceError(field, "begins when it ends; a price for the whole day is the base price")
    return start, end


def format_hours(span: tuple[int, int] | None) -> str:
    """The inverse of `_parse_hours`."""
    assert span is not None
    return "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span)


def line_document(line: Line) -> dict[str, Any]:
    """What a line names, as a document."""
    values = {meter: getattr(line, meter) for meter in METERS}
    document: dict[str, Any] = {
        meter: format_millionths(value) for meter, value in values.items() if value is not None
    }
    if line.request_micros is not None:
        document["request"] = line.request_micros
    return document


def read_table(value: object, field: str) -> Document:
    """Insist on a table."""
    if not isinstance(value, Mapping):
        raise PriceError(field, 'must be a table such as { input = "30", output = "60" }')
    return value


def _list(value: object, field: str) -> list[object]:
    """Insist on a list."""
    if not isinstance(value, list):
        raise PriceError(field, "must be a list of tables")
    return value


def refuse_unknown(table: Document, known: tuple[str, ...], field: str) -> None:
    """A misspelt meter must not silently be free of charge."""
    for key in table:
        if key not in known:
            reason = Message("is not known; known are {names}", names=", ".join(known))
            raise PriceError(f"{field}.{key}", reason)
