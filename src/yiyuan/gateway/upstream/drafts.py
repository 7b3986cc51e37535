"""What a request would be sent as, written before anything is held for it."""

from collections.abc import Sequence

from yiyuan.dialects.canonical import GenerationRequest
from yiyuan.dialects.contents import UNBOUNDED
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.hold.bound import TOOLS_TOKENS as TEMPLATE_TOKENS
from yiyuan.gateway.hold.bound import Draft
from yiyuan.gateway.hold.want import unnamed_maximum
from yiyuan.gateway.request.context import Admitted, Drafted, UpstreamCall
from yiyuan.gateway.upstream.way import dump, endpoint_for, family_of, not_supported, target_for
from yiyuan.kernel.errors import ApiError, InvalidRequest, NoChannelAvailable, retry_headers
from yiyuan.pricing.model import Model
from yiyuan.routing.channel import Channel


def drafts_of(
    dialects: dict[str, Dialect], admitted: Admitted, calls: Sequence[UpstreamCall]
) -> list[list[Draft]]:
    """For each prompt its drafts, in every format that it may meet.

    Several calls of one prompt stand side by side and are drafted once. Raises
    InvalidRequest when no channel can carry it, NoChannelAvailable when there is none.
    """
    channels = admitted.catalog.channels_for(admitted.model.name, admitted.group)
    if not channels:
        raise NoChannelAvailable(headers=retry_headers(1.0), model=admitted.model.name)
    firsts = calls
    if len(calls) > 1:
        prompts = admitted.context.operation.measure(admitted.request, len).conversations
        firsts = calls[:: max(1, len(calls) // prompts)]
    request, model = admitted.request, admitted.model
    if not isinstance(request, GenerationRequest) or request.max_output_tokens is not None:
        return [_of_call(dialects, admitted, channels, call) for call in firsts]
    limits = admitted.context.operation.output(request)
    assert limits is not None, "text is generated"
    admitted.unnamed_maximum = unnamed_maximum(limits, model)
    drafts = [_of_call(dialects, admitted, channels, call) for call in firsts]
    if _leave_room(drafts, admitted.unnamed_maximum, model):
        return drafts
    admitted.unnamed_maximum = None
    return [_of_call(dialects, admitted, channels, call) for call in firsts]


def _leave_room(drafts: list[list[Draft]], output: int, model: Model) -> bool:
    """Whether a maximum certainly fits the context beside what is sent: see docs/adr/0018."""
    context = model.context_tokens
    if context is None:
        return True
    for each in drafts:
        for draft in each:
            contents = draft.contents
            pictures = sum(map(len, contents.inline))
            text = draft.size_bytes - pictures + contents.images * model.image_tokens
            if contents.opaque or text + TEMPLATE_TOKENS + output > context:
                return False
    return True


def _of_call(
    dialects: dict[str, Dialect],
    admitted: Admitted,
    channels: Sequence[Channel],
    call: UpstreamCall,
) -> list[Draft]:
    found: dict[object, Draft] = {}
    refusal: ApiError | None = None
    only: Drafted | None = None
    told = list(call.request.dropped)
    for channel in channels:
        endpoint = endpoint_for(channel, admitted)
        if endpoint is None:
            continue
        quirks = channel.quirks.get(admitted.model.name) if channel.quirks else None
        likeness = (endpoint.dialect, id(quirks), channel.pass_fields)
        if likeness in found:
            found[likeness].channels.append(channel)
            continue
        dialect = dialects[endpoint.dialect]
        family = family_of(channel, endpoint)
        target = target_for(admitted, channel, family)
        try:
            body = dialect.write_request(call.request, target)
            written, contents = dump(body), dialect.contents(body)
            thinks = quirks is not None and quirks.thinks_beside == "default"
            if thinks and not contents.thinking_beside and body.get("enable_thinking") is not False:
                contents.thinking_beside = UNBOUNDED
            found[likeness] = Draft(body, len(written), contents, [channel])
        except InvalidRequest as unsupported:
            refusal = refusal or unsupported
        else:
            left_out = list(call.request.dropped)
            only = Drafted(channel, endpoint, family, target, written, left_out)
    if refusal is None and len(found) == 1:
        call.drafted = only
    call.request.dropped[:] = told  # what is left out is told of the format that answers
    if not found:
        raise refusal or not_supported(admitted)
    return list(found.values())
