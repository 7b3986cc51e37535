"""The console's pages: one document for every address under `/console`, and its assets.

The document is what the build of `console/` made. Each answer carries a nonce of its own
for style elements, under a policy that allows scripts from here only, no inline code and
no other origin. Assets have names that change with their content, so browsers may keep
them for ever; they are sent as they were compressed at build time.

Without a build the server runs as well: `/console` then says how to make one.
"""

import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from yiyuan.api.console.cookie import may_have_session
from yiyuan.api.console_preloads import Preloads
from yiyuan.api.methods import check_is_read
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.delivery.respond import language_of, refuse
from yiyuan.http.server.exchange import Exchange
from yiyuan.kernel.errors import ApiError, RouteNotFound

BUILT = Path(__file__).parent / "console_assets"
_PREFIX = "/console"
_ASSETS = "/console/assets/"
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_SAFE = (
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
_NOT_BUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>yiyuan</title>
<p>The console has not been built. The API works without it.</p>
<pre>make setup</pre>
<p lang="zh">控制台还没有构建；接口不受影响。请运行上面的命令。</p>
</html>
"""


@dataclass(slots=True, frozen=True)
class _Asset:
    content_type: str
    tag: str
    bodies: dict[str, bytes]
    """By content encoding; the empty one is the file as it is."""


class ConsolePages:
    """Serves what was built into `folder`."""

    def __init__(self, dialect: Dialect, default_language: str, folder: Path = BUILT) -> None:
        """Notes which files there are; their bytes are read when first asked for."""
        self._dialect = dialect
        self._default_language = default_language
        self._folder = folder / "assets"
        index = folder / "index.html"
        self._document = index.read_text(encoding="utf-8") if index.is_file() else None
        self._preloads = Preloads(folder)
        names = self._folder.iterdir() if self._folder.is_dir() else ()
        self._names = {path.name for path in names if path.suffix in _TYPES}
        self._asset = lru_cache(maxsize=None)(self._read)

    def serves(self, path: str) -> bool:
        """Whether an address belongs to the console."""
        return path == _PREFIX or path.startswith(_PREFIX + "/")

    def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        try:
            check_is_read(exchange)
            if exchange.path.startswith(_ASSETS):
                self._answer_asset(exchange, exchange.path.removeprefix(_ASSETS))
            else:
                self._answer_document(exchange)
        except ApiError as error:
            language = language_of(exchange, self._default_language)
            refuse(exchange, self._dialect, error, language)

    def _answer_document(self, exchange: Exchange) -> None:
        nonce = secrets.token_urlsafe(16)
        headers = (
            *_SAFE,
            ("content-type", "text/html; charset=utf-8"),
            ("cache-control", "no-store"),
            ("content-security-policy", _POLICY.format(nonce=nonce)),
        )
        if self._document is None:
            exchange.respond(503, headers, _NOT_BUILT.encode())
            return
        language = language_of(exchange, self._default_language)
        path = exchange.path.removeprefix(_PREFIX)
        links = self._preloads.links(path, is_signed_in=may_have_session(exchange.headers))
        text = self._document.replace("__NONCE__", nonce).replace("__LANGUAGE__", language)
        text = text.replace("</head>", f"{links}</head>", 1)
        exchange.respond(200, headers, text.encode())

    def _answer_asset(self, exchange: Exchange, name: str) -> None:
        if name not in self._names:
            raise RouteNotFound(method=exchange.method, path=exchange.path[:200])
        try:
            asset = self._asset(name)
        except FileNotFoundError:  # built anew under a server that runs
            raise RouteNotFound(method=exchange.method, path=exchange.path[:200]) from None
        encoding = _chosen(exchange.headers.get("accept-encoding", ""), asset)
        tag = f'"{asset.tag}{encoding and "-" + encoding}"'
        headers = [
            *_SAFE,
            ("content-type", asset.content_type),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("etag", tag),
            ("vary", "accept-encoding"),
            ("content-security-policy", "default-src 'none'"),
        ]
        if exchange.headers.get("if-none-match") == tag:
            exchange.respond(304, headers)
            return
        if encoding:
            headers.append(("content-encoding", encoding))
        exchange.respond(200, headers, asset.bodies[encoding])

    def _read(self, name: str) -> _Asset:
        path = self._folder / name
        bodies = {"": path.read_bytes()}
        for encoding, suffix in _ENCODINGS:
            packed = path.with_name(name + suffix)
            if packed.is_file():
                bodies[encoding] = packed.read_bytes()
        return _Asset(_TYPES[path.suffix], path.stem, bodies)


def _chosen(accepted: str, asset: _Asset) -> str:
    """The smallest form that the client takes; what it gives weight zero it does not take."""
    taken = {
        part.partition(";")[0].strip().lower()
        for part in accepted.split(",")
        if not re.search(r";\s*q=0(?:\.0*)?\s*$", part)
    }
    return next((name for name, _ in _ENCODINGS if name in taken and name in asset.bodies), "")
