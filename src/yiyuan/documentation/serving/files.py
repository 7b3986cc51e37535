"""What is served: bytes, compressed once, with a tag that changes when they do.

Every file goes out under a policy that allows nothing from elsewhere and no inline
script or style, so that text which slipped in could not act.
"""

import gzip
import hashlib
from dataclasses import dataclass
from typing import Protocol

from yiyuan.kernel.errors import Header

HTML_TYPE = "text/html; charset=utf-8"
JSON_TYPE = "application/json"
MARKDOWN_TYPE = "text/markdown; charset=utf-8"
TEXT_TYPE = "text/plain; charset=utf-8"

_COMPRESSED_FROM_BYTES = 500
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
SAFETY: tuple[Header, ...] = (
    ("content-security-policy", _POLICY),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
)


class Conditional(Protocol):
    """What a page is asked for with; the server's exchange fits."""

    method: str
    path: str
    query: str
    headers: dict[str, str]

    def respond(self, status: int, headers: tuple[Header, ...], body: bytes = b"") -> None:
        """Send the complete answer."""
        ...


@dataclass(slots=True, frozen=True)
class File:
    """One thing to serve; `compressed` is None where that saves nothing."""

    body: bytes
    compressed: bytes | None
    tag: str
    headers: tuple[Header, ...]
    status: int = 200


def make_file(
    body: bytes,
    kind: str,
    *,
    is_forever: bool = False,
    language: str | None = None,
    status: int = 200,
) -> File:
    """Prepare bytes for serving; `is_forever` when their address names their content."""
    compressed = gzip.compress(body, 9, mtime=0) if len(body) > _COMPRESSED_FROM_BYTES else None
    kept = "public, max-age=31536000, immutable" if is_forever else "no-cache"
    headers = [("content-type", kind), ("cache-control", kept), *SAFETY]
    if language is not None:
        headers.append(("content-language", language))
    tag = hashlib.sha256(body).hexdigest()[:20]
    return File(body, compressed, tag, tuple(headers), status)


def send(visit: Conditional, file: File, *, varies: str = "accept-encoding") -> None:
    """Answer with a file, in the form that the client takes; 304 when it has it."""
    is_small = file.compressed is not None and _takes_gzip(visit.headers)
    tag = f'"{file.tag}{"-gz" if is_small else ""}"'
    headers = (*file.headers, ("vary", varies), ("etag", tag))
    if file.status == 200 and tag in visit.headers.get("if-none-match", ""):
        visit.respond(304, headers)
        return
    if is_small and file.compressed is not None:
        visit.respond(file.status, (*headers, ("content-encoding", "gzip")), file.compressed)
    else:
        visit.respond(file.status, headers, file.body)


def redirect(visit: Conditional, address: str, *, varies: str | None = None) -> None:
    """Send the client on; the address is relative, so that no proxy can be wrong about it."""
    headers = (("location", address), ("cache-control", "no-cache"), *SAFETY)
    visit.respond(302, headers if varies is None else (*headers, ("vary", varies)))


def _takes_gzip(headers: dict[str, str]) -> bool:
    """Whether gzip is named and not refused; an odd weight counts as a refusal."""
    for item in headers.get("accept-encoding", "").lower().split(","):
        coding, _, weight = item.strip().partition(";")
        if coding.strip() == "gzip":
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
