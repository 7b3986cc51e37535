"""How a channel is asked for a model in a client's format, whatever the request."""

from dataclasses import dataclass, field

from msgspec import Struct

from yiyuan.dialects.canonical import Target
from yiyuan.dialects.contract import Dialect
from yiyuan.integrations.providers.contract import Destination, Endpoint
from yiyuan.kernel.errors import Header
from yiyuan.routing.channel import Channel

USER_AGENT = ("user-agent", "yiyuan")
_JSON = ("content-type", "application/json")
SECRETS_MAX = 64
"""A channel's keys, and tokens that they were traded for; more are not kept."""


@dataclass(slots=True, frozen=True, eq=False, kw_only=True)
class Course:
    """What no request changes of how a channel is asked for a model in a client's format."""

    channel: Channel
    endpoint: Endpoint
    dialect: Dialect
    family: str
    """Whose proofs its answers have, and its requests may have."""
    target: Target
    """Without a maximum of one request."""
    likeness: tuple[object, ...]
    """Channels that are alike in this get the same body, but for the model's name."""
    thinks_unasked: bool
    """Whether the vendor's model thinks beside its answer unless it is told not to."""
    _urls: dict[bool, str] = field(default_factory=dict)
    _headers: dict[str, tuple[Header, ...]] = field(default_factory=dict)

    def destination(self, *, is_stream: bool) -> Destination:
        """What its address is made of."""
        return Destination(self.channel.base_url, self.target.model, is_stream)

    def url(self, *, is_stream: bool) -> str:
        """Its address, for a whole answer or a stream."""
        if is_stream not in self._urls:
            self._urls[is_stream] = self.endpoint.url(self.destination(is_stream=is_stream))
        return self._urls[is_stream]

    def headers(self, secret: str) -> tuple[Header, ...]:
        """The channel's headers with a key, or the token that it was traded for."""
        if secret not in self._headers:
            if len(self._headers) >= SECRETS_MAX:
                self._headers.clear()
            given = self.endpoint.credential(secret)
            self._headers[secret] = (_JSON, USER_AGENT, *given, *self.channel.headers)
        return self._headers[secret]


class Way(Struct):
    """How one candidate is asked."""

    course: Course
    body: bytes
    headers: tuple[Header, ...] = ()
    """Those of this request alone."""
