"""How much a request may cost, and holding that much: 402.

The hold is a strict upper bound. The input is bounded by bytes while that costs
under a tenth of what is available, and counted exactly otherwise; the output by
the client's own maximum, or by the model's. A client that set no maximum gets a
lower one when its balance cannot cover the model's. A request that is refused
only because of the account's other open holds waits for them up to two seconds.
"""

import asyncio
from dataclasses import dataclass

from yiyuan.access.api_token import BudgetKey
from yiyuan.dialects.canon import GenerationRequest
from yiyuan.dialects.dialect import Request
from yiyuan.gateway.admission import Links
from yiyuan.gateway.bound import byte_bound, exact_bound
from yiyuan.gateway.counting import LOOP_FRIENDLY_BYTES, make_ready
from yiyuan.gateway.job import Admitted, Job, Reserved
from yiyuan.gateway.token_budgets import RefusingBudget, budget_headers, tightest_budget
from yiyuan.kernel.clock import Clock
from yiyuan.kernel.errors import (
    AccountSuspended,
    ApiError,
    ConcurrencyLimitExceeded,
    Header,
    InsufficientBalance,
    TokenBudgetExceeded,
    retry_headers,
)
from yiyuan.kernel.money import MICROS_MAX, format_amount
from yiyuan.ledger.ledger import Ledger
from yiyuan.ledger.operations import Held, Hold, Refused
from yiyuan.pricing.counting import vocabulary_of
from yiyuan.pricing.price import Price

WAIT_SECONDS = 2.0
CLAMP_FLOOR_TOKENS = 16
EXPLICIT_CLAMP_FLOOR_TOKENS = 1024
DEFAULT_OUTPUT_TOKENS = 4096
HOLD_DEADLINE_MS = 6 * 3_600_000
_NO_RETRY: Header = ("x-should-retry", "false")


@dataclass(slots=True)
class _Want:
    """What a request asks for, in numbers."""

    price: Price
    factor_ppm: int
    admitted_ms: int
    input_bound: int
    choices: int
    """Choices over all prompts: each may use the whole output maximum."""
    per_choice: int
    floor: int | None
    """The least maximum that may replace `per_choice`; None: it must not be lowered."""

    def cost(self, per_choice: int) -> int:
        """Micros to hold for `per_choice` output tokens a choice."""
        bound = self.price.bound_micros(
            self.input_bound,
            per_choice * self.choices,
            factor_ppm=self.factor_ppm,
            admitted_ms=self.admitted_ms,
        )
        return min(bound, MICROS_MAX)  # more than anyone can have: refused, not an error

    def affordable(self, available_micros: int) -> int:
        """Output tokens a choice that `available_micros` cover; -1 if not even none."""
        total = self.price.affordable_output(
            available_micros,
            self.input_bound,
            self.per_choice * self.choices,
            factor_ppm=self.factor_ppm,
            admitted_ms=self.admitted_ms,
        )
        return total // self.choices if total >= 0 else -1


class Reserve:
    """Holds money before anything is sent."""

    def __init__(self, book: Ledger, clock: Clock, links: Links) -> None:
        """`links` are what the 402 text points to."""
        self._book = book
        self._clock = clock
        self._links = links

    async def hold(self, job: Job) -> Reserved:
        """Hold the request's upper bound. Raises 402, 403, 429."""
        request, admitted = job.request, job.admitted
        assert request is not None
        assert admitted is not None
        api_token = admitted.api_token
        keys: tuple[BudgetKey, ...] = ()
        available = admitted.available_micros
        if api_token.budgets:
            keys = api_token.budgets_for(admitted.model.name)
            available = await self._available(api_token.account_id, keys)
        want = await _want(request, admitted, job.admitted_ms, _copies(job), available)
        deadline = self._clock.monotonic() + WAIT_SECONDS
        while True:
            per_choice, amount = _affordable_maximum(want, available)
            result = await self._book.hold(_operation(job, want, keys, per_choice, amount))
            if isinstance(result, Held):
                return Reserved(
                    amount,
                    want.input_bound,
                    per_choice * want.choices,
                    per_choice,
                    clamped_to=per_choice if per_choice < want.per_choice else None,
                    budget=await tightest_budget(self._book, keys) if keys else None,
                )
            left = deadline - self._clock.monotonic()
            if left <= 0 or not _would_fit_without_holds(result, want):
                raise self._refusal(result, want, admitted)
            if not await self._book.released(api_token.account_id, left):
                raise self._refusal(result, want, admitted)
            available = await self._available(api_token.account_id, keys)

    async def _available(self, account_id: str, keys: tuple[BudgetKey, ...]) -> int:
        """What the account and the token's budgets together leave, in micros."""
        account = await self._book.account(account_id)
        available = account.available_micros if account else 0
        budget = await tightest_budget(self._book, keys)
        if budget is not None and budget.available_micros is not None:
            available = min(available, budget.available_micros)
        return available

    def _refusal(self, refused: Refused, want: _Want, admitted: Admitted) -> ApiError:
        if refused.which == "suspended":
            return AccountSuspended()
        if refused.which == "concurrency":
            return ConcurrencyLimitExceeded(
                headers=retry_headers(1),
                model=admitted.model.name,
                limit=admitted.model.concurrency,
            )
        if refused.which == "budget":
            budget = RefusingBudget(admitted.api_token, refused.budget_id, want.admitted_ms)
            available = refused.budget_available_micros or 0
            return TokenBudgetExceeded(
                headers=(_NO_RETRY, *budget_headers(available, budget.resets_at)),
                details={**self._figures(refused, want, available), **budget.details()},
                required=format_amount(want.cost(want.per_choice)),
                available=format_amount(available),
                budget=budget.name(),
                remedy=budget.remedy(),
            )
        return InsufficientBalance(
            headers=(_NO_RETRY,),
            details=self._figures(refused, want, refused.available_micros),
            required=format_amount(want.cost(want.per_choice)),
            available=format_amount(refused.available_micros),
            topup_url=self._links.topup_url,
        )

    def _figures(self, refused: Refused, want: _Want, available: int) -> dict[str, object]:
        """What every 402 tells in numbers."""
        return {
            "required": want.cost(want.per_choice),
            "available": available,
            "held": refused.held_micros,
            "affordable_max_tokens": max(0, want.affordable(available)),
            "topup_url": self._links.topup_url,
        }


