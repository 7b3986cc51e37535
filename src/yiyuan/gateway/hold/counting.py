"""Local token counts of a request, off the loop where they would block it.

The input's is needed when the first byte goes out and the upstream has not told its own
yet, and when a request ends without the upstream's figure; the output's then as well.
"""

from yiyuan.dialects.canonical import Request
from yiyuan.gateway.hold.bound import (
    COUNTED_BYTES_MAX,
    LOCAL_BYTES_PER_TOKEN,
    local_input_count,
)
from yiyuan.gateway.operations.contract import Operation
from yiyuan.gateway.operations.size import utf8_bytes
from yiyuan.gateway.operations.vocabulary import make_ready
from yiyuan.gateway.request.context import Reserved
from yiyuan.kernel.errors import ApiError
from yiyuan.pricing.counting import count_long, vocabulary_of

LOOP_FRIENDLY_BYTES = 8192
"""Counting more text than this goes to a thread."""


def is_untold(reserved: Reserved) -> bool:
    """Whether `count_untold` has anything to do: of most requests the upstream tells all."""
    for call in reserved.calls:
        if call.usage is None or not call.usage.input_tokens:
            return True
    return reserved.context.meter.uncounted_bytes > LOOP_FRIENDLY_BYTES


async def count_untold(reserved: Reserved) -> None:
    """Count what no upstream told of a request that ends, input and output."""
    await count_inputs(reserved)
    if reserved.context.meter.uncounted_bytes > LOOP_FRIENDLY_BYTES:
        await _count_outputs(reserved)


async def count_inputs(reserved: Reserved) -> None:
    """Fill `input_tokens` of every call that was sent and whose upstream told nothing."""
    operation = reserved.context.operation
    for call in reserved.calls:
        is_told = call.usage is not None and call.usage.input_tokens
        if is_told or call.input_tokens or not call.was_sent:
            continue
        name = call.candidate.upstream_model if call.candidate else call.request.model
        vocabulary = vocabulary_of(name)
        await make_ready(vocabulary)
        asked = (operation, call.request, vocabulary, reserved.input_bound)
        if reserved.input_bound > LOOP_FRIENDLY_BYTES:
            call.input_tokens = await _counted(reserved, asked)
        else:
            call.input_tokens = local_input_count(*asked)


async def _counted(reserved: Reserved, asked: tuple[Operation, Request, str | None, int]) -> int:
    """Count in the thread; by bytes where its line is full: what was sent must be charged."""
    operation, request, _, bound = asked
    try:
        return await reserved.context.run_long(local_input_count, *asked)
    except ApiError:
        return local_input_count(operation, request, None, bound)


async def _count_outputs(reserved: Reserved) -> None:
    """Count a long whole answer whose upstream told nothing, before the bill asks for it.

    A stream is counted as it is delivered: little is left of it here.
    """
    meter = reserved.context.meter
    size = meter.uncounted_bytes
    try:
        await reserved.context.run_long(
            meter.count, count_long if size <= COUNTED_BYTES_MAX else _by_bytes
        )
    except ApiError:
        meter.count(_by_bytes)  # the line is full: what was sent must be charged


def _by_bytes(text: str, _vocabulary: str | None) -> int:
    return utf8_bytes(text) // LOCAL_BYTES_PER_TOKEN
