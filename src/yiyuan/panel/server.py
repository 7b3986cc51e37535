"""Serves `/api`: finds the route, sees who calls and whether they may, asks the use-case.

The order is fixed: route, caller, origin, permission, then the body. A caller without
permission for an account of others is answered as if there were none (404). Writes by
cookie must come from our own pages and be JSON; GET changes nothing. Every use of a
writing route by an operator or a key is in the audit log before it is answered.
"""

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from yiyuan.access.client_address import client_address, client_scheme
from yiyuan.console.audit_trail import note_action, without_secrets
from yiyuan.console.command import translate_refusals
from yiyuan.console.refusal import CommandError
from yiyuan.gateway.respond import JSON_TYPE, language_of
from yiyuan.kernel.errors import ApiError, Header, RequestTooLarge
from yiyuan.panel.openapi import document
from yiyuan.panel.refusals import headers_of, refusal, status_of
from yiyuan.panel.route import Download, Nothing, Route
from yiyuan.panel.routes import ROUTES
from yiyuan.panel.visit import House, Visit, Visitor, not_found
from yiyuan.panel.visitors import identify
from yiyuan.web.exchange import Exchange

PREFIX = "/api/"
BODY_BYTES_MAX = 1024 * 1024
_NO_STORE: Header = ("cache-control", "no-store")
_NO_SNIFF: Header = ("x-content-type-options", "nosniff")
_HEADERS = (JSON_TYPE, _NO_STORE, _NO_SNIFF)


class Panel:
    """The console's API."""

    def __init__(self, house: House) -> None:
        """The document is made once: routes do not change."""
        self._house = house
        self._openapi = document(house.version)

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        language = language_of(exchange, self._house.desk.settings.language)
        try:
            if exchange.path == "/api/openapi.json":
                exchange.respond(200, _HEADERS, self._openapi)
                return
            await self._serve(exchange, language)
        except CommandError as error:
            self._refuse(exchange, error, language)
        except RequestTooLarge:
            self._refuse(exchange, CommandError("request_too_large", "too large"), language)
        except ApiError as error:
            code = "invalid_argument" if error.status < 500 else "unavailable"
            self._refuse(exchange, CommandError(code, error.message("en")), language)

    async def _serve(self, exchange: Exchange, language: str) -> None:
        route, places = _find(exchange)
        visit = await self._visit(exchange, places, language)
        _check_origin(exchange, route, visit, self._house.desk.settings.public_url)
        await _check_permission(route, visit)
        asked = await _asked(exchange, route)
        with translate_refusals():
            answer = await route.handler(visit, asked)
        if route.is_audited and visit.visitor.role is not None:
            await _note(visit, route, asked)
        if isinstance(answer, Download):
            await _send_file(exchange, answer)
            return
        headers = (*_HEADERS, *visit.answer_headers)
        exchange.respond(200, headers, msgspec.json.encode(answer))

    async def _visit(self, exchange: Exchange, places: dict[str, str], language: str) -> Visit:
        desk, headers = self._house.desk, exchange.headers
        trusted = desk.settings.trusted_proxies
        address = client_address(exchange.peer, headers.get("x-forwarded-for"), trusted)
        scheme = client_scheme(exchange.peer, headers.get("x-forwarded-proto"), trusted)
        with translate_refusals():
            visitor = await identify(desk, headers, address, is_secure=scheme == "https")
        return Visit(
            house=self._house,
            desk=replace(desk, actor=visitor.actor),
            visitor=visitor,
            places=places,
            language=language,
            address=address,
            agent=headers.get("user-agent", "")[:200],
            is_secure=scheme == "https",
            request_id=exchange.request_id,
            headers=headers,
        )

    def _refuse(self, exchange: Exchange, error: CommandError, language: str) -> None:
        if exchange.is_started:
            return
        body = refusal(error, language, exchange.request_id)
        headers = (*_HEADERS, *headers_of(error))
        exchange.respond(status_of(error), headers, msgspec.json.encode(body))


