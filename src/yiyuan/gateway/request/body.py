"""From a body's bytes to a JSON object: 400 for everything else.

The compression is undone (`decoding.py`), and whether it holds too many values is asked
before (`values.py`). NaN, Infinity, broken UTF-8 and nesting deeper than 1,024 are not
JSON here. A byte order mark is no part of it, and half a character becomes U+FFFD.
"""

from typing import Any, Final

import msgspec
import orjson

from yiyuan.dialects.canonical import Json
from yiyuan.dialects.shared.json_text import read_json
from yiyuan.gateway.request.values import SMALL_BYTES, containers_up_to
from yiyuan.kernel.errors import InvalidRequest

PIECE_CONTAINERS: Final = 1_000
"""Of objects and lists, as many as are read at once."""
LEVELS: Final = 8
"""As deep as bodies are taken apart: what is wide further down is read at once."""
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])


def parse_body(body: bytes) -> Json:
    """The JSON object in `body`. Raises InvalidRequest."""
    try:
        return _object(orjson.loads(body))
    except orjson.JSONDecodeError:
        return _odd(body)


def parse_heavy(body: bytes) -> Json:
    """The same, for a thread: it lets the others on between pieces.

    The reader keeps the interpreter until it is done, so a body of thousands of objects
    is taken apart first, which takes a tenth of the time.
    """
    try:
        return _object(read_pieces(body))
    except (orjson.JSONDecodeError, msgspec.MsgspecError, RecursionError):
        return parse_body(body)


def read_pieces(text: bytes) -> Any:
    """Any JSON, wide bodies piece by piece.

    Raises orjson.JSONDecodeError, msgspec.MsgspecError, RecursionError.
    """
    return _read(text.strip(), LEVELS)


def _read(text: bytes, levels: int) -> Any:
    is_wide = levels > 0 and containers_up_to(PIECE_CONTAINERS, text) > PIECE_CONTAINERS
    if is_wide and text.startswith(b"{"):
        return {name: _piece(raw, levels - 1) for name, raw in _OBJECT.decode(text).items()}
    if is_wide and text.startswith(b"["):
        return [_piece(raw, levels - 1) for raw in _LIST.decode(text)]
    return orjson.loads(text)


def _piece(raw: msgspec.Raw, levels: int) -> Any:
    if len(raw) <= SMALL_BYTES:
        return orjson.loads(memoryview(raw))
    return _read(bytes(raw), levels)


def _odd(body: bytes) -> Json:
    """What plain reading refuses: a mark before it, or half a character in it."""
    try:
        return _object(read_json(body))
    except orjson.JSONDecodeError as error:
        raise InvalidRequest("invalid_json", reason=str(error)[:200]) from error


def _object(parsed: Any) -> Json:
    if not isinstance(parsed, dict):
        raise InvalidRequest("body_not_object")
    return parsed
