"""Other models that answer in place of the one that was asked for.

The operator names them in the catalog (`fallback`), or the client in its request: `models`,
a list of names, or `fallbacks`, a list of names or of `{"model": name}`. A client's own list
takes the place of the operator's, and an empty one wants none. Names that are not known
here, or that its token may not use, are passed over.

All of them are written and bounded before anything is held, so that one hold covers each.
The next one is tried while nothing was delivered, where the one before failed or had no
channel, and where it answered nothing but that a filter stopped it. Each counts in its own
limits when it is tried; it is charged at its own price if it is the one that answers.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from yiyuan.dialects.canonical import GenerationRequest, GenerationResponse, Request
from yiyuan.gateway.admission import Admission
from yiyuan.gateway.hold.others import Plan
from yiyuan.gateway.hold.token_budgets import tightest_budget
from yiyuan.gateway.request.context import Admitted, Other, Reserved, UpstreamCall
from yiyuan.gateway.upstream.answer import StreamAnswer
from yiyuan.gateway.upstream.fallback import Fallback
from yiyuan.gateway.upstream.whole_answer import WholeAnswer
from yiyuan.kernel.errors import ApiError, NoChannelAvailable, UpstreamError, UpstreamTimeout
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.operations import Refused, Switch
from yiyuan.pricing.model import FALLBACK_MAX

NAMED_BY_CLIENTS: Final = frozenset({"models", "fallbacks"})
"""Fields in which clients name other models."""
_MAY_HELP: Final = (UpstreamError, NoChannelAvailable, UpstreamTimeout)

Answer = TypeVar("Answer")


class OtherModels:
    """Prepares them before the hold, and lets the next one take over."""

    def __init__(self, admission: Admission, fallback: Fallback, ledger: Ledger) -> None:
        """All three are shared by all requests."""
        self._admission = admission
        self._fallback = fallback
        self._ledger = ledger

    async def plans(self, admitted: Admitted) -> list[Plan]:
        """How a request would be sent to each other model that may answer it."""
        named = take_names(admitted.request)
        names = admitted.model.fallback if named is None else named
        found: list[Plan] = []
        for name in dict.fromkeys(names):
            if name == admitted.model.name or len(found) == FALLBACK_MAX:
                continue
            other = self._admission.other(admitted, name)
            plan = None if other is None else await self._plan(other)
            if plan is not None:
                found.append(plan)
        return found

    async def _plan(self, other: Admitted) -> Plan | None:
        operation, request = other.context.operation, other.request
        calls = [UpstreamCall(operation, request)]
        try:
            if operation.needs_split(request):
                parts = operation.split(request, self._fallback.dialects_for(other))
                calls = [UpstreamCall(operation, *part) for part in parts]
            return Plan(other, calls, await other.context.run(self._fallback.drafts, other, calls))
        except ApiError:  # no channel of it can carry the request
            return None

    async def first(self, admitted: Admitted, plans: list[Plan]) -> Plan | None:
        """The plan that takes the place of a model which no channel serves, counted."""
        while plans:
            plan = plans.pop(0)
            if await self._admission.count_other(plan.admitted):
                self._admission.settle(admitted, None)
                admitted.context.failed_models += (admitted.model.name,)
                admitted.context.admitted = plan.admitted
                return plan
        return None

    async def answered(
        self, reserved: Reserved, ask: Callable[[Reserved], Awaitable[Answer]]
    ) -> Answer:
        """What `ask` gets from the first model that answers.

        Raises what the first of them failed with, when all have.
        """
        first: ApiError | None = None
        while True:
            try:
                answer = await ask(reserved)
            except _MAY_HELP as error:
                first = first or error
                failed = reserved.admitted.model.name
                if not await self._take_over(reserved):
                    raise first from None
                reserved.context.failed_models += (failed,)
            else:
                if not _is_filtered(answer) or not await self._take_over(reserved):
                    return answer
                if isinstance(answer, StreamAnswer):
                    answer.close()

    async def _take_over(self, reserved: Reserved) -> bool:
        """Have the next model that its limits allow stand in the hold; False: none is left."""
        others = list(reserved.others)
        while others:
            other = others.pop(0)
            reserved.others = others
            admitted = other.admitted
            if not await self._admission.count_other(admitted):
                continue
            keys = admitted.api_token.budgets_for(admitted.model.name)
            budget_ids = tuple(key.id for key in keys)
            if isinstance(await self._ledger.switch(_switch(other, budget_ids)), Refused):
                self._admission.give_back(admitted)
                continue
            self._admission.settle(reserved.admitted, None)
            _become(reserved, other)
            reserved.budget = await tightest_budget(self._ledger, keys) if keys else None
            return True
        return False


def take_names(request: Request) -> list[str] | None:
    """What a client names itself, taken out of its request; None: it names nothing."""
    found: list[str] | None = None
    for field in sorted(NAMED_BY_CLIENTS & request.raw.keys()):
        value = request.raw.pop(field)
        if isinstance(request, GenerationRequest) and field in request.unmapped:
            request.unmapped.remove(field)
        if type(value) is list:
            found = (found or []) + [name for item in value if (name := _name(item)) is not None]
    return found


def _name(item: Any) -> str | None:
    name = item.get("model") if type(item) is dict else item
    return name if type(name) is str else None


def _is_filtered(answer: object) -> bool:
    """Whether a filter left nothing of an answer."""
    if isinstance(answer, StreamAnswer):
        return answer.is_filtered
    if not isinstance(answer, WholeAnswer) or not isinstance(answer.response, GenerationResponse):
        return False
    return all(
        choice.finish == "content_filter"
        and not (choice.text or choice.reasoning or choice.tool_calls or choice.unread)
        for choice in answer.response.choices
    )


def _switch(other: Other, budget_ids: tuple[str, ...]) -> Switch:
    admitted = other.admitted
    return Switch(
        request_id=admitted.context.request_id,
        model=admitted.model.name,
        price=admitted.model.price,
        price_factor_ppm=admitted.price_factor_ppm,
        input_bound=other.input_bound,
        output_bound=other.output_bound,
        budget_ids=budget_ids,
        account_concurrency=admitted.model.concurrency,
    )


def _become(reserved: Reserved, other: Other) -> None:
    """From now on the request is one to the other model."""
    reserved.asked_model = reserved.asked_model or reserved.admitted.model.name
    reserved.admitted = reserved.context.admitted = other.admitted
    reserved.calls, reserved.only = other.calls, None
    reserved.input_bound = other.input_bound
    reserved.output_bound = other.output_bound
    reserved.per_choice = other.per_choice
    reserved.clamped_to = other.clamped_to
    reserved.reply.model = other.admitted.model.name