def _copies(job: Job) -> int:
    """How often each prompt is sent: once per choice where no call can make several."""
    if not isinstance(job.request, GenerationRequest):
        return 1
    return max(1, len(job.calls) // len(job.request.conversations))


def _affordable_maximum(want: _Want, available: int) -> tuple[int, int]:
    """Output tokens a choice to hold for, lowered if that may be and must be; and micros."""
    full = want.cost(want.per_choice)
    if want.floor is None or full <= available:
        return want.per_choice, full
    lowered = min(want.per_choice, max(want.floor, want.affordable(available)))
    return lowered, want.cost(lowered)


def _would_fit_without_holds(refused: Refused, want: _Want) -> bool:
    """Whether waiting for the account's own open holds can help."""
    if refused.may_fit_later:
        return True
    return (
        want.floor is not None
        and refused.which == "balance"
        and (want.cost(min(want.floor, want.per_choice)) <= refused.posted_micros)
    )


def _operation(
    job: Job, want: _Want, keys: tuple[BudgetKey, ...], per_choice: int, amount_micros: int
) -> Hold:
    admitted = job.admitted
    assert admitted is not None
    api_token = admitted.api_token
    return Hold(
        request_id=job.request_id,
        account_id=api_token.account_id,
        api_token_id=api_token.id,
        budget_ids=tuple(key.id for key in keys) if keys else (),
        model=admitted.model.name,
        price=want.price,
        price_factor_ppm=want.factor_ppm,
        amount_micros=amount_micros,
        input_bound=want.input_bound,
        output_bound=per_choice * want.choices,
        opened_at=job.admitted_ms,
        deadline=job.admitted_ms + HOLD_DEADLINE_MS,
        account_concurrency=admitted.model.concurrency,
    )


async def _want(
    request: Request, admitted: Admitted, admitted_ms: int, copies: int, available: int
) -> _Want:
    """Bound the request: input by bytes or exactly, output by its maximum."""
    model = admitted.model
    choices, per_choice, floor = 1, 0, None
    if isinstance(request, GenerationRequest):
        choices = max(request.n, request.best_of or 1) * len(request.conversations)
        per_choice, floor = _output_maximum(request, admitted)
    input_bound = byte_bound(request, model, copies)
    want = _Want(
        model.price,
        admitted.price_factor_ppm,
        admitted_ms,
        input_bound,
        choices,
        per_choice,
        floor,
    )
    if want.cost(0) * 10 <= available:
        return want
    vocabulary = vocabulary_of(_upstream_name(admitted))
    await make_ready(vocabulary)
    if input_bound > LOOP_FRIENDLY_BYTES:
        exact = await asyncio.to_thread(exact_bound, request, vocabulary, model, copies)
    else:
        exact = exact_bound(request, vocabulary, model, copies)
    want.input_bound = exact
    return want


def _output_maximum(request: GenerationRequest, admitted: Admitted) -> tuple[int, int | None]:
    """Output tokens a choice may have, and how far that may be lowered (None: not at all)."""
    model = admitted.model
    thinking = request.thinking_budget or 0
    explicit = request.max_output_tokens
    if explicit is None:
        maximum = model.max_output_tokens or model.context_tokens or DEFAULT_OUTPUT_TOKENS
        return maximum, max(CLAMP_FLOOR_TOKENS, thinking + 1)
    floor = max(EXPLICIT_CLAMP_FLOOR_TOKENS, thinking + 1)
    return explicit, floor if admitted.api_token.clamp_explicit and explicit > floor else None


def _upstream_name(admitted: Admitted) -> str:
    """What the first channel calls the model: its vocabulary is assumed for all."""
    channels = admitted.catalog.channels_for(admitted.model.name)
    return channels[0].models[admitted.model.name] if channels else admitted.model.name
