"""How much a request may cost, and holding that much: 402.

The hold is a strict upper bound. The input is bounded by bytes while that costs
under a tenth of what is available, and counted exactly otherwise; the output by
the client's own maximum, or by the model's. A client that set no maximum gets a
lower one when its balance cannot cover the model's. A request that is refused
only because of the account's other open holds waits for them up to two seconds.
"""

from collections.abc import Awaitable, Callable, Sequence

from yiyuan.auth.api_token import BudgetKey
from yiyuan.dialects.canonical import Reply
from yiyuan.gateway.hold.bound import (
    COUNTED_BYTES_MAX,
    Drafts,
    byte_bound,
    exact_bound,
    has_unseen,
    least_bound,
    unseen_tokens,
)
from yiyuan.gateway.hold.counting import LOOP_FRIENDLY_BYTES
from yiyuan.gateway.hold.others import Plan, Wanted, payable
from yiyuan.gateway.hold.token_budgets import RefusingBudget, budget_headers, tightest_budget
from yiyuan.gateway.hold.want import ENOUGH, Want, asked_for, hold_of
from yiyuan.gateway.operations.vocabulary import make_ready
from yiyuan.gateway.request.context import Admitted, Reserved, UpstreamCall
from yiyuan.gateway.request.links import Links
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
from yiyuan.kernel.limit_errors import FileMayNeedMore, MemberBudgetExceeded
from yiyuan.kernel.money import format_amount
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.operations import Held, Refused
from yiyuan.pricing.counting import vocabulary_of

CountUnseen = Callable[[Admitted, Drafts], Awaitable[None]]
WAIT_SECONDS = 2.0
_NO_RETRY: Header = ("x-should-retry", "false")


