"""What a request would be sent as, written before anything is held for it."""

from collections.abc import Sequence

from yiyuan.dialects.canonical import GenerationRequest
from yiyuan.dialects.contents import UNBOUNDED
from yiyuan.gateway.hold.bound import TOOLS_TOKENS as TEMPLATE_TOKENS
from yiyuan.gateway.hold.bound import Draft
from yiyuan.gateway.hold.want import unnamed_maximum
from yiyuan.gateway.request.context import Admitted, Drafted, UpstreamCall
from yiyuan.gateway.request.course import Course
from yiyuan.gateway.upstream.way import Courses, dump, not_supported, target_of
from yiyuan.kernel.errors import ApiError, InvalidRequest, NoChannelAvailable, retry_headers
from yiyuan.pricing.model import Model


def drafts_of(
    courses: Courses, admitted: Admitted, calls: Sequence[UpstreamCall]
) -> list[list[Draft]]:
    """For each prompt its drafts, in every format that it may meet.

    Several calls of one prompt stand side by side and are drafted once. Raises
    InvalidRequest when no channel can carry it, NoChannelAvailable when there is none.
    """
    found, request, model = courses.of(admitted), admitted.request, admitted.model
    if not found and not admitted.catalog.channels_for(model.name, admitted.group):
        raise NoChannelAvailable(headers=retry_headers(1.0), model=model.name)
    firsts = calls
    if len(calls) > 1:
        prompts = admitted.context.operation.measure(request, len).conversations
        firsts = calls[:: max(1, len(calls) // prompts)]
    if not isinstance(request, GenerationRequest) or request.max_output_tokens is not None:
        return [_of_call(found, admitted, call) for call in firsts]
    limits = admitted.context.operation.output(request)
    assert limits is not None, "text is generated"
    admitted.unnamed_maximum = unnamed_maximum(limits, model)
    drafts = [_of_call(found, admitted, call) for call in firsts]
    if _leave_room(drafts, admitted.unnamed_maximum, model):
        return drafts
    admitted.unnamed_maximum = None
    return [_of_call(found, admitted, call) for call in firsts]


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


def _of_call(courses: Sequence[Course], admitted: Admitted, call: UpstreamCall) -> list[Draft]:
    found: dict[object, Draft] = {}
    refusal: ApiError | None = None
    only: Drafted | None = None
    request = call.request
    told = list(request.dropped)
    for course in courses:
        if course.likeness in found:
            found[course.likeness].channels.append(course.channel)
            continue
        dialect, target = course.dialect, target_of(course, admitted.unnamed_maximum)
        try:
            body = dialect.write_request(request, target)
            written, contents = dump(body), dialect.contents(body)
        except InvalidRequest as unsupported:
            refusal = refusal or unsupported
            continue
        thinks = course.thinks_unasked and not contents.thinking_beside
        if thinks and body.get("enable_thinking") is not False:
            contents.thinking_beside = UNBOUNDED
        found[course.likeness] = Draft(body, len(written), contents, [course.channel])
        only = Drafted(course, written, target=target, dropped=list(request.dropped))
    if refusal is None and len(found) == 1:
        call.drafted = only
    request.dropped[:] = told  # what is left out is told of the format that answers
    if not found:
        raise refusal or not_supported(admitted)
    return list(found.values())
