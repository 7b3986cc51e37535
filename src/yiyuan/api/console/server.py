"""Serves `/api`: finds the route, sees who calls and whether they may, asks the use-case.

The order is fixed: route, caller, origin, permission, then the body. A caller without
permission for an account of others is answered as if there were none (404). Writes by
cookie must come from our own pages and be JSON; GET changes nothing. Every use of a
writing route by an operator or a key is in the audit log before it is answered, and so is
whatever a customer does to another.
"""

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from yiyuan.api.console.audit import is_noted, note
from yiyuan.api.console.authentication import identify
from yiyuan.api.console.errors import MethodRefused, headers_of, refusal, status_of
from yiyuan.api.console.openapi import document
from yiyuan.api.console.permission import may_spend
from yiyuan.api.console.registry import ROUTES
from yiyuan.api.console.request import ConsoleRequest, ConsoleState, not_found
from yiyuan.api.console.route import Download, Empty, Redirect, Route, Stream
from yiyuan.auth.client_address import client_address, client_scheme
from yiyuan.gateway.delivery.respond import JSON_TYPE, language_of
from yiyuan.http.server.exchange import Exchange
from yiyuan.kernel.errors import ApiError, Header, RequestTooLarge
from yiyuan.services.commands import translate_errors
from yiyuan.services.people.sign_in.caller import Caller
from yiyuan.services.people.sign_in.enforcement import sign_in_required
from yiyuan.services.people.sign_in.sessions import is_fresh, step_up_required
from yiyuan.services.people.sign_in.terms import check_terms
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import explained

PREFIX = "/api/"
BODY_BYTES_MAX = 1024 * 1024
_NO_STORE: Header = ("cache-control", "no-store")
_NO_SNIFF: Header = ("x-content-type-options", "nosniff")
_HEADERS = (JSON_TYPE, _NO_STORE, _NO_SNIFF)
_LINES: tuple[Header, ...] = (
    ("content-type", "application/x-ndjson"),
    ("x-accel-buffering", "no"),
    _NO_STORE,
    _NO_SNIFF,
)


class ConsoleApi:
    """The console's API."""

    def __init__(self, house: ConsoleState) -> None:
        """The document is made once: routes do not change."""
        self._house = house
        self._openapi = document(house.version)

    async def handle(self, exchange: Exchange) -> None:
        """Answer one request."""
        language = language_of(exchange, self._house.context.settings.language)
        try:
            if exchange.path == "/api/openapi.json":
                if exchange.method not in ("GET", "HEAD"):
                    raise MethodRefused({"GET"})
                exchange.respond(200, _HEADERS, self._openapi)
                return
            await self._serve(exchange, language)
        except ServiceError as error:
            self._refuse(exchange, error, language)
        except RequestTooLarge:
            self._refuse(exchange, ServiceError("request_too_large", "too large"), language)
        except ApiError as error:
            code = "invalid_argument" if error.status < 500 else "unavailable"
            self._refuse(exchange, ServiceError(code, error.message("en")), language)

    async def _serve(self, exchange: Exchange, language: str) -> None:
        route, places = _find(exchange)
        visit = await self._visit(exchange, places, language)
        _check_origin(exchange, route, visit, self._house.context.settings.public_url)
        await _check_permission(route, visit)
        asked = await _asked(exchange, route)
        with translate_errors():
            answer = await route.handler(visit, asked)
        if is_noted(visit, route):
            await note(visit, route, asked)
        if isinstance(answer, Download):
            await _send(exchange, _file_headers(answer), answer.pieces)
            return
        if isinstance(answer, Stream):
            await _send(exchange, _LINES, answer.lines)
            return
        if isinstance(answer, Redirect):
            sent = (("location", answer.location), _NO_STORE, *visit.answer_headers)
            exchange.respond(303, sent, b"")
            return
        body = msgspec.json.encode(answer)
        if route.is_polled:
            _answer_polled(exchange, visit, body)
            return
        exchange.respond(200, (*_HEADERS, *visit.answer_headers), body)

    async def _visit(
        self, exchange: Exchange, places: dict[str, str], language: str
    ) -> ConsoleRequest:
        context, headers = self._house.context, exchange.headers
        trusted = context.settings.trusted_proxies
        address = client_address(exchange.peer, headers.get("x-forwarded-for"), trusted)
        scheme = client_scheme(exchange.peer, headers.get("x-forwarded-proto"), trusted)
        with translate_errors():
            visitor = await identify(
                context,
                headers,
                address,
                is_secure=scheme == "https",
                operators_sign_in=self._house.site().operators_sign_in,
            )
        return ConsoleRequest(
            house=self._house,
            context=replace(context, actor=visitor.actor, user_id=visitor.user_id),
            visitor=visitor,
            places=places,
            language=language,
            address=address,
            agent=headers.get("user-agent", "")[:200],
            is_secure=scheme == "https",
            request_id=exchange.request_id,
            headers=headers,
        )

    def _refuse(self, exchange: Exchange, error: ServiceError, language: str) -> None:
        if exchange.is_started:
            return
        body = refusal(error, language, exchange.request_id)
        headers = (*_HEADERS, *headers_of(error))
        exchange.respond(status_of(error), headers, msgspec.json.encode(body))


