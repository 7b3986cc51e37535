"""A request of our own to a channel, beside those of customers: by its proxy, in its bounds."""

from collections.abc import Sequence

from yiyuan.http.client.request import Call
from yiyuan.kernel.errors import Header
from yiyuan.routing.channel import Channel


def own_call(
    channel: Channel,
    method: str,
    url: str,
    headers: Sequence[Header],
    body: bytes,
    timeout_seconds: float,
) -> Call:
    """The call; connecting, the first byte and each further piece may take the timeout."""
    return Call(
        method=method,
        url=url,
        headers=headers,
        body=body,
        proxy=channel.proxy,
        allow_private=channel.allow_private,
        connect_timeout=timeout_seconds,
        first_byte_timeout=timeout_seconds,
        idle_timeout=timeout_seconds,
    )
