"""`POST /v1/messages/count_tokens`: free, outside the limits, also at zero balance.

The upstream counts where it can; where it cannot, or does not answer, the count
is made here.
"""

import orjson

from yiyuan.dialects.canon import GenerationRequest, Json
from yiyuan.dialects.dialect import Dialect
from yiyuan.gateway.bound import local_input_count
from yiyuan.gateway.counting import make_ready
from yiyuan.pricing.counting import vocabulary_of
from yiyuan.upstream.catalog import Catalog
from yiyuan.upstream.failure import UpstreamFailure
from yiyuan.upstream.http_client import Client
from yiyuan.upstream.request import Call
from yiyuan.upstream.router import Candidate, Router

PATH = "/messages/count_tokens"
TIMEOUT_SECONDS = 10.0
BODY_BYTES_MAX = 65_536
FIELDS = frozenset({"model", "messages", "system", "tools", "tool_choice", "thinking"})


class CountTokens:
    """Counts the input of a request in Anthropic's format."""

    def __init__(self, dialect: Dialect, client: Client, router: Router) -> None:
        """`dialect` is Anthropic's."""
        self._dialect = dialect
        self._client = client
        self._router = router

    def read(self, body: Json) -> GenerationRequest:
        """The request whose input is to be counted. Raises InvalidRequest."""
        request = self._dialect.read_request({"max_tokens": 1, **body})
        assert isinstance(request, GenerationRequest)
        return request

    async def count(self, request: GenerationRequest, body: Json, catalog: Catalog) -> int:
        """Input tokens of `request`, which was read from `body`."""
        for candidate in self._router.candidates(catalog, request.model):
            self._router.report_abandoned(candidate)
            if candidate.channel.provider.counts_tokens:
                counted = await self._ask(candidate, body)
                if counted is not None:
                    return counted
            break
        channels = catalog.channels_for(request.model)
        name = channels[0].models[request.model] if channels else request.model
        vocabulary = vocabulary_of(name)
        await make_ready(vocabulary)
        return local_input_count(request, vocabulary)

    async def _ask(self, candidate: Candidate, body: Json) -> int | None:
        channel = candidate.channel
        wanted = {name: value for name, value in body.items() if name in FIELDS}
        wanted["model"] = candidate.upstream_model
        call = Call(
            method="POST",
            url=channel.provider.url(channel.base_url, PATH),
            headers=[
                ("content-type", "application/json"),
                *channel.provider.credential(candidate.key.secret),
                *channel.headers,
            ],
            body=orjson.dumps(wanted),
            proxy=channel.proxy,
            allow_private=channel.allow_private,
            connect_timeout=TIMEOUT_SECONDS,
            first_byte_timeout=TIMEOUT_SECONDS,
            idle_timeout=TIMEOUT_SECONDS,
        )
        try:
            response = await self._client.send(call)
            try:
                answer = orjson.loads(await response.read(BODY_BYTES_MAX))
            finally:
                response.close()
        except (UpstreamFailure, orjson.JSONDecodeError):
            return None
        count = answer.get("input_tokens") if isinstance(answer, dict) else None
        return count if response.status == 200 and isinstance(count, int) else None
