"""Asking a server which models it lists: `GET …/models`, which costs nothing anywhere.

The time is bounded as a whole, the body by its size, and nothing of it is kept but the
names of models and the two facts beside them that some servers tell. A list that is no
list is None; only a server that cannot be asked raises.
"""

import asyncio
import json
from typing import Any, Final, NamedTuple

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.http.client.request import Call

_LIST_BYTES_MAX: Final = 4 * 1024 * 1024
_CONTEXT_TOKENS_MAX: Final = 100_000_000


class Listed(NamedTuple):
    """One model of a list."""

    name: str
    owner: str = ""
    """Who is said to own it; local servers name themselves here."""
    context_tokens: int | None = None
    """vLLM and SGLang tell it as `max_model_len`, llama.cpp as `meta.n_ctx`."""


class Listing(NamedTuple):
    """A status, and the models if it was a list."""

    status: int
    models: list[Listed] | None

    @property
    def names(self) -> list[str] | None:
        """The names alone."""
        return None if self.models is None else [model.name for model in self.models]


async def ask_models(client: Client, call: Call, seconds: float) -> Listing:
    """Send and read. Raises UpstreamFailure, also when all of it takes too long."""
    call.connect_timeout = call.first_byte_timeout = call.idle_timeout = seconds
    try:
        async with asyncio.timeout(2 * seconds):
            response = await client.send(call)
            try:
                body = await response.read(_LIST_BYTES_MAX)
            finally:
                response.close()
    except TimeoutError:
        raise UpstreamFailure(
            "timeout_first_byte", "no whole answer in time", request_was_written=True
        ) from None
    return Listing(response.status, _read(body) if response.status == 200 else None)


def _read(body: bytes) -> list[Listed] | None:
    try:
        document = json.loads(body)
        if "data" not in document and "models" in document:  # Google's list
            names = [str(item["name"]).removeprefix("models/") for item in document["models"]]
            return [Listed(name) for name in names]
        return [_listed(item) for item in document["data"]]
    except (KeyError, TypeError, ValueError, RecursionError):
        return None


def _listed(item: Any) -> Listed:
    if not isinstance(item, dict):
        raise TypeError
    meta = item.get("meta")
    context = item.get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, dict) else None)
    is_count = type(context) is int and 0 < context <= _CONTEXT_TOKENS_MAX
    return Listed(str(item["id"]), str(item.get("owned_by") or ""), context if is_count else None)
