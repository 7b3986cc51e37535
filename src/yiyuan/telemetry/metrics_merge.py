"""Adds up the metrics of several processes, as texts in Prometheus' form.

Counters, histograms and most gauges are sums over the processes. What a sum makes no
sense of is the largest of them; the server is ready when each of them is.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

_COMBINED: Final[Mapping[str, Callable[[float, float], float]]] = MappingProxyType(
    {
        "yiyuan_is_ready": min,
        "yiyuan_breaker_open": max,
        "yiyuan_event_loop_lag_seconds": max,
        "yiyuan_limiter_backend_up": min,
        "yiyuan_limiter_degraded_seconds": max,
        "yiyuan_limiter_replicas": max,
        "process_start_time_seconds": max,
        "process_max_fds": max,
    }
)


def add_up(texts: Iterable[bytes]) -> bytes:
    """One text for all; the order and the comments are those of the first seen."""
    lines: dict[str, float | None] = {}
    for text in texts:
        for line in text.decode().splitlines():
            if line.startswith("#"):
                lines.setdefault(line, None)
                continue
            series, _, number = line.rpartition(" ")
            before, value = lines.get(series), float(number)
            if before is not None:
                value = _combine(series, before, value)
            lines[series] = value
    return "".join(f"{_line(*item)}\n" for item in _grouped(lines)).encode()


def _grouped(lines: dict[str, float | None]) -> list[tuple[str, float | None]]:
    """Every family in one piece, as the form demands, also where series differ."""
    families: dict[str, list[tuple[str, float | None]]] = {}
    for key, value in lines.items():
        family = key.split(" ")[2] if value is None else _family(key, families)
        families.setdefault(family, []).append((key, value))
    return [item for items in families.values() for item in items]


def _family(series: str, families: Mapping[str, object]) -> str:
    """The family that a series belongs to: its name, or that without its suffix."""
    name = series.partition("{")[0]
    for suffix in ("", "_total", "_bucket", "_count", "_sum", "_created"):
        if name.endswith(suffix) and name.removesuffix(suffix) in families:
            return name.removesuffix(suffix)
    return name


def _combine(series: str, one: float, other: float) -> float:
    combine = _COMBINED.get(series.partition("{")[0])
    return one + other if combine is None else combine(one, other)


def _line(key: str, value: float | None) -> str:
    return key if value is None else f"{key} {value!r}"
