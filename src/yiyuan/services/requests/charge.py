"""How a charge came about, line by line, so that anybody can recompute it."""

from yiyuan.kernel.money import format_millionths
from yiyuan.ledger.rules.usage_rows import usage_of
from yiyuan.pricing.price import from_json
from yiyuan.services.shared.answer import Answer
from yiyuan.store.queries.usage import RequestView


class PriceLine(Answer):
    """One kind of token: `price` in 元 per million, `cost` in 词元, both exact decimals."""

    kind: str
    count: int
    price: str
    cost: str


class PriceUsed(Answer):
    """How the charge came about: the sum of the lines × factor, rounded up once."""

    id: str
    lines: list[PriceLine]
    factor: str
    exact: str
    charge: int


def price_used(found: RequestView) -> PriceUsed | None:
    """The arithmetic of the charge, line by line; None where nothing was counted."""
    row = found.usage
    if found.price_document is None or row.source == "none":
        return None
    price = from_json(found.price_document, price_id=row.price_id, model=row.model)
    lines = price.lines(usage_of(row), admitted_ms=row.admitted_at)
    total = sum(line.cost_millionths for line in lines)
    return PriceUsed(
        id=row.price_id,
        lines=[
            PriceLine(
                kind=line.kind,
                count=line.count,
                price=format_millionths(line.micros_per_million),
                cost=format_millionths(line.cost_millionths),
            )
            for line in lines
        ],
        factor=format_millionths(row.price_factor_ppm),
        exact=format_millionths(total * row.price_factor_ppm // 1_000_000),
        charge=row.charge,
    )
