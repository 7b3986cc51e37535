"""What a request asks for, in numbers: its input's bound, its output, and what is held for both."""

from msgspec import Struct

from yiyuan.auth.api_token import BudgetKey
from yiyuan.dialects.contents import UNBOUNDED
from yiyuan.gateway.hold.bound import Drafts
from yiyuan.gateway.operations.contract import OutputLimits
from yiyuan.gateway.request.context import Admitted
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.ledger.operations import Hold
from yiyuan.pricing.model import Model
from yiyuan.pricing.price import Price

CLAMP_FLOOR_TOKENS = 16
EXPLICIT_CLAMP_FLOOR_TOKENS = 1024
ENOUGH = 10
"""Who has so many times what a bound by bytes costs need not have the input counted."""
HOLD_DEADLINE_MS = 6 * 3_600_000


class Want(Struct):
    """What a request asks for, in numbers."""

    price: Price
    factor_ppm: int
    admitted_ms: int
    input_bound: int
    choices: int
    """Choices over all prompts: each may use the whole output maximum.

    Twice as many where all of it is summed up first: that is written, too.
    """
    per_choice: int
    floor: int | None
    """The least maximum that may replace `per_choice`; None: it must not be lowered."""
    beside: int = 0
    """Of `per_choice`, what is thought beside the answer, whatever its maximum."""
    unseen_tokens: int = 0
    """What a part whose size nobody could see is held for; 0: there is none."""
    full_cost: int = 0
    """Micros to hold for `per_choice` output tokens a choice."""

    def __post_init__(self) -> None:
        """Find once what is looked at several times."""
        self.full_cost = self.cost(self.per_choice)

    def cost(self, per_choice: int) -> int:
        """Micros to hold for `per_choice` output tokens a choice."""
        bound = self.price.bound_micros(
            self.input_bound,
            per_choice * self.choices,
            factor_ppm=self.factor_ppm,
            admitted_ms=self.admitted_ms,
        )
        # More than anyone can have is refused, and no error.
        return min(MICROS_MAX, bound)

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

    @property
    def lowest(self) -> int:
        """The least maximum of output that it may be held for."""
        return self.per_choice if self.floor is None else min(self.floor, self.per_choice)


def asked_for(admitted: Admitted, input_bound: int, drafts: Drafts = ()) -> Want:
    """What the request asks for, with this bound of its input.

    `drafts` may let the model think beside its answer, or read all of it once more.
    """
    choices, per_choice, floor, beside = 1, 0, None, 0
    rounds = 1
    limits = admitted.context.operation.output(admitted.request)
    for each in drafts:
        for draft in each:
            contents = draft.contents
            if contents.thinking_beside:
                beside = max(beside, _beside(contents.thinking_beside, admitted.model))
            if contents.summed_up_from is not None and input_bound >= contents.summed_up_from:
                rounds = 2
    if limits is not None:
        choices = limits.choices
        per_choice, floor = _output_maximum(limits, admitted)
    if beside:
        per_choice += beside
        floor = None if floor is None else floor + beside
    return Want(
        admitted.model.price,
        admitted.price_factor_ppm,
        admitted.context.admitted_ms,
        input_bound * rounds,
        choices * rounds,
        per_choice,
        floor,
        beside,
    )


def _beside(tokens: int, model: Model) -> int:
    return model.longest_output if tokens == UNBOUNDED else tokens


def unnamed_maximum(limits: OutputLimits, model: Model) -> int:
    """Output tokens a choice may have where the client named no maximum."""
    longest = model.longest_output
    return longest if limits.thinking < longest else longest + limits.thinking


def _output_maximum(limits: OutputLimits, admitted: Admitted) -> tuple[int, int | None]:
    """Output tokens a choice may have, and how far that may be lowered (None: not at all)."""
    thinking, explicit = limits.thinking, limits.maximum
    if explicit is None:
        return unnamed_maximum(limits, admitted.model), max(CLAMP_FLOOR_TOKENS, thinking + 1)
    # A budget that is no part of the maximum may be used beside it.
    explicit = explicit if thinking < explicit else explicit + thinking
    floor = max(EXPLICIT_CLAMP_FLOOR_TOKENS, thinking + 1)
    return explicit, floor if admitted.api_token.clamp_explicit and explicit > floor else None


def hold_of(
    admitted: Admitted,
    keys: tuple[BudgetKey, ...],
    input_bound: int,
    output_bound: int,
    amount_micros: int,
) -> Hold:
    """What the ledger is asked for, with all output tokens of all choices in its bound."""
    api_token, context, model = admitted.api_token, admitted.context, admitted.model
    return Hold(
        request_id=context.request_id,
        account_id=api_token.account_id,
        api_token_id=api_token.id,
        budget_ids=tuple(key.id for key in keys) if keys else (),
        model=model.name,
        price=model.price,
        price_factor_ppm=admitted.price_factor_ppm,
        amount_micros=amount_micros,
        input_bound=input_bound,
        output_bound=output_bound,
        opened_at=context.admitted_ms,
        deadline=context.admitted_ms + HOLD_DEADLINE_MS,
        account_concurrency=model.concurrency,
    )
