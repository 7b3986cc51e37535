"""A whole answer on its way to its client: measured where nobody told its size, and written.

Of one that is large, both are done off the loop.
"""

from functools import partial

import orjson

from yiyuan.dialects.canonical import Response
from yiyuan.gateway.request.context import RequestContext, Reserved
from yiyuan.gateway.request.meter import output_bytes
from yiyuan.gateway.upstream.whole_answer import WholeAnswer
from yiyuan.kernel.usage import Usage


async def note_output(context: RequestContext, answer: WholeAnswer) -> None:
    """Note what is delivered of an answer whose upstream has not told its size."""
    if answer.is_heavy:
        await context.run_owed(partial(_note, context, answer.response))
    else:
        _note(context, answer.response)


async def write_large(reserved: Reserved, response: Response, usage: Usage) -> bytes:
    """The body of a large answer in the client's format, once it is known what it cost."""
    return await reserved.context.run_owed(partial(_write, reserved, response, usage))


def _note(context: RequestContext, response: Response) -> None:
    for delta in context.operation.deltas(response):
        if response.raw_dialect != context.dialect.name:
            delta.unread = ""  # this client does not get it
        context.meter.add(delta, output_bytes(delta))


def _write(reserved: Reserved, response: Response, usage: Usage) -> bytes:
    context = reserved.context
    return orjson.dumps(
        context.dialect.write_response(response, reserved.reply, usage, context.charge_micros)
    )
