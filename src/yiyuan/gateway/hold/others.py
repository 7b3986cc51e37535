"""What is held for models that may answer in place of the one that was asked for.

One hold stands for all of them, so it is as much as the dearest of them may cost. A model
that would need more than there is gets a lower maximum of output, where that may be
lowered, and is left out otherwise: it must not make the request itself too dear.
"""

from collections.abc import Sequence
from typing import NamedTuple

from yiyuan.gateway.hold.bound import Drafts
from yiyuan.gateway.hold.want import Want
from yiyuan.gateway.request.context import Admitted, Other, UpstreamCall


class Plan(NamedTuple):
    """How a request would be sent to one model."""

    admitted: Admitted
    calls: list[UpstreamCall]
    drafts: Drafts


class Wanted(NamedTuple):
    """The same with what it asks for."""

    plan: Plan
    want: Want


def payable(
    wanted: Sequence[Wanted], amount_micros: int, available_micros: int
) -> tuple[int, list[Other]]:
    """How much to hold for a request and its other models, and those of them that it covers.

    `amount_micros` is what the request needs by itself.
    """
    full = [each.want.full_cost for each in wanted]
    amount = max([amount_micros, *(cost for cost in full if cost <= available_micros)])
    found = []
    for (plan, want), cost in zip(wanted, full, strict=True):
        per_choice = want.per_choice if cost <= amount else _lowered(want, amount)
        if per_choice is None:
            continue
        is_lowered = per_choice < want.per_choice
        found.append(
            Other(
                plan.admitted,
                plan.calls,
                want.input_bound,
                per_choice * want.choices,
                per_choice,
                clamped_to=per_choice - want.beside if is_lowered else None,
            )
        )
    return amount, found


def _lowered(want: Want, amount_micros: int) -> int | None:
    """The maximum of output that an amount covers; None where it must not be that low."""
    affordable = want.affordable(amount_micros)
    return affordable if want.floor is not None and affordable >= want.floor else None
