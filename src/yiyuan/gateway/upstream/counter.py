"""Asks an upstream how many tokens a request has, where it counts them for nothing.

For the public path that counts, and before a request is refused whose parts have sizes
that nobody can see: a document of one page may be held for as the model's whole context,
and only who would answer it can say that it is one page.

A count becomes a bound with a fiftieth more, and what of the body was not counted counts
by its bytes. It holds for a draft only when every channel that may get that draft was
asked, by the upstream's name of the model; otherwise the context stays the bound.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from yiyuan.auth.api_token import ApiToken
from yiyuan.dialects.canonical import Json
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.hold.bound import Draft, Drafts
from yiyuan.gateway.request.context import Admitted
from yiyuan.gateway.upstream.way import endpoint_for
from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.integrations.providers.contract import Destination, Endpoint
from yiyuan.kernel.errors import Header
from yiyuan.kernel.money import divide_up
from yiyuan.pricing.model import Model
from yiyuan.routing.own_call import own_call
from yiyuan.routing.router import Candidate, Router
from yiyuan.routing.sessions import CredentialFailed, Sessions

TIMEOUT_SECONDS = 5.0
ASKS_MAX = 4
"""A request; with more formats and names than that its bound stays the context."""
ANSWER_BYTES_MAX = 65_536
MARGIN_PERCENT = 2
MARGIN_TOKENS = 64

MayCount = Callable[[ApiToken, Model], Awaitable[bool]]
"""Whether an account may have an upstream count once more."""


class UpstreamCounter:
    """The counters of all channels."""

    def __init__(
        self, client: Client, router: Router, sessions: Sessions, dialects: dict[str, Dialect]
    ) -> None:
        """`sessions` gives the credentials, as for requests that are answered."""
        self._client = client
        self._router = router
        self._sessions = sessions
        self._dialects = dialects

    async def count(
        self, candidate: Candidate, endpoint: Endpoint, body: Json, sent: dict[str, str]
    ) -> int | None:
        """The count of a body in the endpoint's format; None when there is none to be had.

        `sent` are the client's headers, of which the endpoint forwards some.
        """
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._ask(candidate, endpoint, body, sent)
        except (UpstreamFailure, CredentialFailed, TimeoutError, ValueError):
            return None

    async def fill(self, may_count: MayCount, admitted: Admitted, drafts: Drafts) -> None:
        """Note the counts of those drafts that have parts of unseen size, where all are known."""
        opaque = [draft for each in drafts for draft in each if draft.contents.opaque]
        candidates = self._candidates(admitted)
        asks = [self._asks(admitted, draft, candidates) for draft in opaque]
        number = sum(map(len, asks))
        if not 0 < number <= ASKS_MAX or not await may_count(admitted.api_token, admitted.model):
            return
        for draft, wanted in zip(opaque, asks, strict=True):
            counts = await asyncio.gather(*(self._bound(admitted, draft, *way) for way in wanted))
            if counts and None not in counts:
                draft.contents.counted = max(count or 0 for count in counts)

    def _candidates(self, admitted: Admitted) -> dict[str, Candidate]:
        """The first key that may be tried of each channel, by the channel's id."""
        found: dict[str, Candidate] = {}
        name, account = admitted.model.name, admitted.api_token.account_id
        for candidate in self._router.candidates(
            admitted.catalog, name, admitted.group, account=account
        ):
            self._router.report_abandoned(candidate)
            found.setdefault(candidate.channel.id, candidate)
        return found

    def _asks(
        self, admitted: Admitted, draft: Draft, candidates: dict[str, Candidate]
    ) -> list[tuple[Candidate, Endpoint]]:
        """Whom to ask, one for each of the upstream's names; nobody when one has nobody."""
        found: dict[str, tuple[Candidate, Endpoint]] = {}
        names = set()
        for channel in draft.channels:
            name = channel.models[admitted.model.name]
            names.add(name)
            endpoint, candidate = endpoint_for(channel, admitted), candidates.get(channel.id)
            if candidate is not None and endpoint is not None and endpoint.counter is not None:
                found.setdefault(name, (candidate, endpoint))
        return list(found.values()) if found.keys() == names else []

    async def _bound(
        self, admitted: Admitted, draft: Draft, candidate: Candidate, endpoint: Endpoint
    ) -> int | None:
        """What a draft takes at most, by the count of one upstream."""
        assert endpoint.counter is not None
        fields = endpoint.counter.fields
        rest = {name: value for name, value in draft.body.items() if name not in fields}
        if self._dialects[endpoint.dialect].contents(rest).opaque:
            return None  # what has no visible size is not in the count
        sent = admitted.context.exchange.headers
        count = await self.count(candidate, endpoint, draft.body, sent)
        if count is None:
            return None
        more = divide_up(count * MARGIN_PERCENT, 100) + MARGIN_TOKENS
        return count + more + len(await admitted.context.run(orjson.dumps, rest))

    async def _ask(
        self, candidate: Candidate, endpoint: Endpoint, body: Json, sent: dict[str, str]
    ) -> int | None:
        channel, counter = candidate.channel, endpoint.counter
        if counter is None:
            return None
        destination = Destination(channel.base_url, candidate.upstream_model)
        wanted = {name: value for name, value in body.items() if name in counter.fields}
        if "model" in counter.fields:
            wanted["model"] = candidate.upstream_model
        if counter.wrap is not None:
            wanted = counter.wrap(wanted, destination)
        secret = await self._sessions.secret_of(channel, candidate.key)
        headers = [*_headers(endpoint, secret, sent), *channel.headers]
        url, written = counter.url(destination), orjson.dumps(wanted)
        call = own_call(channel, "POST", url, headers, written, TIMEOUT_SECONDS)
        response = await self._client.send(call)
        try:
            answer = orjson.loads(await response.read(ANSWER_BYTES_MAX))
        finally:
            response.close()
        return _stated(answer, counter.answer) if response.status == 200 else None


def _headers(endpoint: Endpoint, secret: str, sent: dict[str, str]) -> list[Header]:
    forwarded = [(name, sent[name]) for name in sorted(endpoint.forwarded_headers & sent.keys())]
    return [("content-type", "application/json"), *endpoint.credential(secret), *forwarded]


def _stated(answer: Any, name: str) -> int | None:
    """A count that can be true of something that was sent."""
    count = answer.get(name) if type(answer) is dict else None
    return count if type(count) is int and count > 0 else None
