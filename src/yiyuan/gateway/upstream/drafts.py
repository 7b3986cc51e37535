"""What a request would be sent as, written before anything is held for it."""

from collections.abc import Sequence

from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.hold.bound import Draft
from yiyuan.gateway.request.context import Admitted, Drafted, UpstreamCall
from yiyuan.gateway.upstream.way import dump, endpoint_for, family_of, not_supported, target_for
from yiyuan.kernel.errors import ApiError, InvalidRequest, NoChannelAvailable, retry_headers
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
    return [_of_call(dialects, admitted, channels, call) for call in firsts]


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
            written = dump(body)
            found[likeness] = Draft(body, len(written), dialect.contents(body), [channel])
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
