"""Counting tokens the way OpenAI's models do, offline.

Two vocabularies are known, cl100k and o200k; a model whose vocabulary is not
known is counted with o200k, which is an estimate. Loading one takes 0.1 s and
60 MB, so it happens on first use: call `load` in a thread and ask `is_loaded`
before counting where waiting hurts. Counting takes about 4 µs per 100 English
characters and never raises, whatever the text. One token covers at least one
UTF-8 byte, so a count is never above the bytes of its text.
"""

import importlib.util
import re
import sys
from collections.abc import Sequence
from functools import cache, lru_cache, partial
from importlib.machinery import PathFinder
from time import sleep
from types import MappingProxyType
from typing import Protocol, cast

CL100K = "cl100k_base"
O200K = "o200k_base"

# The library holds the interpreter's lock while it counts, so one call is kept
# to a few milliseconds.
_PIECE_CHARACTERS = 16_384
_REST_SECONDS = 0.0001
TOKEN_BYTES_MAX = 128
"""The longest token of either vocabulary."""
_RUN_TOKENS_MAX = 8

_O200K_NAME = re.compile(r"(gpt-4o|gpt-4\.1|gpt-4\.5|gpt-5|gpt-oss|chatgpt-|o[134]($|-)).*")
_CL100K_NAME = re.compile(r"(gpt-4($|-)|gpt-3\.5|gpt-35|text-embedding-(ada|3)-).*")

# Places where both vocabularies always begin a new word, whatever stands around:
# before one space or mark between two letters, and after a line break.
_BREAK = re.compile(r"(?<=[^\W\d_])(?=[ ,.;:!?，。、；：！？][^\W\d_])|(?<=\n)(?=[^\W\d_])")

_SPECIAL = {
    CL100K: {
        100257: "<|endoftext|>",
        100258: "<|fim_prefix|>",
        100259: "<|fim_middle|>",
        100260: "<|fim_suffix|>",
        100276: "<|endofprompt|>",
    },
    O200K: {199999: "<|endoftext|>", 200018: "<|endofprompt|>"},
}
_ORDINARY_IDS = {CL100K: 100_256, O200K: 199_998}


class _Tokenizer(Protocol):
    """What the library's compiled part offers."""

    def count(self, text: str) -> int: ...

    def decode(self, tokens: list[int]) -> str: ...


@lru_cache(1024)
def vocabulary_of(upstream_model: str) -> str | None:
    """The vocabulary of a model by its upstream name; None if it is not known."""
    name = upstream_model.lower().rpartition("/")[2].removeprefix("ft:")
    if _O200K_NAME.fullmatch(name):
        return O200K
    if _CL100K_NAME.fullmatch(name):
        return CL100K
    return None


def is_loaded(vocabulary: str | None) -> bool:
    """Whether counting with it would not have to load anything (None: o200k)."""
    return _LOADERS[vocabulary or O200K].cache_info().currsize > 0


def load(vocabulary: str | None) -> None:
    """Load a vocabulary if it is not (0.1 s: call it in a thread; None: o200k)."""
    _LOADERS[vocabulary or O200K]()


def count_tokens(text: str, vocabulary: str | None) -> int:
    """How many tokens a text is; markers such as `<|endoftext|>` count as plain text.

    Over `_PIECE_CHARACTERS` without any place to break, the count may be off by
    one for each piece.
    """
    tokenizer = _LOADERS[vocabulary or O200K]()
    if len(text) <= _PIECE_CHARACTERS:
        return _count(tokenizer, text)
    return sum(_count(tokenizer, piece) for piece in _pieces(text))


def count_long(text: str, vocabulary: str | None) -> int:
    """The same for a thread of its own: it lets the others on after each few milliseconds.

    Only a text of more than `_PIECE_CHARACTERS` takes that long.
    """
    if len(text) <= _PIECE_CHARACTERS:
        return count_tokens(text, vocabulary)
    count = 0
    for piece in _pieces(text):
        count += count_tokens(piece, vocabulary)
        sleep(_REST_SECONDS)
    return count


def decode(ids: Sequence[int], vocabulary: str | None) -> str:
    """The text of token ids; what is not UTF-8 becomes U+FFFD, special ids their marker.

    Raises ValueError, naming the first id that the vocabulary does not have.
    """
    name = vocabulary or O200K
    tokenizer, special, ordinary = _LOADERS[name](), _SPECIAL[name], _ORDINARY_IDS[name]
    texts: list[str] = []
    run: list[int] = []
    for token_id in ids:
        if 0 <= token_id < ordinary:
            run.append(token_id)
        elif token_id in special:
            texts += (_decode_run(tokenizer, run), special[token_id])
            run = []
        else:
            message = f"{token_id} is not a token id of {name}"
            raise ValueError(message)
    texts.append(_decode_run(tokenizer, run))
    return "".join(texts)


def _count(tokenizer: _Tokenizer, text: str) -> int:
    """Count one piece; lone surrogates count as the replacement character."""
    try:
        return tokenizer.count(text)
    except UnicodeEncodeError:
        repaired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return tokenizer.count(repaired)


def _pieces(text: str) -> list[str]:
    """Cut a long text where a new token begins anyway, or hard where there is no such place."""
    pieces = []
    start = 0
    while len(text) - start > _PIECE_CHARACTERS:
        end = start + _PIECE_CHARACTERS
        middle = start + _PIECE_CHARACTERS // 2
        # A lookbehind sees what is left of `middle`, a lookahead nothing right of `end`.
        found = _BREAK.search(text, middle, end)
        cut = found.start() if found else end
        pieces.append(text[start:cut])
        start = cut
    pieces.append(text[start:])
    return pieces


def _decode_run(tokenizer: _Tokenizer, run: list[int]) -> str:
    """Decode ordinary ids; the library refuses bytes that are not UTF-8 as a whole."""
    try:
        return tokenizer.decode(run)
    except ValueError:
        pass
    texts = []
    start = 0
    while start < len(run):
        text, length = _decode_first(tokenizer, run, start)
        texts.append(text)
        start += length
    return "".join(texts)


def _decode_first(tokenizer: _Tokenizer, run: list[int], start: int) -> tuple[str, int]:
    """The fewest ids from `start` on that make whole characters, and how many they are."""
    for length in range(1, min(_RUN_TOKENS_MAX, len(run) - start) + 1):
        try:
            return tokenizer.decode(run[start : start + length]), length
        except ValueError:
            continue
    return "\N{REPLACEMENT CHARACTER}", 1


def _open(vocabulary: str) -> _Tokenizer:
    """Make the tokenizer from the compiled part of `bpe_openai` alone.

    Importing the package itself would build dictionaries of three vocabularies
    that nobody here reads: 0.9 s and 70 MB.
    """
    name = "bpe_openai._bindings"
    module = sys.modules.get(name)
    if module is None:
        package = importlib.util.find_spec("bpe_openai")
        folders = package.submodule_search_locations if package is not None else None
        spec = PathFinder.find_spec(name, folders)
        if spec is None or spec.loader is None:
            raise ModuleNotFoundError(name)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module  # it may be initialised once only
    return cast("_Tokenizer", module.tokenizer_for_encoding(vocabulary))


_LOADERS = MappingProxyType({name: cache(partial(_open, name)) for name in (CL100K, O200K)})
