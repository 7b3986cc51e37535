"""What a finished request costs: usage, where it comes from, and the outcome.

The policy, once for all endings:

| ending | charge |
|---|---|
| complete | the upstream's usage; none told: what was counted here |
| complete, empty, no usage | nothing; outcome `empty` |
| client gone after an upstream was sent the request | input + delivered |
| client gone before that | nothing |
| upstream broke after the first byte | its usage if it came at the end, else input + delivered |
| upstream failed before the first byte | nothing |

Zero usage that an upstream states is taken at its word; missing usage is not
zero. Where only the input was told (Anthropic tells it first), that figure is
used for the input.
"""

from yiyuan.gateway.job import Bill, Job, UpstreamCall
from yiyuan.kernel.money import PPM
from yiyuan.kernel.usage import Usage
from yiyuan.ledger.operations import Details
from yiyuan.pricing.counting import count_tokens


def bill_for(job: Job) -> Bill:
    """The bill of a request that ended in whatever way, delivered output included."""
    owed = [call for call in job.calls if call.was_sent]
    if not owed or job.outcome in ("failed", "refused", "empty"):
        return Bill(None, "none")
    first = owed[0]
    if len(owed) == 1 and first.usage is not None and first.usage_is_final:
        return Bill(first.usage, "upstream")
    total, was_counted = Usage(), False
    for call in owed:
        if call.usage is not None and call.usage_is_final:
            total += call.usage
        else:
            total += _counted(job, call)
            was_counted = True
    return Bill(total, "counted" if was_counted else "upstream")


def input_tokens_so_far(job: Job) -> int:
    """The input's count when the first byte goes out; never above the hold's bound."""
    assert job.reserved is not None
    told = sum(_told_input(call) for call in job.calls)
    return min(told, job.reserved.input_bound)


def details_of(job: Job, now: float, now_ms: int) -> Details:
    """Everything about the request that the ledger keeps beside its charge."""
    last, cost = None, None
    for call in job.calls:
        if call.candidate is not None:
            last = call
            part = _upstream_cost(job, call)
            cost = cost if part is None else part + (cost or 0)
    candidate = last.candidate if last is not None else None
    first_byte = job.first_byte_at
    return Details(
        endpoint=job.endpoint,
        channel_id=candidate.channel.id if candidate else None,
        upstream_model=candidate.upstream_model if candidate else None,
        status=job.status,
        streamed=job.is_stream,
        first_byte_ms=None if first_byte is None else round((first_byte - job.started_at) * 1000),
        total_ms=round((now - job.started_at) * 1000),
        client_request_id=job.exchange.headers.get("x-client-request-id", "")[:64] or None,
        upstream_request_id=last.upstream_request_id if last is not None else None,
        upstream_cost_micros=cost,
        attempts=job.attempts,
        ended_at=now_ms,
    )


def _upstream_cost(job: Job, call: UpstreamCall) -> int | None:
    """What the vendor charges the operator for this call, where the channel has a price.

    It is noted with the attempt too.
    """
    assert call.candidate is not None
    price = call.candidate.channel.costs.get(call.request.model)
    if price is None or not call.was_sent:
        return None
    usage = call.usage if call.usage_is_final and call.usage else _counted(job, call)
    cost = price.charge_micros(usage, factor_ppm=PPM, admitted_ms=job.admitted_ms)
    if call.attempt is not None:
        call.attempt.upstream_cost_micros = cost
    return cost


def _counted(job: Job, call: UpstreamCall) -> Usage:
    """Input as far as told or counted here, output as delivered."""
    output = job.meter.count_choices(call.first_index, call.n, count_tokens)
    told = call.usage
    if told is None:
        return Usage(call.input_tokens, output)
    return Usage(
        told.input_tokens,
        output,
        told.cached_input_tokens,
        told.cache_write_tokens,
        told.cache_write_1h_tokens,
    )


def _told_input(call: UpstreamCall) -> int:
    return call.usage.input_tokens if call.usage is not None else call.input_tokens
