"""The rows that tell what became of a request: its usage, and its attempts.

By keyword throughout: a column inserted in the middle must not shift money.
"""

from collections.abc import Sequence

from yiyuan.kernel.money import MICROS_MAX
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.operations import Attempt, Details, Hold, Settled, Source
from yiyuan.ledger.rules.posting import clean_text
from yiyuan.store.tables.ledger import AttemptRow, UsageRow

new_usage_row, new_attempt_row = UsageRow.__new__, AttemptRow.__new__
"""Called by keyword they take a third of what their classes take: see docs/adr/0019."""


def usage_row(
    operation: Hold, settled: Settled, usage: Usage, source: Source, outcome: str, details: Details
) -> UsageRow:
    """What a request used and paid, under the hold that `operation` made."""
    client_id, upstream_id = details.client_request_id, details.upstream_request_id
    cost = details.upstream_cost_micros  # its figures may be absurd, but must be storable
    return new_usage_row(
        UsageRow,
        request_id=operation.request_id,
        account_id=operation.account_id,
        api_token_id=operation.api_token_id,
        model=operation.model,
        endpoint=details.endpoint,
        channel_id=details.channel_id,
        upstream_model=details.upstream_model,
        price_id=operation.price.id,
        price_factor_ppm=operation.price_factor_ppm,
        input_tokens=usage.input_tokens,
        cached_input_tokens=usage.cached_input_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
        output_tokens=usage.output_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        source=source,
        outcome=outcome,
        status=details.status,
        charge=settled.charge_micros,
        hold_amount=operation.amount_micros,
        shortfall=settled.shortfall_micros,
        upstream_cost=cost if cost is None else min(cost, MICROS_MAX),
        streamed=int(details.streamed),
        first_byte_ms=details.first_byte_ms,
        total_ms=details.total_ms,
        attempts=len(details.attempts),
        client_request_id=client_id if client_id is None else clean_text(client_id),
        upstream_request_id=upstream_id if upstream_id is None else clean_text(upstream_id),
        admitted_at=operation.opened_at,
        ended_at=details.ended_at,
    )


def usage_of(row: UsageRow) -> Usage:
    """The tokens that a row tells of."""
    return Usage(
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cached_input_tokens=row.cached_input_tokens,
        cache_write_tokens=row.cache_write_tokens,
        cache_write_1h_tokens=row.cache_write_1h_tokens,
        reasoning_tokens=row.reasoning_tokens,
    )


def attempt_rows(request_id: str, attempts: Sequence[Attempt]) -> list[AttemptRow]:
    """One row an attempt, numbered from 1."""
    rows = []
    for n, attempt in enumerate(attempts, 1):
        told, cost = attempt.upstream_request_id, attempt.upstream_cost_micros
        row = new_attempt_row(
            AttemptRow,
            request_id=request_id,
            n=n,
            channel_id=attempt.channel_id,
            key_id=attempt.key_id,
            outcome=attempt.outcome,
            status=attempt.status,
            upstream_request_id=told if told is None else clean_text(told),
            upstream_cost=cost if cost is None else min(cost, MICROS_MAX),
            ms=attempt.ms,
        )
        rows.append(row)
    return rows
