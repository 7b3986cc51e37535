"""Rerank: a query and documents in, their order out.

Input alone is priced, and a price per request. The model may read the query with
every document, so that is the bound. There is no stream.
"""

from yiyuan.dialects.canonical_scores import RerankRequest
from yiyuan.gateway.operations.contract import Operation, OutputLimits
from yiyuan.gateway.operations.size import Measure, Size
from yiyuan.routing.channel import Channel


def _measure(request: RerankRequest, measure: Measure) -> Size:
    """The query once for each document, and the documents; each pair is like a message."""
    count = len(request.documents)
    size = Size(conversations=1, messages=count)
    size.text = measure(request.query) * count
    for document in request.documents:
        size.text += measure(document)
    return size


def _output(_request: RerankRequest) -> OutputLimits | None:
    return None


def _format_for(channel: Channel, model: str, client: str) -> str | None:
    found = channel.endpoint(client, "rerank", model)
    return found.dialect if found is not None else None


OPERATION = Operation(
    name="rerank",
    measure=_measure,
    output=_output,
    format_for=_format_for,
)