class Reserve:
    """Holds money before anything is sent."""

    def __init__(self, ledger: Ledger, clock: Clock, links: Links, count: CountUnseen) -> None:
        """`links` are what the 402 text points to.

        `count` has upstreams count drafts with parts of unseen size, as far as they can.
        """
        self._count = count
        self._book = ledger
        self._clock = clock
        self._links = links

    def refuse_penniless(self, admitted: Admitted) -> None:
        """402 when there is not even the money for one token, before the request is written."""
        self._refuse_hopeless(admitted, 1)

    async def hold(
        self,
        admitted: Admitted,
        calls: list[UpstreamCall],
        drafts: Drafts,
        others: Sequence[Plan] = (),
    ) -> Reserved:
        """Hold the upper bound of what `calls` may cost, as drafted. Raises 402, 403, 429.

        It covers the dearest of `others` too. Those that cannot be paid are left out.
        """
        api_token = admitted.api_token
        keys: tuple[BudgetKey, ...] = ()
        available = admitted.available_micros
        if api_token.budgets:
            keys = api_token.budgets_for(admitted.model.name)
            available = await self._available(api_token.account_id, keys)
        want = await self._want(admitted, drafts, len(calls), available)
        wanted = await self._wanted(others, available) if others else ()
        deadline = self._clock.monotonic() + WAIT_SECONDS
        while True:
            per_choice, amount = _affordable_maximum(want, available)
            amount, spare = payable(wanted, amount, available) if wanted else (amount, ())
            asked = hold_of(admitted, keys, want.input_bound, per_choice * want.choices, amount)
            result = await self._book.hold(asked)
            if isinstance(result, Held):
                reserved = _reserved(admitted, calls, want, per_choice, amount)
                reserved.others = spare
                if keys:
                    reserved.budget = await tightest_budget(self._book, keys)
                return reserved
            if wanted:  # what the model itself may cost is perhaps there
                wanted = ()
                continue
            if not await self._room_comes(result, want, admitted, deadline):
                raise self._refusal(result, want, admitted)
            available = await self._available(api_token.account_id, keys)

    async def _room_comes(
        self, refused: Refused, want: Want, admitted: Admitted, deadline: float
    ) -> bool:
        """Whether one of the account's own holds that could help ended, before the deadline."""
        left = deadline - self._clock.monotonic()
        if left <= 0 or not _would_fit_without_holds(refused, want):
            return False
        admitted.context.end_turn()  # those that it waits for may need one
        return await self._book.released(admitted.api_token.account_id, left)

    async def _want(self, admitted: Admitted, drafts: Drafts, calls: int, available: int) -> Want:
        """Bound the request: input by bytes or exactly, output by its maximum.

        Raises InsufficientBalance for what could not be paid however it were counted.
        """
        context, model = admitted.context, admitted.model
        asked = (context.operation, admitted.request, drafts, model, calls)
        heavy = context.is_heavy
        bound = await context.run(byte_bound, *asked) if heavy else byte_bound(*asked)
        want = asked_for(admitted, bound, drafts)
        # Most could pay ten times all of it; the input alone need not be asked for then.
        if want.full_cost * ENOUGH <= available or want.cost(0) * ENOUGH <= available:
            return want
        if want.full_cost > available and has_unseen(drafts):
            self._refuse_hopeless(admitted, 1)
            context.end_turn()  # it waits for an upstream now
            await self._count(admitted, drafts)
            want = asked_for(admitted, await context.run(byte_bound, *asked), drafts)
        unseen = want.unseen_tokens = unseen_tokens(drafts, model.context_tokens)
        is_long = want.input_bound > LOOP_FRIENDLY_BYTES
        if is_long:
            least = await context.run_long(least_bound, *asked)
            self._refuse_hopeless(admitted, least, unseen)
        if want.input_bound > COUNTED_BYTES_MAX:
            return want
        vocabulary = vocabulary_of(_upstream_name(admitted))
        await make_ready(vocabulary)
        if is_long:
            exact = await context.run_long(exact_bound, *asked, vocabulary)
        else:
            exact = exact_bound(*asked, vocabulary)
        want = asked_for(admitted, exact, drafts)
        want.unseen_tokens = unseen
        return want

    async def _wanted(self, others: Sequence[Plan], available: int) -> list[Wanted]:
        """What other models ask for; those that cannot be bounded or paid are left out."""
        found = []
        for plan in others:
            try:
                want = await self._want(plan.admitted, plan.drafts, len(plan.calls), available)
            except ApiError:
                continue
            found.append(Wanted(plan, want))
        return found

    def _refuse_hopeless(self, admitted: Admitted, least: int, unseen: int = 0) -> None:
        """402 at once when not even the least that the request costs is there."""
        want = asked_for(admitted, least)
        want.unseen_tokens = unseen
        posted = admitted.posted_micros
        if want.cost(want.lowest) <= posted:
            return
        available = admitted.available_micros
        refused = Refused(
            which="balance",
            required_micros=want.cost(want.lowest),
            available_micros=available,
            held_micros=posted - available,
            posted_micros=posted,
        )
        refusal = self._refusal(refused, want, admitted)
        refusal.details["affordable_max_tokens"] = 0  # the least of the input says too much
        raise refusal

    async def _available(self, account_id: str, keys: tuple[BudgetKey, ...]) -> int:
        """What the account and the token's budgets together leave, in micros."""
        account = await self._book.account(account_id)
        available = account.available_micros if account else 0
        budget = await tightest_budget(self._book, keys)
        if budget is not None and budget.available_micros is not None:
            available = min(available, budget.available_micros)
        return available

    def _refusal(self, refused: Refused, want: Want, admitted: Admitted) -> ApiError:
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
            kind = MemberBudgetExceeded if budget.of == "member" else TokenBudgetExceeded
            return kind(
                headers=(_NO_RETRY, *budget_headers(available, budget.resets_at)),
                details={**self._figures(refused, want, available), **budget.details()},
                required=format_amount(want.full_cost),
                available=format_amount(available),
                budget=budget.name(),
                remedy=budget.remedy(),
            )
        empty = FileMayNeedMore if want.unseen_tokens else InsufficientBalance
        return empty(
            headers=(_NO_RETRY,),
            details=self._figures(refused, want, refused.available_micros),
            unseen_tokens=f"{want.unseen_tokens:,}",
            required=format_amount(want.full_cost),
            available=format_amount(refused.available_micros),
            topup_url=self._links.topup_url,
        )

    def _figures(self, refused: Refused, want: Want, available: int) -> dict[str, object]:
        """What every 402 tells in numbers."""
        unseen = {"file_tokens_max": want.unseen_tokens} if want.unseen_tokens else {}
        return {
            "required": want.full_cost,
            "available": available,
            "held": refused.held_micros,
            "affordable_max_tokens": max(0, want.affordable(available)),
            "topup_url": self._links.topup_url,
            **unseen,
        }


def _reserved(
    admitted: Admitted, calls: list[UpstreamCall], want: Want, per_choice: int, amount: int
) -> Reserved:
    return Reserved(
        context=admitted.context,
        admitted=admitted,
        calls=calls,
        reply=_reply(admitted),
        amount_micros=amount,
        input_bound=want.input_bound,
        output_bound=per_choice * want.choices,
        per_choice=per_choice,
        clamped_to=per_choice - want.beside if per_choice < want.per_choice else None,
    )


def _reply(admitted: Admitted) -> Reply:
    request, context = admitted.request, admitted.context
    return Reply(context.request_id, context.admitted_ms // 1000, request, request.model)


def _affordable_maximum(want: Want, available: int) -> tuple[int, int]:
    """Output tokens a choice to hold for, lowered if that may be and must be; and micros."""
    full = want.full_cost
    if want.floor is None or full <= available:
        return want.per_choice, full
    lowered = min(want.per_choice, max(want.floor, want.affordable(available)))
    return lowered, want.cost(lowered)


def _would_fit_without_holds(refused: Refused, want: Want) -> bool:
    """Whether waiting for the account's own open holds can help."""
    if refused.may_fit_later:
        return True
    return (
        want.floor is not None
        and refused.which == "balance"
        and (want.cost(min(want.floor, want.per_choice)) <= refused.posted_micros)
    )


def _upstream_name(admitted: Admitted) -> str:
    """What the first channel calls the model: its vocabulary is assumed for all."""
    channels = admitted.catalog.channels_for(admitted.model.name, admitted.group)
    return channels[0].models[admitted.model.name] if channels else admitted.model.name
