"""`/status` and `/status.json`: how the models answer, and the incidents that operators wrote.

Who may see them is a setting: anybody, customers who are signed in (and management keys),
or nobody, for whom the addresses do not exist. Nothing here needs the console, since people
look when something is broken. A page is made once for all who read the same figures.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs

import msgspec

from yiyuan.api.console.authentication import identify
from yiyuan.auth.client_address import client_address, client_scheme
from yiyuan.documentation.rendering.status_page import status_notice, status_page
from yiyuan.documentation.serving.files import HTML_TYPE, JSON_TYPE, File, make_file, send
from yiyuan.gateway.delivery.respond import language_of
from yiyuan.http.server.exchange import Exchange
from yiyuan.i18n.languages import LANGUAGES
from yiyuan.kernel.errors import ApiError, RouteNotFound
from yiyuan.services.commands import translate_errors
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings
from yiyuan.services.site.status import Status, StatusBoard

_PAGE: Final = "/status"
_JSON: Final = "/status.json"
_BY_LANGUAGE: Final = "accept-encoding, accept-language, cookie"
_AWAY_SECONDS: Final = "5"


@dataclass(slots=True)
class _Made:
    """What was made of one state of the board."""

    status: Status
    files: dict[str, File]
    """By language; the empty one is the JSON."""


class StatusPages:
    """Serves the two addresses."""

    def __init__(
        self, context: ServiceContext, board: StatusBoard, site: Callable[[], SiteSettings]
    ) -> None:
        """`site` gives the settings in force."""
        self._context, self._board, self._site = context, board, site
        self._made: _Made | None = None

    def serves(self, path: str) -> bool:
        """Whether an address belongs to the status page."""
        return path in (_PAGE, _JSON)

    async def handle(self, exchange: Exchange) -> None:
        """Answer a GET or HEAD. Raises ApiError `route_not_found` where there is no page."""
        who = self._site().status_page
        if who == "off":
            raise RouteNotFound(method=exchange.method, path=exchange.path)
        if who == "customers" and not await self._is_known(exchange):
            self._refuse(exchange, "customers_only", 401)
            return
        try:
            with translate_errors():
                status = await self._board.current()
        except (ServiceError, ApiError):
            self._refuse(exchange, "away", 503)
            return
        file = await self._file(status, self._language(exchange))
        send(exchange, file, varies=_BY_LANGUAGE)

    async def _file(self, status: Status, language: str) -> File:
        if self._made is None or self._made.status != status:
            self._made = _Made(status, {})
        files = self._made.files
        if language not in files:
            files[language] = await asyncio.to_thread(self._make, status, language)
        return files[language]

    def _make(self, status: Status, language: str) -> File:
        if not language:
            return make_file(msgspec.json.encode(status), JSON_TYPE)
        document = msgspec.to_builtins(status)
        text = status_page(document, language, self._context.settings.public_url)
        return make_file(text.encode(), HTML_TYPE, language=language)

    def _language(self, exchange: Exchange) -> str:
        """The reader's, by the address or the browser; empty for JSON."""
        if exchange.path == _JSON:
            return ""
        named = parse_qs(exchange.query[:200]).get("lang", [""])[0]
        default = self._context.settings.language
        return named if named in LANGUAGES else language_of(exchange, default)

    def _refuse(self, exchange: Exchange, kind: str, status: int) -> None:
        headers = (("retry-after", _AWAY_SECONDS),) if status == 503 else ()
        language = self._language(exchange)
        if language:
            text = status_notice(kind, language, self._context.settings.public_url)
            file = make_file(text.encode(), HTML_TYPE, language=language, status=status)
        else:
            code = "unavailable" if status == 503 else "not_signed_in"
            body = msgspec.json.encode({"error": {"code": code}})
            file = make_file(body, JSON_TYPE, status=status)
        exchange.respond(status, (*file.headers, *headers), file.body)

    async def _is_known(self, exchange: Exchange) -> bool:
        """Whether somebody asks who is signed in, or a script with a management key."""
        context, headers = self._context, exchange.headers
        trusted = context.settings.trusted_proxies
        scheme = client_scheme(exchange.peer, headers.get("x-forwarded-proto"), trusted)
        try:
            with translate_errors():
                caller = await identify(
                    context,
                    headers,
                    client_address(exchange.peer, headers.get("x-forwarded-for"), trusted),
                    is_secure=scheme == "https",
                    operators_sign_in=self._site().operators_sign_in,
                )
        except ServiceError:
            return False
        return caller.user is not None or caller.key is not None
