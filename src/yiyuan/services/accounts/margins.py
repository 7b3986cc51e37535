"""What came in and what is left of it, by model or channel; amounts in 词元."""

from yiyuan.kernel.calendar import month_start
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.context import ServiceContext
from yiyuan.store.queries.margins import By, Takings, takings


class Margin(Answer):
    """Revenue of a month, what is left of the part whose cost is known, and its input.

    `cached_input_tokens` of the `input_tokens` were in an upstream's cache.
    """

    revenue: int
    costed_revenue: int
    cost: int
    margin: int | None
    input_tokens: int
    cached_input_tokens: int


async def margins_of_month(context: ServiceContext, by: By) -> dict[str, Margin]:
    """Margins of this month by group; one that sold nothing is not there (`NO_MARGIN`)."""
    since = month_start(context.clock.wall_ms())
    return {
        key: _margin(taken) for key, taken in (await takings(context.database, since, by)).items()
    }


def _margin(taken: Takings) -> Margin:
    return Margin(
        revenue=taken.revenue,
        costed_revenue=taken.costed,
        cost=taken.cost,
        margin=taken.margin,
        input_tokens=taken.input_tokens,
        cached_input_tokens=taken.cached_input_tokens,
    )


NO_MARGIN = _margin(Takings())