def _find(exchange: Exchange) -> tuple[Route, dict[str, str]]:
    """The route of a request. Raises CommandError `not_found`, `method_not_allowed`."""
    method = "GET" if exchange.method == "HEAD" else exchange.method
    path, is_known = exchange.path.rstrip("/"), False
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match is not None:
            if route.method == method:
                return route, match.groupdict()
            is_known = True
    if is_known:
        raise CommandError("method_not_allowed", "this address does not take this method")
    raise not_found("address")


def _check_origin(exchange: Exchange, route: Route, visit: Visit, public_url: str) -> None:
    """A write by cookie comes from our own pages, and is JSON, which no form can send."""
    if route.method == "GET":
        return
    headers = exchange.headers
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise CommandError("json_only", "the body must be application/json")
    if visit.visitor.key is not None:
        return
    origin = headers.get("origin", "")
    site = headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise _wrong_origin()
    own = {urlsplit(public_url).netloc, headers.get("host", "")} - {""}
    if urlsplit(origin).netloc not in own:
        raise _wrong_origin()


def _wrong_origin() -> CommandError:
    return CommandError("wrong_origin", "the request does not come from a page of the console")


async def _check_permission(route: Route, visit: Visit) -> None:
    """Who may use the route. Raises `not_signed_in`, `not_allowed`, `not_found`."""
    access, visitor = route.access, visit.visitor
    if access.who == "anybody":
        return
    _check_known(visitor)
    if visitor.key is not None and not access.takes_keys:
        raise CommandError("not_allowed", "this is for people, not for management keys")
    if access.who == "person":
        return
    if access.who == "member" and visitor.is_member(visit.account_id):
        return
    if visitor.role is None:
        # To a customer, an account of others does not exist.
        raise not_found("account") if access.who == "member" else _not_allowed()
    if visitor.role not in access.roles:
        raise _not_allowed()
    if "account" in visit.places:
        await _check_account(visit)


def _check_known(visitor: Visitor) -> None:
    if visitor.user is None and visitor.key is None:
        raise CommandError("not_signed_in", "sign in first")


async def _check_account(visit: Visit) -> None:
    """There must be the account that an operator names."""
    if await visit.desk.book.account(visit.account_id) is None:
        raise not_found("account")


def _not_allowed() -> CommandError:
    return CommandError("not_allowed", "your role may not do this")


async def _note(visit: Visit, route: Route, asked: Any) -> None:
    """Write an operator's or key's action down."""
    details = {"asked": without_secrets(msgspec.to_builtins(asked)), **visit.details}
    last_place = next(reversed(visit.places.values()), "")
    await note_action(
        visit.desk,
        route.name,
        details,
        subject=visit.subject or last_place,
        reason=visit.reason or str(getattr(asked, "reason", "") or ""),
        actor_name=visit.visitor.name,
        address=visit.address,
        request_id=visit.request_id,
    )


async def _asked(exchange: Exchange, route: Route) -> Any:
    """What the caller asks, in the route's shape. Raises `invalid_argument`, `invalid_json`."""
    try:
        if route.method == "GET":
            if route.asks is Nothing:
                return Nothing()
            fields = dict(parse_qsl(exchange.query[:8192], keep_blank_values=False))
            return msgspec.convert(fields, route.asks, strict=False)
        body = await exchange.body(BODY_BYTES_MAX)
        return msgspec.json.decode(body or b"{}", type=route.asks)
    except msgspec.ValidationError as error:
        raise CommandError("invalid_argument", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CommandError("invalid_json", "the body is not valid JSON") from None


async def _send_file(exchange: Exchange, answer: Download) -> None:
    headers = (
        ("content-type", "text/csv; charset=utf-8"),
        ("content-disposition", f'attachment; filename="{answer.file_name}"'),
        _NO_STORE,
        _NO_SNIFF,
    )
    exchange.begin_stream(200, headers)
    async for piece in answer.pieces:
        exchange.write(piece)
        await exchange.drain()
    exchange.finish()
