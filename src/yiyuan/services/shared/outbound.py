"""Sends what an integration asks for: one call, whole, bounded in time and size.

Redirects are answers, and never followed. The address may hold a secret, so it is in no
error's text.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.request import Call as ClientCall
from yiyuan.integrations.call import Answer, Call
from yiyuan.services.shared.context import ServiceContext


@asynccontextmanager
async def client_of(context: ServiceContext, *, is_own: bool = False) -> AsyncIterator[Client]:
    """The server's way out; one for this moment where no server runs here, or if it `is_own`."""
    if context.client is not None and not is_own:
        yield context.client
        return
    settings = context.settings
    client = Client(https_proxy=settings.https_proxy, no_proxy=settings.no_proxy)
    try:
        yield client
    finally:
        client.close()


async def send(
    client: Client,
    call: Call,
    *,
    allow_private: bool,
    timeout_seconds: float,
    bytes_max: int,
    proxy: str | None = None,
) -> Answer:
    """The answer with its whole body. Raises UpstreamFailure, also when it takes too long."""
    asked = ClientCall(
        method=call.method,
        url=call.url.partition("#")[0],
        headers=call.headers,
        body=call.body,
        proxy=proxy,
        allow_private=allow_private,
        connect_timeout=timeout_seconds,
        first_byte_timeout=timeout_seconds,
        idle_timeout=timeout_seconds,
    )
    try:
        async with asyncio.timeout(timeout_seconds):
            response = await client.send(asked)
            try:
                body = await response.read(bytes_max)
            finally:
                response.close()
    except TimeoutError:
        was_written = asked.was_written
        detail = f"no whole answer within {timeout_seconds:g} s"
        raise UpstreamFailure(
            "timeout_first_byte", detail, request_was_written=was_written
        ) from None
    return Answer(response.status, response.headers, body)
