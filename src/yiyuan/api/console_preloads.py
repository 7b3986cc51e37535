"""What a page of the console needs, said in its document before any script of it has run.

The build tells which chunks there are (`manifest.json`) and which address shows which page
(`pages.json`). A browser then fetches a page's own chunks, and what every page asks first,
while it still reads the chunk that all pages share: on a slow line that is a second.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

_ENTRY = "index.html"
_PUBLIC = "src/pages/public/"
_SIGN_IN = "/sign-in"
_MODULE = '<link rel="modulepreload" crossorigin href="/console/{}">'
_STYLES = '<link rel="preload" as="style" crossorigin href="/console/{}">'
_ANSWER = '<link rel="preload" as="fetch" crossorigin="anonymous" href="{}">'
_SITE, _SESSION = "/api/site", "/api/session"


@dataclass(slots=True, frozen=True)
class _Page:
    links: str
    asks: list[str]
    is_public: bool


class Preloads:
    """The links for each address; none where the build did not say."""

    def __init__(self, built: Path) -> None:
        """Reads what the build in `built` says of itself."""
        self._pages: list[tuple[re.Pattern[str], _Page]] = []
        pages, manifest = built / "pages.json", built / "manifest.json"
        if not (pages.is_file() and manifest.is_file()):
            return
        chunks = json.loads(manifest.read_text(encoding="utf-8"))
        shared = _closure(chunks, _ENTRY)
        for page in json.loads(pages.read_text(encoding="utf-8")):
            keys = _closure(chunks, page["source"]) - shared
            links = "".join(_links(chunks, sorted(keys)))
            asks = [page["asks"]] if page["asks"] else []
            is_public = page["source"].startswith(_PUBLIC)
            self._pages.append((_pattern(page["path"]), _Page(links, asks, is_public)))

    def links(self, path: str, *, is_signed_in: bool) -> str:
        """The links for a document at `path` (below `/console`), as HTML.

        Whoever has no session sees the sign-in page instead of those behind it.
        """
        found = self._page(path)
        if found is None:
            return ""
        if not is_signed_in and not found.is_public:
            found = self._page(_SIGN_IN) or found
        asked = [_SITE, _SESSION, *found.asks] if is_signed_in else [_SITE]
        return found.links + "".join(_ANSWER.format(each) for each in asked)

    def _page(self, path: str) -> "_Page | None":
        here = path.rstrip("/") or "/"
        return next((page for wanted, page in self._pages if wanted.fullmatch(here)), None)


def _pattern(path: str) -> re.Pattern[str]:
    """A page's address, whose `$names` stand for one part each."""
    parts = [r"[^/]+" if part.startswith("$") else re.escape(part) for part in path.split("/")]
    return re.compile("/".join(parts))


def _closure(chunks: dict[str, dict[str, object]], key: str) -> set[str]:
    """A chunk, and all that it imports at once."""
    found: set[str] = set()
    todo = [key]
    while todo:
        here = todo.pop()
        if here in found or here not in chunks:
            continue
        found.add(here)
        imports = chunks[here].get("imports", [])
        if isinstance(imports, list):
            todo += imports
    return found


def _links(chunks: dict[str, dict[str, object]], keys: list[str]) -> list[str]:
    styles = [name for key in keys for name in _list(chunks[key].get("css"))]
    return [
        *(_MODULE.format(chunks[key]["file"]) for key in keys),
        *(_STYLES.format(name) for name in dict.fromkeys(styles)),
    ]


def _list(value: object) -> list[str]:
    return value if isinstance(value, list) else []
