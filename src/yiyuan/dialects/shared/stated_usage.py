"""What an upstream says it used: one table of names, read alike for every format.

| what is said | what it means |
|---|---|
| a count that is not whole, or is below zero | not said |
| zero | nothing: it is unknown wherever there was something to count |
| several names for one figure | the first that is not zero |
| a detail above its whole | as much of it as the whole has |
| a total above its parts | output that was not named, or the part that was not said |
| writes to a cache by their life | both lives; together no more than the whole that is said |
| `iterations` | their sum, without those that declined and were not billed |
| several statements in a stream | the last, part by part; zero never replaces a count |

A stream's statement is final when it comes with or after the end of the output, or with
the last output before a regular end. What is not final, or unknown, is counted here.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from yiyuan.dialects.canonical import Delta, Json
from yiyuan.dialects.usage_names import Names, Path
from yiyuan.kernel.usage import TOKENS_MAX, Usage

_SERVED = "fallback_message"
"""The iteration of the model that answered after others had declined."""


def read(value: Any, names: Names) -> Usage | None:
    """Read one statement; None when it tells neither input nor output. Zero: not said."""
    if type(value) is not dict:
        return None
    there = names.in_statement(value)
    if there.plain is not None:
        usage = _read_plain(value, *there.plain)
        if usage is not None:
            return usage
    told, said = _find(value, there.input)
    output, said_output = _find(value, there.output)
    if not said and not said_output:
        return None
    whole, cached, written_5m, written_1h = _input(value, there, told)
    if said is False:
        whole = 0  # nonsense: unknown, whatever was told of its parts
    reasoning = _find(value, there.reasoning)[0] if there.reasoning else 0
    if names.is_reasoning_beside:
        output += reasoning
    total = _find(value, there.total)[0] if there.total else 0
    beside = cached + written_5m + written_1h
    if total and beside > whole and total >= whole + beside + output:
        whole += beside
    whole, output, reasoning = _with_total(whole, output, reasoning, total)
    whole, output = min(whole, TOKENS_MAX), min(output, TOKENS_MAX)
    cached = min(cached, whole)
    written_1h = min(written_1h, whole - cached)
    written_5m = min(written_5m, whole - cached - written_1h)
    usage = Usage(whole, output, cached, written_5m, written_1h, min(reasoning, output))
    assert usage.is_possible(), usage
    iterations = value.get("iterations")
    return _iterated(iterations, names, usage) if type(iterations) is list else usage


def _read_plain(value: Json, input_name: str, output_name: str, total_name: str) -> Usage | None:
    """Read two counts and their sum, as most say it; None for whatever is not that."""
    told, output, total = value[input_name], value[output_name], value[total_name]
    if type(told) is not int or type(output) is not int or type(total) is not int:
        return None
    if 0 < told <= TOKENS_MAX and 0 < output <= TOKENS_MAX and total == told + output:
        return Usage(told, output)
    return None


def _input(value: Json, names: Names, told: int) -> tuple[int, int, int, int]:
    """The whole input, and what of it was read from a cache and written to one."""
    if not names.has_parts:
        return told, 0, 0, 0
    cached, said_cached = _find(value, names.cached)
    written, said_written = _find(value, names.written)
    by_5m, _ = _find(value, names.written_5m)
    by_1h, _ = _find(value, names.written_1h)
    written = written or by_5m + by_1h
    by_1h = min(by_1h, written)
    if names.is_cache_beside:
        if said_cached is False or said_written is False:
            return 0, 0, 0, 0  # how much there was beside is unknown, so the whole is
        within = _find(value, names.cached_within)[0] if not cached else 0
        told += written + (cached if within <= told else within)
        cached = cached or within
    more, _ = _find(value, names.more_input)
    return told + more, cached, written - by_1h, by_1h


def _with_total(whole: int, output: int, reasoning: int, total: int) -> tuple[int, int, int]:
    """What a total above the sum of its parts tells."""
    more = total - whole - output
    if more <= 0 or not (whole or output):
        return whole, output, reasoning
    if not whole:
        return more, output, reasoning
    return whole, output + more, max(reasoning, more)


def _iterated(iterations: list[Any], names: Names, told: Usage) -> Usage:
    """The sum of the rounds that were billed; what was told beside them if they say less."""
    kinds = [item.get("type") if type(item) is dict else None for item in iterations]
    served = kinds.index(_SERVED) if _SERVED in kinds else 0
    total = Usage()
    for place, item in enumerate(iterations):
        has_declined = kinds[place] == "message" and place < served
        if type(item) is not dict or has_declined or item.get("stop_reason") == "refusal":
            continue
        total += read({**item, "iterations": None}, names) or Usage()
    return merged(told, total) if total.is_possible() else told


def _find(value: Json, paths: tuple[Path, ...]) -> tuple[int, bool | None]:
    """The first count that is not zero; and whether any was said (False: only nonsense)."""
    said: bool | None = None
    for first, *rest in paths:
        if first not in value:
            continue
        found: Any = value[first]
        for name in rest:
            found = found[name] if type(found) is dict and name in found else None
        if found is None:
            continue
        # Not isinstance: neither True nor a float may become money.
        if type(found) is int and 0 <= found <= TOKENS_MAX:
            if found:
                return found, True
            said = True
        elif said is None:
            said = False
    return 0, said


def merged(known: Usage | None, later: Usage) -> Usage:
    """A later statement in place of what is known, part by part; zero replaces nothing."""
    if known is None:
        return later
    source = later if later.input_tokens else known
    told = later if later.output_tokens else known
    return replace(source, output_tokens=told.output_tokens, reasoning_tokens=told.reasoning_tokens)


class Statements:
    """What one stream has told so far of its usage, and whether that is its last word."""

    __slots__ = (
        "_finished",
        "_is_first",
        "_open",
        "_told_last",
        "has_output",
        "is_complete",
        "is_final",
        "usage",
    )

    def __init__(self) -> None:
        """Nothing was told yet."""
        self.usage: Usage | None = None
        self.is_final = False
        self.has_output = False
        self.is_complete = False
        """Whether every choice that had begun is finished."""
        self._open: set[int] = set()
        self._finished = False
        self._told_last = False
        """Whether nothing was delivered since the last statement of the output."""
        self._is_first = False
        """Whether that came no later than the first output."""

    def note(self, delta: Delta) -> None:
        """Take what one delta says: output, end, usage."""
        was_first = not self.has_output
        if delta.text or delta.has_output():
            self.has_output = True
            self.is_final = self._told_last = False
            self._open.add(delta.index)
        if delta.finish is not None:
            self._open.discard(delta.index)
            self._finished = True
        self.is_complete = self._finished and not self._open
        if delta.usage is not None:
            self._tell(delta.usage, was_first=was_first)

    def _tell(self, later: Usage, *, was_first: bool) -> None:
        self.usage = merged(self.usage, later)
        if later.output_tokens:
            self._told_last, self._is_first = self.has_output, was_first
            self.is_final = self.is_complete
        elif self._told_last:
            self.is_final = self.is_complete
        elif not self.has_output and self.is_complete:
            self.usage = replace(self.usage, output_tokens=0, reasoning_tokens=0)
            self.is_final = True

    def end(self) -> None:
        """At a regular end a statement counts that came with the last output.

        Not a lone 1 with the first: such is a placeholder.
        """
        usage = self.usage
        if self._told_last and usage is not None:
            is_placeholder = self._is_first and usage.output_tokens == 1
            self.is_final = self.is_final or not is_placeholder


def completed(
    told: Usage | None,
    *,
    is_final: bool,
    has_output: bool,
    input_tokens: int,
    count_output: Callable[[], int],
) -> tuple[Usage, bool]:
    """What one call used, and whether all of it is what the upstream told.

    `input_tokens` and `count_output`, of what was delivered, are the counts made here.
    """
    usage = told or Usage()
    output, reasoning, is_told = usage.output_tokens, usage.reasoning_tokens, is_final
    if not is_final or (has_output and not output):
        output, reasoning = count_output(), 0
        is_told = is_final and not output
    if not usage.input_tokens and (has_output or output or not is_final) and input_tokens:
        return Usage(input_tokens, output, reasoning_tokens=reasoning), False
    if (output, reasoning) == (usage.output_tokens, usage.reasoning_tokens):
        return usage, is_told
    return replace(usage, output_tokens=output, reasoning_tokens=reasoning), is_told
