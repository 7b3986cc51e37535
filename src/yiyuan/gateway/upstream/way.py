"""The way to one candidate: in which format, to which address, with which headers and body."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson
from msgspec.structs import replace

from yiyuan.dialects.canonical import Json, Target
from yiyuan.dialects.contract import Dialect
from yiyuan.gateway.request.context import Admitted, Reserved, UpstreamCall
from yiyuan.gateway.request.course import Course, Way
from yiyuan.i18n.api_texts import Phrase
from yiyuan.integrations.providers.contract import Endpoint
from yiyuan.kernel.errors import Header, InvalidRequest
from yiyuan.pricing.model import Model
from yiyuan.routing.catalog import Catalog
from yiyuan.routing.channel import Channel
from yiyuan.routing.router import Candidate

_CACHE_KEYED = ("openai_chat", "openai_responses")
"""Formats that have the field `prompt_cache_key`."""
_OWN_ROUTE = "openai_responses"
"""The format whose proofs only the account that made them can read."""

Traceparent = Callable[[str, str | None, int | None], str]
"""(request id, the client's own header, number of the attempt) → the header."""


class Hint(NamedTuple):
    """What keeps a conversation together at a vendor: a field's or a header's name, and a value."""

    name: str
    value: str


def endpoint_for(channel: Channel, admitted: Admitted) -> Endpoint | None:
    """Where a request goes on this channel: its own format if spoken; None: not at all."""
    context = admitted.context
    name = context.operation.format_for(channel, admitted.request.model, context.dialect.name)
    return channel.provider.endpoint(name) if name else None


class Courses:
    """How each channel of a model is asked, kept as long as the catalog is the same one.

    One entry for each model, group, client's format and operation that was asked for.
    """

    def __init__(self, dialects: dict[str, Dialect]) -> None:
        """`dialects` as discovered, by name."""
        self._dialects = dialects
        self._catalog: Catalog | None = None
        self._kept: dict[tuple[str, str | None, str, str], tuple[Course, ...]] = {}

    def of(self, admitted: Admitted) -> tuple[Course, ...]:
        """The channels that have what is asked for, in the catalog's order."""
        if admitted.catalog is not self._catalog:
            self._catalog, self._kept = admitted.catalog, {}
        context, model = admitted.context, admitted.model.name
        key = (model, admitted.group, context.dialect.name, context.operation.name)
        courses = self._kept.get(key)
        if courses is None:
            channels = admitted.catalog.channels_for(model, admitted.group)
            asked = [(channel, endpoint_for(channel, admitted)) for channel in channels]
            courses = self._kept[key] = tuple(
                self._course(channel, endpoint, admitted)
                for channel, endpoint in asked
                if endpoint is not None
            )
        return courses

    def to(self, channel: Channel, admitted: Admitted) -> Course:
        """The one to `channel`. Raises InvalidRequest where it lacks the operation."""
        for course in self.of(admitted):
            if course.channel is channel:
                return course
        raise not_supported(admitted)

    def _course(self, channel: Channel, endpoint: Endpoint, admitted: Admitted) -> Course:
        quirks = channel.quirks.get(admitted.model.name)
        family = family_of(channel, endpoint)
        return Course(
            channel=channel,
            endpoint=endpoint,
            dialect=self._dialects[endpoint.dialect],
            family=family,
            target=_target_for(admitted.model, channel, family),
            likeness=(endpoint.dialect, id(quirks), channel.pass_fields),
            thinks_unasked=quirks is not None and quirks.thinks_beside == "default",
        )


def not_supported(admitted: Admitted) -> InvalidRequest:
    """The refusal of what no channel of the model has."""
    return InvalidRequest(
        "operation_not_supported",
        param="model",
        model=admitted.model.name,
        operation=admitted.context.endpoint,
    )


def find_way(
    courses: Courses,
    reserved: Reserved,
    call: UpstreamCall,
    candidate: Candidate,
    hint: Hint | None = None,
) -> Way:
    """Write the request for a candidate. Raises InvalidRequest if that cannot be done."""
    channel, drafted = candidate.channel, call.drafted
    if (
        drafted is not None
        and drafted.course.channel is channel
        and reserved.clamped_to is None
        and hint is None
        and drafted.course.endpoint.wrap is None
    ):
        call.request.dropped[:] = drafted.dropped
        return drafted
    course = courses.to(channel, reserved.admitted)
    endpoint, dialect = course.endpoint, course.dialect
    target = target_of(course, reserved.admitted.unnamed_maximum, reserved.clamped_to)
    is_plain = endpoint.wrap is None and hint is None
    if is_plain and drafted is not None and drafted.fits(dialect.name, target):
        call.request.dropped[:] = drafted.dropped
        return Way(course, drafted.body)
    body = dialect.write_request(call.request, target)
    if endpoint.wrap is not None:
        body = endpoint.wrap(body, course.destination(is_stream=reserved.context.is_stream))
    headers: tuple[Header, ...] = ()
    if hint is not None and hint.name != "prompt_cache_key":
        headers = ((hint.name, hint.value),)
    elif hint is not None and dialect.name in _CACHE_KEYED:
        body.setdefault("prompt_cache_key", hint.value)
    return Way(course, dump(body), headers)


def headers_for(reserved: Reserved, way: Way, secret: str) -> Sequence[Header]:
    """The request's headers; `secret` is the key, or the token that it was traded for.

    A tuple where they are the channel's alone.
    """
    own = way.course.headers(secret)
    forwarded = way.course.endpoint.forwarded_headers
    sent = reserved.context.exchange.headers
    if forwarded and not forwarded.isdisjoint(sent):
        return [*own, *way.headers, *((name, sent[name]) for name in forwarded if name in sent)]
    return [*own, *way.headers] if way.headers else own


def trace_headers(
    traceparent: Traceparent, reserved: Reserved, candidate: Candidate
) -> list[tuple[str, str]]:
    """In which trace the upstream is called, if it wants to know."""
    quirks = candidate.channel.quirks.get(candidate.model)
    if quirks is None or "traceparent" not in quirks.flags:
        return []
    context = reserved.context
    # Calls that run side by side have no number before they end.
    number = len(context.attempts) if len(reserved.calls) == 1 else None
    given = context.exchange.headers.get("traceparent")
    return [("traceparent", traceparent(context.request_id, given, number))]


def family_of(channel: Channel, endpoint: Endpoint) -> str:
    """Whose proofs this channel's answers have, and its requests may have."""
    if endpoint.family_at is not None:
        return endpoint.family_at(channel.base_url)
    return endpoint.proof_family or (channel.id if endpoint.dialect == _OWN_ROUTE else "")


def target_of(course: Course, unnamed_maximum: int | None, clamped_to: int | None = None) -> Target:
    """What changes on the way; `clamped_to` is a maximum that was lowered."""
    if unnamed_maximum is None and clamped_to is None:
        return course.target
    return replace(
        course.target, max_output_tokens=clamped_to, unnamed_max_output_tokens=unnamed_maximum
    )


def _target_for(model: Model, channel: Channel, family: str) -> Target:
    return Target(
        model=channel.models[model.name],
        public_model=model.name,
        stream_usage=channel.stream_usage,
        default_max_output_tokens=model.longest_output,
        quirks=channel.quirks.get(model.name),
        proof_family=family,
        pass_fields=channel.pass_fields,
    )


def dump(body: Json) -> bytes:
    """The bytes that are sent. Raises InvalidRequest for what nests too deeply."""
    try:
        return orjson.dumps(body)
    except TypeError as error:  # deeper than can be written again
        raise InvalidRequest("invalid_json", reason=Phrase("value_too_deep")) from error
