"""Undoes an upstream's compression, within bounds.

We ask for `identity`, so a compressed response is an upstream that ignores it.
gzip and deflate are undone with two bounds: at no time may more than 100 bytes
have come out per byte gone in (zeros compress 1,029:1; no honest text comes
near), and no more than one step's output is held, however much input waits.

Failure: `too_large` for the ratio, `protocol` for broken or cut data and for
any other encoding.
"""

import zlib

from yiyuan.http.client.errors import UpstreamFailure

RATIO_MAX = 100
STEP_BYTES_MAX = 256 * 1024

_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_RAW_DEFLATE = -zlib.MAX_WBITS


class Decoder:
    """One response's decompressor."""

    __slots__ = (
        "_decompressor",
        "_encoding",
        "_has_more",
        "_received_bytes",
        "_taken_bytes",
        "_waiting",
    )

    def __init__(self, encoding: str) -> None:
        """`encoding` is the `Content-Encoding`. Raises UpstreamFailure for unknown ones."""
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("gzip", "x-gzip", "deflate"):
            raise _failed("the response has an encoding that was not asked for")
        self._decompressor = zlib.decompressobj(_GZIP_OR_ZLIB)
        self._waiting = b""
        self._has_more = False  # a step was full: output may wait inside zlib without input
        self._received_bytes = 0
        self._taken_bytes = 0

    def feed(self, data: bytes) -> None:
        """Take compressed bytes."""
        is_raw = self._encoding == "deflate" and data[:1] and data[0] & 0x0F != 8
        if self._received_bytes == 0 and is_raw:
            # Some servers leave out the zlib wrapper that `deflate` means.
            self._decompressor = zlib.decompressobj(_RAW_DEFLATE)
        self._received_bytes += len(data)
        self._waiting += data

    def take(self) -> bytes:
        """The next decompressed bytes, at most one step's; empty when more input is needed."""
        if not self._waiting and not self._has_more:
            return b""
        if self._decompressor.eof and self._waiting:
            raise _failed("data follows the end of the compressed response")
        try:
            output = self._decompressor.decompress(self._waiting, STEP_BYTES_MAX)
        except zlib.error:
            raise _failed("the response is not compressed as it says") from None
        self._waiting = self._decompressor.unconsumed_tail or self._decompressor.unused_data
        self._has_more = len(output) == STEP_BYTES_MAX
        self._taken_bytes += len(output)
        if self._taken_bytes > RATIO_MAX * self._received_bytes:
            raise UpstreamFailure(
                "too_large",
                f"the response expands more than {RATIO_MAX}:1",
                request_was_written=True,
            )
        return output

    def end(self) -> None:
        """The response is over. Raises UpstreamFailure when the data was cut."""
        if self._received_bytes and not self._decompressor.eof:
            raise _failed("the compressed response is cut")


def _failed(detail: str) -> UpstreamFailure:
    return UpstreamFailure("protocol", detail, request_was_written=True)
