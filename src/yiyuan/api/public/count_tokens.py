"""Counting the input of a request: free, also at zero balance, with a limit of its own.

An account may count so many times a minute, and not at all while it is suspended. The
upstream counts where it can, at most as often as the account may ask its model; else, or
when it does not answer, the count is made here, so that nothing is amplified.
"""

from collections.abc import Callable

from yiyuan.dialects.canonical import Json, Request
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.admission import Admission
from yiyuan.gateway.hold.bound import local_input_count
from yiyuan.gateway.hold.counting import LOOP_FRIENDLY_BYTES
from yiyuan.gateway.operations import generation
from yiyuan.gateway.operations.vocabulary import make_ready
from yiyuan.gateway.request.intake import Arrival, Intake
from yiyuan.gateway.upstream.counter import UpstreamCounter
from yiyuan.http.server.exchange import Exchange
from yiyuan.kernel.errors import ApiError
from yiyuan.pricing.counting import vocabulary_of
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.router import Router


class CountTokens:
    """Counts the input of a request."""

    def __init__(
        self,
        dialect: Dialect,
        counter: UpstreamCounter,
        router: Router,
        admission: Admission,
        intake: Intake,
        catalog: Callable[[], Catalog],
    ) -> None:
        """`dialect` is Anthropic's, the one format that is counted upstream."""
        self._dialect = dialect
        self._counter = counter
        self._router = router
        self._admission = admission
        self._intake = intake
        self._catalog = catalog

    def read(self, body: Json) -> Request:
        """The request to be counted, in Anthropic's format. Raises InvalidRequest."""
        return self._dialect.read_request({"max_tokens": 1, **body})

    async def serve(
        self, exchange: Exchange, read: Callable[[Json], Request], *, is_local: bool = False
    ) -> int:
        """Input tokens of the request in the exchange's body; local ones ask nobody.

        Raises 401, 403, 404, 413, 429 and 400.
        """
        api_token = await self._admission.identify(exchange)
        await self._admission.account(api_token)
        arrival = self._intake.begin(api_token.account_id)
        refused: int | None = None
        try:
            await self._admission.admit_count(api_token)
            document, request = await self._intake.read(
                exchange, arrival, lambda body: (body, read(body))
            )
            catalog, group = self._catalog(), api_token.group
            model = self._admission.model(api_token, request.model, catalog)
            counted = None
            if not is_local and await self._admission.may_count_upstream(api_token, model):
                counted = await self._upstream(exchange, request, document, catalog, group)
            if counted is None:
                counted = await self._here(arrival, request, catalog, group)
        except ApiError as error:
            refused = error.status
            raise
        finally:
            self._intake.end(arrival, refused)
        return counted

    async def _upstream(
        self, exchange: Exchange, request: Request, body: Json, catalog: Catalog, group: str | None
    ) -> int | None:
        """The count of the first channel, where it has one."""
        for candidate in self._router.candidates(catalog, request.model, group):
            self._router.report_abandoned(candidate)
            format_, channel = self._dialect.name, candidate.channel
            endpoint = channel.endpoint(format_, self._dialect.operation, request.model)
            if endpoint is None or endpoint.dialect != format_:
                return None
            return await self._counter.count(candidate, endpoint, body, exchange.headers)
        return None

    async def _here(
        self, arrival: Arrival, request: Request, catalog: Catalog, group: str | None
    ) -> int:
        channels = catalog.channels_for(request.model, group)
        name = channels[0].models[request.model] if channels else request.model
        vocabulary = vocabulary_of(name)
        await make_ready(vocabulary)
        asked = (generation.OPERATION, request, vocabulary)
        if arrival.bytes <= LOOP_FRIENDLY_BYTES:
            return local_input_count(*asked)
        return await self._intake.work.run(arrival.account, local_input_count, *asked)
