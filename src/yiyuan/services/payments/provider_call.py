"""A provider's answer, or none: over the server's client, or a connection of its own."""

from typing import Final

from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.integrations.call import Answer, Call
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.outbound import client_of
from yiyuan.services.shared.outbound import send as send_with

TIMEOUT_SECONDS: Final = 10.0
ANSWER_BYTES_MAX: Final = 1024 * 1024


class NoAnswer(Exception):
    """There is no answer; `was_sent` says whether the other side may have acted.

    The text is for operators: neither address nor headers nor body are in it.
    """

    def __init__(self, reason: str, *, was_sent: bool) -> None:
        """`reason` is the kind of failure."""
        super().__init__(reason)
        self.was_sent = was_sent


async def send(
    context: ServiceContext,
    call: Call,
    *,
    allow_private: bool,
    timeout_seconds: float,
    answer_bytes_max: int,
    is_once: bool,
) -> Answer:
    """The answer of one call. Raises NoAnswer.

    `is_once` takes a connection of its own: on one that had served before, the client may
    send a call again when the connection ends without a byte of answer.
    """
    async with client_of(context, is_own=is_once) as client:
        try:
            answer = await send_with(
                client,
                call,
                allow_private=allow_private,
                timeout_seconds=timeout_seconds,
                bytes_max=answer_bytes_max,
            )
        except UpstreamFailure as failure:
            raise NoAnswer(failure.kind, was_sent=failure.request_was_written) from None
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Answer(answer.status, headers, answer.body)
