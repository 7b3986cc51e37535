"""The short way of a plain request to its hold: what nearly all of them take.

A request that is texts and numbers alone, to a model that one channel serves, of an account
that has ten times what it may cost: there is nothing to split, to wait for, to choose or to
lower. All that `upstream/drafts.py`, `bound.py`, `want.py` and `reserve.py` ask of a request
is asked here in one go. Where anything is otherwise the answer is None and nothing has
changed: the request goes the long way, which words what is wrong.

Both ways come to the same body, bound, hold, rows and answer (`test_the_short_way.py`).
"""

from msgspec import Struct

from yiyuan.dialects.canonical import GenerationRequest, Json, Reply, Target
from yiyuan.gateway.hold.bound import MESSAGE_TOKENS, REQUEST_TOKENS, TOOLS_TOKENS, digits_of
from yiyuan.gateway.hold.want import ENOUGH, hold_of
from yiyuan.gateway.request.context import Admitted, Drafted, Reserved, UpstreamCall
from yiyuan.gateway.request.course import Course
from yiyuan.gateway.upstream.affinity import is_wanted
from yiyuan.gateway.upstream.way import Courses, dump, target_of
from yiyuan.kernel.errors import InvalidRequest
from yiyuan.kernel.money import PPM, divide_up
from yiyuan.ledger.contract import Ledger
from yiyuan.ledger.operations import Held
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.channel import Channel


class Lane(Struct, frozen=True):
    """What is the same for all plain requests to a model in a format, as long as the catalog is."""

    course: Course
    unnamed_target: Target
    """The course's for clients that name no maximum of output."""
    is_text_alone: bool
    """Whether a plain body stays one on its way: the same format, no vendor's own fields."""
    only: Channel | None
    """The course's, where nothing is to be chosen by who asks: neither keys nor a hint."""


class ShortWay:
    """Holds what plain requests may cost."""

    def __init__(self, courses: Courses, ledger: Ledger) -> None:
        """`courses` are those by which the request is sent."""
        self._courses = courses
        self._book = ledger
        self._lanes: dict[tuple[str, str | None, str], Lane | None] = {}
        self._lanes_of: Catalog | None = None

    def hold(self, admitted: Admitted) -> Reserved | None:
        """Hold a plain request's upper bound; None: the long way. Raises Overloaded likewise."""
        request, context, at = admitted.request, admitted.context, admitted.context.admitted_ms
        if type(request) is not GenerationRequest or not request.is_plain:
            return None
        lane = self._lane(admitted)
        if lane is None or context.is_heavy or admitted.api_token.budgets:
            return None
        if (draft := _draft(lane, request)) is None:
            return None
        body, drafted = draft
        model, output = admitted.model, request.max_output_tokens
        if output is None:
            output, room = model.longest_output, model.context_tokens
            if room is not None and len(drafted.body) + TOOLS_TOKENS + output > room:
                return None
        bound = len(drafted.body) - digits_of(body) + REQUEST_TOKENS
        bound += len(request.conversations[0]) * MESSAGE_TOKENS
        if model.input_factor_ppm != PPM:
            bound = divide_up(bound * model.input_factor_ppm, PPM)
        amount = model.price.bound_micros(bound, output, admitted.price_factor_ppm, at)
        if amount * ENOUGH > admitted.available_micros:
            return None
        held = self._book.hold_at_once(hold_of(admitted, (), bound, output, amount))
        if type(held) is not Held:
            return None
        if request.max_output_tokens is None:
            admitted.unnamed_maximum = output
        return Reserved(
            context=context,
            admitted=admitted,
            calls=[UpstreamCall(context.operation, request, drafted=drafted)],
            reply=Reply(context.request_id, at // 1000, request, request.model),
            amount_micros=amount,
            input_bound=bound,
            output_bound=output,
            per_choice=output,
            clamped_to=None,
            only=lane.only,
        )

    def _lane(self, admitted: Admitted) -> Lane | None:
        """The one of this request's model, group and format."""
        if admitted.catalog is not self._lanes_of:
            self._lanes_of, self._lanes = admitted.catalog, {}
        key = (admitted.model.name, admitted.group, admitted.context.dialect.name)
        if key not in self._lanes:
            self._lanes[key] = self._new_lane(admitted)
        return self._lanes[key]

    def _new_lane(self, admitted: Admitted) -> Lane | None:
        """None where there is a choice of channels or models, or thinking that nobody asked for."""
        model, courses = admitted.model, self._courses.of(admitted)
        channels = admitted.catalog.channels_for(model.name, admitted.group)
        if len(channels) != 1 or len(courses) != 1 or model.fallback:
            return None
        course = courses[0]
        if course.thinks_unasked or admitted.context.operation.count_places is None:
            return None
        is_only = len(course.channel.keys) < 2 and not (
            model.has_affinity and is_wanted(channels, model.name)
        )
        only = course.channel if is_only else None
        is_text_alone = course.dialect is admitted.context.dialect and course.target.quirks is None
        return Lane(course, target_of(course, model.longest_output), is_text_alone, only)


def _draft(lane: Lane, request: GenerationRequest) -> tuple[Json, Drafted] | None:
    """The body that would be sent, and as it was written; None for what is not text alone."""
    course = lane.course
    target = course.target if request.max_output_tokens is not None else lane.unnamed_target
    try:
        body = course.dialect.write_request(request, target)
    except InvalidRequest:
        return None
    finally:  # what is left out is told when it has gone out so
        dropped = request.dropped[:]
        request.dropped.clear()
    if not lane.is_text_alone:
        contents = course.dialect.contents(body)
        if contents.images or contents.opaque or contents.thinking_beside:
            return None
        if contents.summed_up_from is not None:
            return None
    return body, Drafted(course, dump(body), target=target, dropped=dropped)
