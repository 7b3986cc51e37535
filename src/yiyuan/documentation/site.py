"""Which address shows what: the front door, the documentation, the public API's description.

Addresses without a language lead to the reader's own, by `Accept-Language`; a page's
address with `.md` is its Markdown. A page that does not exist is answered with 404 and
the contents.
"""

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs

from yiyuan.documentation.content.facts import gather
from yiyuan.documentation.content.sources import page_names, page_path
from yiyuan.documentation.rendering.edition import FRONT, Edition
from yiyuan.documentation.serving.assets import FOLDER, asset_files
from yiyuan.documentation.serving.files import Conditional, File, redirect, send
from yiyuan.i18n.languages import LANGUAGES, choose_language
from yiyuan.routing.catalog import Catalog

BY_LANGUAGE = "accept-encoding, accept-language"
_OTHERS = ("/", "/docs", "/openapi.json", "/llms.txt", "/llms-full.txt")


class Documentation:
    """Serves the pages."""

    def __init__(
        self,
        catalog: Callable[[], Catalog],
        *,
        api_url: str,
        public_url: str,
        nextchat_url: Callable[[], str],
        has_status: Callable[[], bool],
        default_language: str,
    ) -> None:
        """`catalog` gives the one in force, the two behind it what the operator has set."""
        self._catalog = catalog
        self._urls = (api_url, public_url)
        self._nextchat_url, self._has_status = nextchat_url, has_status
        self._default_language = default_language
        self._seen: tuple[Catalog, str, bool] | None = None
        self._edition: Edition | None = None

    def serves(self, path: str) -> bool:
        """Whether `path` belongs to the documentation."""
        return path in _OTHERS or path.startswith("/docs/")

    async def handle(self, visit: Conditional) -> None:
        """Answer a GET or HEAD."""
        path, language = visit.path, self._language(visit)
        if path == "/":
            await self._send(visit, f"{FRONT}{language}", varies=BY_LANGUAGE)
        elif path in ("/docs", "/docs/"):
            redirect(visit, f"/docs/{language}/", varies="accept-language")
        elif name := self._page_named(path):
            own = f"/docs/{language}/{name}" if name.endswith(".md") else page_path(language, name)
            redirect(visit, own, varies="accept-language")
        elif path.startswith(FOLDER) and path in asset_files():
            send(visit, asset_files()[path])
        elif self._current().has(path):
            await self._send(visit, path)
        elif self._current().has(self._other_form(path)):
            redirect(visit, self._other_form(path))
        else:
            await self._miss(visit, language)

    async def _send(
        self, visit: Conditional, path: str, *, varies: str = "accept-encoding"
    ) -> None:
        edition = self._current()
        file = edition.kept(path)
        if file is None:
            file = await asyncio.to_thread(edition.make, path)
        send(visit, file, varies=varies)

    async def _miss(self, visit: Conditional, language: str) -> None:
        first = visit.path.removeprefix("/docs/").partition("/")[0]
        language = first if first in LANGUAGES else language
        file: File = await asyncio.to_thread(self._current().missing, language, visit.path)
        send(visit, file, varies=BY_LANGUAGE)

    def _current(self) -> Edition:
        """The edition of the catalog in force; a new one only if it says something new."""
        state = self._catalog(), self._nextchat_url(), self._has_status()
        if self._edition is None or state != self._seen:
            catalog, nextchat_url, has_status = state
            facts = gather(catalog, *self._urls, nextchat_url, has_status=has_status)
            if self._edition is None or facts != self._edition.facts:
                self._edition = Edition(facts)
            self._seen = state
        return self._edition

    def _language(self, visit: Conditional) -> str:
        """The reader's language: the one named in the address, or the browser's."""
        named = parse_qs(visit.query).get("lang", [""])[0] if visit.path == "/" else ""
        if named in LANGUAGES:
            return named
        accepted = visit.headers.get("accept-language")
        return choose_language(accepted, self._default_language)

    @staticmethod
    def _page_named(path: str) -> str:
        """The page that an address without a language names, `.md` kept; empty for none."""
        name = path.removeprefix("/docs/").rstrip("/")
        return name if name.removesuffix(".md") in page_names() else ""

    @staticmethod
    def _other_form(path: str) -> str:
        """`path` with its last slash where there was none, and the other way round."""
        return path[:-1] if path.endswith("/") else path + "/"
