"""Where upstreams put what they used: the names of every format's figures, in one table.

`shared/stated_usage.py` reads statements by it, and says what their figures mean.
"""

from dataclasses import dataclass, field, fields, replace
from typing import Final

from yiyuan.dialects.canonical import Json

Path = tuple[str, ...]
_SHAPES_MAX: Final = 256
_SHAPE_CHARACTERS_MAX: Final = 1000


def _paths(*names: str) -> tuple[Path, ...]:
    return tuple(tuple(name.split(".")) for name in names)


_DETAILS = ("prompt_tokens_details", "input_tokens_details")
_WRITES = ("cache_creation", "prompt_tokens_details.cache_creation_token_details")


@dataclass(slots=True, frozen=True, kw_only=True)
class Names:
    """Where one format has its figures; the first place that is not zero counts."""

    input: tuple[Path, ...]
    output: tuple[Path, ...] = ()
    more_input: tuple[Path, ...] = ()
    """Input that is counted beside `input`."""
    cached: tuple[Path, ...] = ()
    cached_within: tuple[Path, ...] = ()
    """Names of another format: part of `input` where that has as much, whatever is beside it."""
    written: tuple[Path, ...] = ()
    written_5m: tuple[Path, ...] = _paths(
        *(f"{place}.ephemeral_5m_input_tokens" for place in _WRITES),
        "claude_cache_creation_5_m_tokens",
    )
    written_1h: tuple[Path, ...] = _paths(
        *(f"{place}.ephemeral_1h_input_tokens" for place in _WRITES),
        "claude_cache_creation_1_h_tokens",
    )
    reasoning: tuple[Path, ...] = ()
    total: tuple[Path, ...] = _paths("total_tokens")
    is_cache_beside: bool = False
    """Whether `input` leaves out what was read from a cache and written to one."""
    is_reasoning_beside: bool = False
    """Whether `output` leaves out the reasoning."""
    plain: tuple[str, str, str] | None = field(default=None, compare=False)
    """Of a statement's: names of input, output and total, where it says no more than these."""
    has_parts: bool = field(default=True, compare=False)
    """Of a statement's: whether it may say more of the input than its whole."""
    _shapes: "dict[tuple[str, ...], Names]" = field(default_factory=dict, compare=False)
    """By the fields of a statement, what of all this may be there: upstreams use a few sets."""

    def in_statement(self, value: Json) -> "Names":
        """Those places that a statement with these fields has; kept, within bounds."""
        return self._shapes.get(tuple(value)) or self._narrowed(value)

    def _narrowed(self, value: Json) -> "Names":
        lanes = {lane.name: getattr(self, lane.name) for lane in fields(self)}
        there: Json = {
            name: tuple(path for path in paths if path[0] in value)
            for name, paths in lanes.items()
            if type(paths) is tuple
        }
        parts = ("cached", "cached_within", "written", "written_5m", "written_1h", "more_input")
        has_parts = any(there[name] for name in parts)
        plain = None
        if not has_parts and not there["reasoning"] and "iterations" not in value:
            match there["input"], there["output"], there["total"]:
                case ((told,),), ((output,),), ((total,),):
                    plain = (told, output, total)
        found = replace(self, _shapes={}, plain=plain, has_parts=has_parts, **there)
        if len(self._shapes) < _SHAPES_MAX and sum(map(len, value)) < _SHAPE_CHARACTERS_MAX:
            self._shapes[tuple(value)] = found
        return found


OPENAI = Names(
    input=_paths("prompt_tokens", "input_tokens"),
    output=_paths("completion_tokens", "output_tokens"),
    cached=_paths(
        *(f"{place}.cached_tokens" for place in _DETAILS),
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "cache_read_input_tokens",
        "cache_read_tokens",
        "cached_input_tokens",
        *(f"{place}.cache_read_input_tokens" for place in _DETAILS),
        *(f"{place}.cache_read_tokens" for place in _DETAILS),
    ),
    written=_paths(
        *(f"{place}.cache_write_tokens" for place in _DETAILS),
        *(f"{place}.cache_creation_input_tokens" for place in _DETAILS),
        *(f"{place}.cache_creation_tokens" for place in _DETAILS),
        *(f"{place}.cached_creation_tokens" for place in _DETAILS),
        "cache_creation_input_tokens",
        "cache_write_input_tokens",
        "cache_creation_tokens",
        "cache_write_tokens",
    ),
    reasoning=_paths(
        "completion_tokens_details.reasoning_tokens",
        "output_tokens_details.reasoning_tokens",
        "reasoning_tokens",
    ),
)
ANTHROPIC = Names(
    input=_paths("input_tokens"),
    output=_paths("output_tokens"),
    cached=_paths("cache_read_input_tokens", "cache_read_tokens"),
    written=_paths(
        "cache_creation_input_tokens",
        "cache_write_input_tokens",
        "cache_creation_tokens",
        "cache_write_tokens",
    ),
    cached_within=_paths(
        *(f"{place}.cached_tokens" for place in _DETAILS),
        "prompt_cache_hit_tokens",
        "cached_tokens",
        "cached_input_tokens",
    ),
    reasoning=_paths("output_tokens_details.thinking_tokens"),
    is_cache_beside=True,
)
GOOGLE = Names(
    input=_paths("promptTokenCount"),
    output=_paths("candidatesTokenCount", "responseTokenCount"),
    more_input=_paths("toolUsePromptTokenCount"),
    cached=_paths("cachedContentTokenCount"),
    reasoning=_paths("thoughtsTokenCount"),
    total=_paths("totalTokenCount"),
    is_reasoning_beside=True,
)
EMBEDDINGS = Names(input=_paths("prompt_tokens", "input_tokens", "total_tokens"), total=())
GOOGLE_EMBEDDINGS = Names(input=_paths("promptTokenCount", "totalTokenCount"), total=())
RERANK = Names(
    input=_paths(
        "usage.total_tokens",
        "usage.prompt_tokens",
        "meta.tokens.input_tokens",
        "tokens.input_tokens",
    ),
    total=(),
)