def _find(exchange: Exchange) -> tuple[Route, dict[str, str]]:
    """The route of a request. Raises ServiceError `not_found`, `method_not_allowed`."""
    method = "GET" if exchange.method == "HEAD" else exchange.method
    path, allowed = exchange.path.rstrip("/"), set[str]()
    for route in ROUTES:
        match = route.pattern.fullmatch(path)
        if match is not None:
            if route.method == method:
                return route, match.groupdict()
            allowed.add(route.method)
    if allowed:
        raise MethodRefused(allowed)
    raise not_found("address")


def _check_origin(exchange: Exchange, route: Route, visit: ConsoleRequest, public_url: str) -> None:
    """A write by cookie comes from our own pages, and is JSON, which no form can send."""
    if route.method == "GET":
        return
    headers = exchange.headers
    content_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type != "application/json":
        raise ServiceError("json_only", "the body must be application/json")
    if visit.visitor.key is not None:
        return
    site = headers.get("sec-fetch-site", "same-origin")
    own = {urlsplit(public_url).netloc, headers.get("host", "")} - {""}
    if site != "same-origin" or urlsplit(headers.get("origin", "")).netloc not in own:
        message = "the request does not come from a page of the console"
        raise ServiceError("wrong_origin", message)


async def _check_permission(route: Route, visit: ConsoleRequest) -> None:
    """Who may use the route, and whether they were proven lately enough for it.

    Raises `not_signed_in`, `not_allowed`, `not_found`, `terms_required`, `step_up_required`.
    """
    await _check_access(route, visit)
    if route.access.who != "anybody" and not route.access.before_terms:
        check_terms(visit.house.site(), visit.visitor.user)
    session = visit.visitor.session
    if route.access.needs_fresh and session is not None and not is_fresh(visit.context, session):
        raise step_up_required()


async def _check_access(route: Route, visit: ConsoleRequest) -> None:
    access, visitor = route.access, visit.visitor
    if access.who == "anybody":
        return
    _check_known(visitor)
    if visitor.key is not None and not access.takes_keys:
        raise ServiceError("not_allowed", "this is for people, not for management keys")
    if access.who == "person":
        return
    member_role = visitor.member_role(visit.places.get("account", ""))
    if access.who == "member" and member_role is not None:
        if member_role in access.members or visitor.role in access.roles:
            return
        raise ServiceError("not_allowed", "your role in this account may not do this")
    if visitor.waits_for is not None:
        raise sign_in_required(visitor.waits_for)
    if visitor.role is None:
        # To a customer, an account of others does not exist.
        raise not_found("account") if access.who == "member" else _not_allowed()
    if visitor.role not in access.roles or (access.spends and not may_spend(visit)):
        raise _not_allowed()
    if "account" in visit.places:
        await _check_account(visit)


def _check_known(visitor: Caller) -> None:
    if visitor.user is None and visitor.key is None:
        raise ServiceError("not_signed_in", "sign in first")


async def _check_account(visit: ConsoleRequest) -> None:
    """There must be the account that an operator names."""
    if await visit.context.ledger.account(visit.account_id) is None:
        raise not_found("account")


def _not_allowed() -> ServiceError:
    return ServiceError("not_allowed", "your role may not do this")


async def _asked(exchange: Exchange, route: Route) -> Any:
    """What the caller asks, in the route's shape. Raises `invalid_argument`, `invalid_json`."""
    try:
        if route.method == "GET":
            if route.asks is Empty:
                return Empty()
            fields = dict(parse_qsl(exchange.query[:8192], keep_blank_values=False))
            return msgspec.convert(fields, route.asks, strict=False)
        body = await exchange.body(BODY_BYTES_MAX)
        return msgspec.json.decode(body or b"{}", type=route.asks)
    except msgspec.ValidationError as error:
        raise explained(error, route.asks) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise ServiceError("invalid_json", "the body is not valid JSON") from None


def _answer_polled(exchange: Exchange, visit: ConsoleRequest, body: bytes) -> None:
    """The answer, unless the caller's own copy of it is still good.

    Browsers keep it for this person alone, and ask before each use.
    """
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = (("cache-control", "private, no-cache"), ("vary", "cookie, authorization"))
    headers = (JSON_TYPE, _NO_SNIFF, *kept, ("etag", tag), *visit.answer_headers)
    if tag in exchange.headers.get("if-none-match", ""):
        exchange.respond(304, headers)
    else:
        exchange.respond(200, headers, body)


def _file_headers(answer: Download) -> tuple[Header, ...]:
    return (
        ("content-type", "text/csv; charset=utf-8"),
        ("content-disposition", f'attachment; filename="{answer.file_name}"'),
        _NO_STORE,
        _NO_SNIFF,
    )


async def _send(
    exchange: Exchange, headers: tuple[Header, ...], pieces: AsyncIterator[bytes]
) -> None:
    try:
        with translate_errors():  # what is asked amiss is refused before the head is sent
            first = await anext(pieces, b"")
        exchange.begin_stream(200, headers)
        exchange.write(first)
        await exchange.drain()
        async for piece in pieces:
            exchange.write(piece)
            await exchange.drain()
    finally:  # whoever goes away ends what makes the pieces, too
        if isinstance(pieces, AsyncGenerator):
            await pieces.aclose()
    exchange.finish()
