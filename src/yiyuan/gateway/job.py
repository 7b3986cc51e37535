"""The state of one metered request, from its first byte to its log line."""

from dataclasses import dataclass, field
from typing import Literal

from yiyuan.access.api_token import ApiToken
from yiyuan.dialects.canon import GenerationRequest, Reply
from yiyuan.dialects.dialect import Dialect, Request
from yiyuan.gateway.exchange import Exchange
from yiyuan.gateway.meter import Meter
from yiyuan.kernel.errors import ApiError, Header
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.operations import Attempt, Settled
from yiyuan.ledger.views import BudgetView
from yiyuan.limits.window import Slot
from yiyuan.pricing.model import Model
from yiyuan.upstream.catalog import Catalog
from yiyuan.upstream.router import Candidate

Source = Literal["upstream", "counted", "none"]


@dataclass(slots=True)
class Admitted:
    """A request that may be sent, as far as identity and limits are concerned."""

    api_token: ApiToken
    catalog: Catalog
    model: Model
    price_factor_ppm: int
    available_micros: int
    """Of the account, when it was admitted: what a first hold is measured by."""
    headers: tuple[Header, ...]
    """The limit's state, for every response."""
    slot: Slot | None
    """What the limiter takes back when the request is refused after all."""


@dataclass(slots=True)
class Reserved:
    """What was held for a request."""

    amount_micros: int
    input_bound: int
    output_bound: int
    per_choice: int
    """Output tokens that one choice may have."""
    clamped_to: int | None
    """The maximum of output tokens that replaces the client's missing one."""
    budget: BudgetView | None = None
    """The tightest of the token's budgets, this hold included."""


@dataclass(slots=True)
class Bill:
    """What to settle; `usage` is None when nothing is owed and the hold is voided."""

    usage: Usage | None
    source: Source


@dataclass(slots=True)
class UpstreamCall:
    """One call to an upstream; most requests need one, some fan out into several."""

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
    attempt: Attempt | None = None
    """The attempt that answered; its cost is filled in at the end."""


@dataclass(slots=True)
class Job:
    """One metered request."""

    exchange: Exchange
    dialect: Dialect
    endpoint: str
    request_id: str
    language: str
    started_at: float
    """Monotonic seconds."""
    admitted_ms: int
    """Wall clock; decides which of the price's hours apply."""
    api_token: ApiToken | None = None
    request: Request | None = None
    admitted: Admitted | None = None
    reserved: Reserved | None = None
    reply: Reply | None = None
    calls: list[UpstreamCall] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    meter: Meter = field(default_factory=Meter)
    first_byte_at: float | None = None
    status: int = 200
    outcome: str = ""
    error_code: str | None = None
    bill: Bill | None = None
    """Set once, when the hold ends."""
    settled: Settled | None = None

    @property
    def charge_micros(self) -> int:
        """What was charged; 0 while, or if, nothing is."""
        return self.settled.charge_micros if self.settled is not None else 0

    def note_error(self, error: ApiError, outcome: str) -> None:
        """Remember how the request is answered when it is refused or fails."""
        self.status = error.status
        self.error_code = error.code
        self.outcome = outcome

    @property
    def is_stream(self) -> bool:
        """Whether the client asked for a stream."""
        return isinstance(self.request, GenerationRequest) and self.request.stream
