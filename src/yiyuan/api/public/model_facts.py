"""What clients are told of a model: what it takes and can, at which addresses, and how long.

What the operator says in the catalog wins. The rest is told by the channels that serve the
model, as far as they let it be known: nothing is claimed that nobody said.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from yiyuan.dialects.openai.models import is_reasoning_model
from yiyuan.pricing.model import Model
from yiyuan.routing.catalog import DEMO_PROVIDER
from yiyuan.routing.channel import Channel

ENDPOINTS: Final[dict[str, tuple[str, ...]]] = {
    "generation": (
        "/v1/chat/completions",
        "/v1/completions",
        "/v1/messages",
        "/v1/responses",
        "/v1beta/models/{model}:generateContent",
    ),
    "embeddings": ("/v1/embeddings", "/v1beta/models/{model}:embedContent"),
    "rerank": ("/v1/rerank", "/v2/rerank"),
    "moderation": ("/v1/moderations",),
}
"""Addresses by what a model is for. `{model}` is its name."""
_BY_NAME: Final = (
    ("rerank", re.compile(r"rerank|^ranker", re.IGNORECASE)),
    ("moderation", re.compile(r"moderat", re.IGNORECASE)),
    ("embeddings", re.compile(r"embed|(?:^|/)(?:bge|gte|e5)-", re.IGNORECASE)),
)
"""No vendor's list says what a model is for, but its name does."""
_OUTPUT: Final = {"generation": "text", "embeddings": "embedding"}
_ALWAYS_EFFORT: Final = ("none", "reasoning_effort")
"""Ways to be told to think that every server of a format may have."""


class ModelFacts(NamedTuple):
    """One model."""

    purpose: str
    """`generation`, `embeddings`, `rerank` or `moderation`."""
    endpoints: tuple[str, ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    supports: tuple[str, ...]


def facts_of(model: Model, channels: Sequence[Channel]) -> ModelFacts:
    """What is known of a model that these channels serve."""
    purpose = _purpose(model, channels)
    supports = model.about.supports
    if supports is None:
        supports = _supports(model.name, channels) if purpose == "generation" else ()
    return ModelFacts(
        purpose,
        tuple(each.replace("{model}", model.name) for each in ENDPOINTS[purpose]),
        model.about.modalities or ("text",),
        (_OUTPUT[purpose],) if purpose in _OUTPUT else (),
        supports,
    )


def _purpose(model: Model, channels: Sequence[Channel]) -> str:
    names = [model.name, *(channel.models[model.name] for channel in channels)]
    for purpose, pattern in _BY_NAME:
        if any(pattern.search(name) for name in names) and any(
            channel.endpoint("", purpose, model.name) for channel in channels
        ):
            return purpose
    return "generation"


def _supports(name: str, channels: Sequence[Channel]) -> tuple[str, ...]:
    real = [channel for channel in channels if channel.provider.name != DEMO_PROVIDER]
    found = ["tools"] if real else []
    if any(_reasons(channel, name) for channel in real):
        found.append("reasoning")
    return tuple(found)


def _reasons(channel: Channel, name: str) -> bool:
    quirks = channel.quirks.get(name)
    if quirks is not None and quirks.thinking not in _ALWAYS_EFFORT:
        return True
    return is_reasoning_model(channel.models[name])
