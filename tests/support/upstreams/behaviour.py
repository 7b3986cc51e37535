"""What a scripted upstream does with one request: the honest default and every misbehaviour.

A scenario is a named list of behaviours. A request belongs to the scenario
whose mark `[[name]]` is found in its body, else to the one registered for its
upstream key or for the beginning of its path, else it is answered honestly.
Each request takes the next behaviour; the last one repeats.
"""

import asyncio
import re
from dataclasses import dataclass, field, fields
from typing import Any

MARK = re.compile(rb"\[\[([A-Za-z0-9_.:-]{1,120})\]\]")
WORD = " one"  # one token in cl100k and in o200k, however often it is repeated
DEFAULT_OUTPUT_TOKENS = 8


@dataclass(slots=True, kw_only=True)
class Behaviour:
    """One answer. `…_after` counts output chunks; of a plain body it means "in the middle"."""

    # The answer as a whole
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None  # instead of the honest body: JSON, or text as it is
    gzip: bool = False
    close: bool = False  # say `connection: close` and do so
    keyless: bool = False  # a server of one's own, which asks for no key

    # What is said
    output_tokens: int | None = None  # default: the maximum asked for, else 8
    text: str | None = None  # instead of " one" repeated; one chunk per word
    chunk_tokens: int = 1  # words in one chunk
    reasoning_tokens: int = 0  # shown as reasoning before the text, counted as output
    hidden_reasoning_tokens: int = 0  # only counted
    tool_calls: list[dict[str, Any]] = field(default_factory=list)  # {"name", "arguments"}
    finish: str | None = None  # the format's own word
    empty: bool = False
    vector: list[float] | None = None
    logprobs: bool = True  # answered where asked for

    # What is counted
    input_tokens: int | None = None
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    cache_write_1h_tokens: int = 0
    usage: Any = "correct"  # correct | missing | twice | on_finish | an object as it is

    # When
    delay_head: float = 0.0
    delay_first_event: float = 0.0
    delay_chunk: float = 0.0
    gate_head: bool = False  # wait for the scenario's gate before the head
    gate_after: int | None = None  # … after so many chunks
    hang: bool = False  # never answer
    stall_after: int | None = None  # say nothing more, stay connected
    endless: bool = False  # chunks until the client has gone

    # How it breaks
    delay_fault: float = 0.05  # mid-stream, so that what was said before it has arrived
    reset_before_head: bool = False
    reset_after: int | None = None  # 0: right after the head
    drop_after: int | None = None  # close without the end of the HTTP body
    truncate_after: int | None = None  # end the HTTP body early, but correctly
    without_end_mark: bool = False
    error_event_after: int | None = None
    bad_json_after: int | None = None
    bad_utf8_after: int | None = None
    line_bytes_after: tuple[int, int] | None = None  # (chunks, bytes without a line end)
    extra_after: tuple[int, str] | None = None  # (chunks, text that is sent raw)

    # How it is framed
    framing: str = "plain"  # plain | bytes | crlf | cr | bom | comments | multiline

    def fault_at(self) -> int | None:
        """After how many chunks the stream breaks."""
        line = None if self.line_bytes_after is None else self.line_bytes_after[0]
        faults = (
            self.reset_after,
            self.drop_after,
            self.truncate_after,
            self.error_event_after,
            self.bad_json_after,
            self.bad_utf8_after,
            line,
        )
        return next((at for at in faults if at is not None), None)


NAMES = {f.name for f in fields(Behaviour)}


@dataclass(slots=True)
class Scenario:
    """A named list of behaviours, the gate its requests may wait at, and how far it got."""

    name: str
    behaviours: list[Behaviour]
    key: str | None = None
    path: str | None = None
    taken: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self) -> Behaviour:
        """The next behaviour; the last one repeats."""
        chosen = self.behaviours[min(self.taken, len(self.behaviours) - 1)]
        self.taken += 1
        return chosen


class Scenarios:
    """All scenarios, and which one a request belongs to."""

    def __init__(self) -> None:
        """Start with the honest default only."""
        self.by_name: dict[str, Scenario] = {}
        self.honest = Scenario("", [Behaviour()])

    def put(self, document: dict[str, Any]) -> None:
        """Register or replace a scenario from its JSON description."""
        behaviours = []
        for item in document["behaviours"]:
            unknown = set(item) - NAMES
            if unknown:
                raise ValueError(f"unknown behaviour: {', '.join(sorted(unknown))}")
            behaviours.append(Behaviour(**item))
        name = document["name"]
        self.by_name[name] = Scenario(name, behaviours, document.get("key"), document.get("path"))

    def find(self, body: bytes, key: str | None, path: str) -> Scenario:
        """The scenario of one request."""
        for mark in MARK.finditer(body):
            found = self.by_name.get(mark[1].decode())
            if found is not None:
                return found
        for scenario in self.by_name.values():
            if scenario.key is not None and scenario.key == key:
                return scenario
            if scenario.path is not None and path.startswith(scenario.path):
                return scenario
        return self.honest


@dataclass(slots=True)
class Step:
    """One server-sent event of an honest stream; `tokens` is its output."""

    data: str
    event: str | None = None
    tokens: int = 0
    kind: str = "delta"  # start | delta | finish | usage | end


@dataclass(slots=True)
class Plan:
    """An honest answer: its body, and the same as a stream, with its true usage."""

    body: dict[str, Any]
    steps: list[Step]
    usage: Any
    output_tokens: int = 0
    endless_step: Step | None = None
    usage_name: str = "usage"


def count_words(value: Any) -> int:
    """The upstream's idea of a token count: the words of every text in a JSON value."""
    if isinstance(value, str):
        return len(value.split())
    if isinstance(value, list):
        if value and all(isinstance(item, int) for item in value):
            return len(value)
        return sum(count_words(item) for item in value)
    if isinstance(value, dict):
        return sum(count_words(item) for item in value.values())
    return 0


def pieces(behaviour: Behaviour, count: int) -> list[str]:
    """The output text in chunks."""
    if behaviour.empty:
        return []
    if behaviour.text is not None:
        words = re.findall(r"\s*\S+|\s+$", behaviour.text)
        return [
            "".join(words[i : i + behaviour.chunk_tokens])
            for i in range(0, len(words), behaviour.chunk_tokens)
        ]
    size = behaviour.chunk_tokens
    return [WORD * min(size, count - at) for at in range(0, count, size)]
