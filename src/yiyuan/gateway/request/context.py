"""The state of one metered request, from its first byte to its log line.

Its stages are values: who has an `Admitted` knows that it may be sent as far as
identity and limits are concerned, and who has a `Reserved` that its money is
held. Only `Reserve` and `ShortWay` make the latter, and nothing is sent without one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, ParamSpec, TypeVar

from msgspec import Struct, field

from yiyuan.auth.api_token import ApiToken
from yiyuan.dialects.canonical import Reply, Request, Response, Target
from yiyuan.dialects.contract import Dialect
from yiyuan.dialects.quirks import Quirks
from yiyuan.gateway.operations.contract import Operation
from yiyuan.gateway.request.course import Way
from yiyuan.gateway.request.exchange import Exchange
from yiyuan.gateway.request.intake import Arrival
from yiyuan.gateway.request.meter import Meter
from yiyuan.kernel.errors import ApiError, Header
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.operations import Attempt, Settled
from yiyuan.ledger.rules.views import BudgetView
from yiyuan.pricing.model import Model
from yiyuan.ratelimit.window import Slot
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.channel import Channel
from yiyuan.routing.router import Candidate

P = ParamSpec("P")
T = TypeVar("T")
Source = Literal["upstream", "counted", "none"]


class Bill(Struct):
    """What to settle; `usage` is None when nothing is owed and the hold is voided."""

    usage: Usage | None
    source: Source


class Drafted(Way, kw_only=True):
    """A body that was written before its money was held, and for which way."""

    target: Target
    dropped: list[str]
    """Names that were left out of it; the request's own list as it was then."""

    def fits(self, dialect: str, target: Target) -> bool:
        """Whether the same body would be written for this way."""
        return self.course.dialect.name == dialect and self.target == target


class UpstreamCall(Struct):
    """One call to an upstream; most requests need one, some fan out into several."""

    operation: Operation
    request: Request
    first_index: int = 0
    """Index of its first choice among the choices of the whole request."""
    n: int = 1
    input_tokens: int = 0
    """Local count, for when the upstream tells none."""
    candidate: Candidate | None = None
    was_sent: bool = False
    """Whether a request was ever fully written to an upstream that did not fail it."""
    usage: Usage | None = None
    usage_is_final: bool = False
    """Whether `usage` came with or after the end of the output."""
    received_output: bool = False
    is_complete: bool = False
    upstream_request_id: str | None = None
    quirks: Quirks | None = None
    """Of the upstream model that answers."""
    proof_family: str = ""
    """Whose proofs its answer has; empty: the format's own."""
    drafted: Drafted | None = None
    """Where only one body can come into question: sent as it is if it fits the way."""
    attempt: Attempt | None = None
    """The attempt that answered; its cost is filled in at the end."""


class RequestContext(Struct):
    """One metered request; what of it is not there yet is None, for the report."""

    exchange: Exchange
    dialect: Dialect
    operation: Operation
    endpoint: str
    request_id: str
    language: str
    started_at: float
    """Monotonic seconds."""
    admitted_ms: int
    """Wall clock; decides which of the price's hours apply."""
    api_token: ApiToken | None = None
    arrival: Arrival | None = None
    """Its body, while and after it comes in."""
    request: Request | None = None
    is_heavy: bool = False
    """Whether its body is such that working on it would hold the loop up."""
    is_stream: bool = False
    """Whether the client asked for a stream; known with the request."""
    admitted: "Admitted | None" = None
    reserved: "Reserved | None" = None
    attempts: list[Attempt] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)
    first_byte_at: float | None = None
    response: Response | None = None
    """The whole answer, where it came whole."""
    finishes: Mapping[int, str] | None = None
    """How each choice of a stream ended, by its index."""
    status: int = 200
    outcome: str = ""
    error_code: str | None = None
    failed_models: tuple[str, ...] = ()
    """Models that failed before another one took over."""
    bill: Bill | None = None
    """Set once, when the hold ends."""
    settled: Settled | None = None
    charge_micros: int = 0
    """What was charged; 0 while, or if, nothing is."""

    async def run(self, function: Callable[P, T], *args: P.args, **names: P.kwargs) -> T:
        """Do something with the whole request: off the loop if its body is heavy.

        Most are not: what every request does asks first. Raises as `HeavyWork.run`.
        """
        if self.is_heavy:
            return await self.run_long(function, *args, **names)
        return function(*args, **names)

    async def run_long(self, function: Callable[P, T], *args: P.args, **names: P.kwargs) -> T:
        """Do something off the loop that takes long, whatever the body is. Raises likewise."""
        assert self.arrival is not None, "it was read"
        return await self.arrival.run(function, *args, **names)

    async def run_owed(self, function: Callable[[], T]) -> T:
        """Do something of a large answer off the loop; it is never refused."""
        assert self.arrival is not None, "it was read"
        return await self.arrival.run_owed(function)

    async def make_room(self, more_bytes: int) -> None:
        """Let more of the answer come, when there is room for it. Raises UpstreamFailure."""
        assert self.arrival is not None, "it was read"
        await self.arrival.make_room(more_bytes)

    def end_turn(self) -> None:
        """Let the account's next heavy request be looked at; twice is once."""
        if self.arrival is not None and self.arrival.has_turn:
            self.arrival.end_turn()

    def come_apart(self) -> None:
        """Let go of what points back here, when the request is over and told.

        What points in a circle waits for the garbage collector: some forty objects a request,
        through which it went again and again.
        """
        self.admitted = self.reserved = None

    def note_error(self, error: ApiError, outcome: str) -> None:
        """Remember how the request is answered when it is refused or fails."""
        self.status = error.status
        self.error_code = error.code
        self.outcome = outcome


class Admitted(Struct):
    """A request that may be sent, as far as identity and limits are concerned."""

    context: RequestContext
    request: Request
    api_token: ApiToken
    catalog: Catalog
    model: Model
    price_factor_ppm: int
    available_micros: int
    """Of the account, when it was admitted: what a first hold is measured by."""
    posted_micros: int
    """The account's money then, what other requests hold included."""
    headers: tuple[Header, ...]
    """The limit's state, for every response."""
    slot: Slot | None
    """What the limiter takes back when the request is refused after all."""
    group: str | None = None
    """The group whose channels serve it; its factor is part of the price factor."""
    unnamed_maximum: int | None = None
    """Output tokens that upstreams are told where the client named no maximum."""


class Other(Struct):
    """Another model that may answer: how it would be sent, within what is held already."""

    admitted: Admitted
    calls: list[UpstreamCall]
    input_bound: int
    output_bound: int
    per_choice: int
    clamped_to: int | None


class Reserved(Struct):
    """A request whose money is held; the only thing that can be sent."""

    context: RequestContext
    admitted: Admitted
    calls: list[UpstreamCall]
    reply: Reply
    amount_micros: int
    input_bound: int
    output_bound: int
    per_choice: int
    """Output tokens that one choice may have."""
    clamped_to: int | None
    """The maximum of output tokens that replaces the client's missing one."""
    budget: BudgetView | None = None
    """The tightest of the token's budgets, this hold included."""
    others: Sequence[Other] = ()
    """Models that may answer instead, as long as nothing was delivered; the next first."""
    only: Channel | None = None
    """The one channel that may answer, whoever asks; None: they have to be looked for."""
    asked_model: str | None = None
    """The model that was asked for, where another one answers."""
