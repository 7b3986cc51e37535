"""Undoes the compression of a request's body, bounded by what comes out and by its ratio.

Codex sends zstd, other clients gzip. Nothing is held beyond the limit of a body that is
not compressed, and what grows beyond any honest text is refused.
"""

import zlib

import zstandard

from yiyuan.i18n.api_texts import Phrase
from yiyuan.kernel.errors import InvalidRequest, RequestTooLarge

RATIO_MAX = 100
SMALL_BYTES = 64 * 1024
"""Up to here the ratio does not matter."""
WINDOW_BYTES_MAX = 8 * 1024 * 1024
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_BY_ZLIB = ("gzip", "x-gzip", "deflate")


def decoded(body: bytes, encoding: str, limit_bytes: int) -> bytes:
    """The body without its `Content-Encoding`. Raises InvalidRequest, RequestTooLarge."""
    coding = encoding.strip().lower()
    if coding in ("", "identity"):
        return body
    if coding not in (*_BY_ZLIB, "zstd"):
        raise InvalidRequest("unsupported_content_encoding", encoding=coding[:32])
    undo = _undo_zlib if coding in _BY_ZLIB else _undo_zstd
    return undo(body, limit_bytes)


def _most(body: bytes, limit_bytes: int) -> int:
    return min(limit_bytes, max(SMALL_BYTES, RATIO_MAX * len(body)))


def _undo_zlib(body: bytes, limit_bytes: int) -> bytes:
    most = _most(body, limit_bytes)
    undoing = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        content = undoing.decompress(body, most + 1)
    except zlib.error:
        raise _broken() from None
    if len(content) > most:
        raise RequestTooLarge(limit_bytes=limit_bytes)
    if not undoing.eof or undoing.unused_data:
        raise _broken()
    return content


def _undo_zstd(body: bytes, limit_bytes: int) -> bytes:
    most = _most(body, limit_bytes)
    undoing = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX)
    try:
        with undoing.stream_reader(body, read_across_frames=True) as reader:
            content: bytes = reader.read(most + 1)
    except zstandard.ZstdError:
        raise _broken() from None
    if len(content) > most:
        raise RequestTooLarge(limit_bytes=limit_bytes)
    return content


def _broken() -> InvalidRequest:
    return InvalidRequest("malformed_request", reason=Phrase("http_encoding"))
