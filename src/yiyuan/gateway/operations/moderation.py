"""Moderations: texts or pictures in, judgements out.

Vendors do not bill what is read, so nothing of it is held or charged: a model's price
per request is all that it costs. There is no stream.
"""

from yiyuan.dialects.canonical_scores import ModerationRequest
from yiyuan.gateway.operations.contract import Operation, OutputLimits
from yiyuan.gateway.operations.size import Measure, Size
from yiyuan.routing.channel import Channel


def _measure(_request: ModerationRequest, _text: Measure) -> Size:
    return Size(conversations=1)


def _output(_request: ModerationRequest) -> OutputLimits | None:
    return None


def _format_for(channel: Channel, model: str, client: str) -> str | None:
    found = channel.endpoint(client, "moderation", model)
    return found.dialect if found is not None else None


OPERATION = Operation(
    name="moderation",
    measure=_measure,
    output=_output,
    format_for=_format_for,
)
