"""Local token counts of a job's input, off the loop where they would block it.

A count is needed when the first byte goes out and the upstream has not told its
own yet, and when a request ends without the upstream's figure.
"""

import asyncio

from yiyuan.gateway.bound import byte_bound, local_input_count
from yiyuan.gateway.job import Job
from yiyuan.pricing.counting import is_loaded, load, vocabulary_of

LOOP_FRIENDLY_BYTES = 8192
"""Counting more text than this goes to a thread."""


async def count_inputs(job: Job) -> None:
    """Fill `input_tokens` of every call that was sent and whose upstream told nothing."""
    for call in job.calls:
        if call.usage is not None or call.input_tokens or not call.was_sent:
            continue
        assert job.admitted is not None
        assert job.reserved is not None
        name = call.candidate.upstream_model if call.candidate else call.request.model
        vocabulary = vocabulary_of(name)
        await make_ready(vocabulary)
        model = job.admitted.model
        bound = job.reserved.input_bound
        if byte_bound(call.request, model, 1) > LOOP_FRIENDLY_BYTES:
            count = await asyncio.to_thread(local_input_count, call.request, vocabulary, bound)
        else:
            count = local_input_count(call.request, vocabulary, bound)
        call.input_tokens = count


async def make_ready(vocabulary: str | None) -> None:
    """Load the vocabulary's tables, in a thread, when they are first needed."""
    if not is_loaded(vocabulary):
        await asyncio.to_thread(load, vocabulary)
