"""How a channel is asked for a model in a client's format, whatever the request."""

from dataclasses import dataclass

from yiyuan.dialects.canonical import Target
from yiyuan.dialects.contract import Dialect
from yiyuan.integrations.providers.contract import Endpoint
from yiyuan.routing.channel import Channel


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
