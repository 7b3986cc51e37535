"""A customer's request without the gateway: held and settled through the book."""

from yiyuan.kernel.ids import new_id
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.operations import Details, Hold, Settle
from yiyuan.services.catalog.catalog import load_catalog


async def spend(
    context,
    account_id,
    *,
    model="gpt-4",
    at=None,
    input_tokens=100,
    output_tokens=10,
    api_token_id="tok_test",
    budget_ids=(),
):
    """Charge one request; returns its id. gpt-4 of the tests costs 30 and 60 a token."""
    at = context.clock.wall_ms() if at is None else at
    price = (await load_catalog(context)).models[model].price
    request_id = new_id("ex")
    await context.ledger.hold(
        Hold(
            request_id=request_id,
            account_id=account_id,
            api_token_id=api_token_id,
            budget_ids=budget_ids,
            model=model,
            price=price,
            price_factor_ppm=1_000_000,
            amount_micros=price.bound_micros(
                input_tokens, output_tokens, factor_ppm=1_000_000, admitted_ms=at
            ),
            input_bound=input_tokens,
            output_bound=output_tokens,
            opened_at=at,
            deadline=at + 600_000,
        )
    )
    await context.ledger.start(request_id, input_tokens)
    await context.ledger.settle(
        Settle(
            request_id=request_id,
            usage=Usage(input_tokens, output_tokens),
            source="upstream",
            outcome="completed",
            details=Details("/v1/completions", ended_at=at),
        )
    )
    return request_id
