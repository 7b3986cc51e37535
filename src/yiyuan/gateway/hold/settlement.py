"""What a finished request costs: usage, where it comes from, and the outcome.

The policy, once for all endings:

| ending | charge |
|---|---|
| complete | the upstream's usage; what it does not tell: counted here |
| complete, empty, no usage | nothing; outcome `empty` |
| client gone after an upstream was sent the request | input + delivered |
| client gone before that | nothing |
| upstream broke after the first byte | its usage if it came at the end, else input + delivered |
| upstream failed before the first byte | nothing |

What an upstream tells is read part by part (`dialects/shared/stated_usage.py`): zero input
of a request that was answered, and zero output beside delivered output, are unknown and
counted here. For an empty answer zero stays zero.
"""

from yiyuan.dialects.shared.stated_usage import completed
from yiyuan.gateway.request.context import Bill, Reserved, UpstreamCall
from yiyuan.kernel.money import PPM
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.operations import Details
from yiyuan.pricing.counting import count_tokens


def bill_for(reserved: Reserved) -> Bill:
    """The bill of a request that ended in whatever way, delivered output included."""
    if reserved.context.outcome in ("failed", "refused", "empty"):
        return Bill(None, "none")
    total: Usage | None = None
    was_counted = False
    for call in reserved.calls:
        if not call.was_sent:
            continue
        usage, is_told = _usage_of(reserved, call)
        total = usage if total is None else total + usage
        was_counted = was_counted or not is_told
    if total is None:
        return Bill(None, "none")
    return Bill(total, "counted" if was_counted else "upstream")


def input_tokens_so_far(reserved: Reserved) -> int:
    """The input's count when the first byte goes out; never above the hold's bound."""
    told = sum(_told_input(call) for call in reserved.calls)
    return min(told, reserved.input_bound)


def details_of(reserved: Reserved, now: float, now_ms: int) -> Details:
    """Everything about the request that the ledger keeps beside its charge."""
    context = reserved.context
    last, cost = None, None
    for call in reserved.calls:
        if call.candidate is not None:
            last = call
            part = _upstream_cost(reserved, call) if call.candidate.channel.costs else None
            cost = cost if part is None else part + (cost or 0)
    candidate = last.candidate if last is not None else None
    first_byte, headers = context.first_byte_at, context.exchange.headers
    return Details(
        endpoint=context.endpoint,
        channel_id=candidate.channel.id if candidate else None,
        upstream_model=candidate.upstream_model if candidate else None,
        status=context.status,
        streamed=context.is_stream,
        first_byte_ms=None
        if first_byte is None
        else round((first_byte - context.started_at) * 1000),
        total_ms=round((now - context.started_at) * 1000),
        client_request_id=headers["x-client-request-id"][:64] or None
        if "x-client-request-id" in headers
        else None,
        upstream_request_id=last.upstream_request_id if last is not None else None,
        upstream_cost_micros=cost,
        attempts=context.attempts,
        ended_at=now_ms,
    )


def _upstream_cost(reserved: Reserved, call: UpstreamCall) -> int | None:
    """What the vendor charges the operator for this call, where the channel has a price.

    It is noted with the attempt too.
    """
    assert call.candidate is not None
    costs = call.candidate.channel.costs
    price = costs.get(call.request.model) if costs else None
    if price is None or not call.was_sent:
        return None
    usage, _ = _usage_of(reserved, call)
    cost = price.charge_micros(usage, factor_ppm=PPM, admitted_ms=reserved.context.admitted_ms)
    if call.attempt is not None:
        call.attempt.upstream_cost_micros = cost
    return cost


def _usage_of(reserved: Reserved, call: UpstreamCall) -> tuple[Usage, bool]:
    """What one call used, and whether all of it is what the upstream told."""
    told = call.usage
    if told is not None and call.usage_is_final and told.input_tokens and told.output_tokens:
        return told, True  # nearly all tell all of it
    meter = reserved.context.meter
    return completed(
        call.usage,
        is_final=call.usage_is_final,
        has_output=call.received_output,
        input_tokens=call.input_tokens,
        count_output=lambda: meter.count_choices(call.first_index, call.n, count_tokens),
    )


def _told_input(call: UpstreamCall) -> int:
    return (call.usage.input_tokens if call.usage is not None else 0) or call.input_tokens
