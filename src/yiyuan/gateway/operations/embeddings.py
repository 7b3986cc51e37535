"""Embeddings: texts or token ids in, vectors out.

Input alone is priced. One call carries all inputs, there is no stream, and
whatever an upstream answers may be charged for.
"""

from yiyuan.dialects.canonical import EmbeddingsRequest
from yiyuan.gateway.operations.contract import Operation, OutputLimits, is_never
from yiyuan.gateway.operations.size import Measure, Size
from yiyuan.routing.channel import Channel


def _measure(request: EmbeddingsRequest, measure: Measure) -> Size:
    """Each input is like a message of its own."""
    size = _count_places(request)
    for item in request.inputs:
        if isinstance(item, str):
            size.text += measure(item)
        else:
            size.token_ids += len(item)
    return size


def _count_places(request: EmbeddingsRequest) -> Size:
    return Size(conversations=1, messages=len(request.inputs))


def _output(_request: EmbeddingsRequest) -> OutputLimits | None:
    return None


def _format_for(channel: Channel, model: str, client: str) -> str | None:
    found = channel.endpoint(client, "embeddings", model)
    return found.dialect if found is not None else None


OPERATION = Operation(
    name="embeddings",
    measure=_measure,
    count_places=_count_places,
    output=_output,
    format_for=_format_for,
    may_fall_back=is_never,
)
