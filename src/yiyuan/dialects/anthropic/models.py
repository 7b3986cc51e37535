"""What the upstream model's name tells about models of Anthropic's."""

import re

from yiyuan.dialects.canonical import GenerationRequest, Json
from yiyuan.dialects.shared.conversion import drop

_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d+)(?:[.-](\d{1,2})(?!\d))?", re.IGNORECASE)

THINKS = (3, 7)
ADAPTS = (4, 6)
"""From here on it decides itself how much to think."""
TAKES_ONE_SAMPLING = (4, 1)
"""From here on `temperature` and `top_p` together are refused."""
TAKES_SCHEMA = (4, 1)
"""From here on it takes a schema for its answer."""


def version_of(model: str) -> tuple[int, int] | None:
    """The version in a model's name; None for who only speaks like Anthropic."""
    found = _VERSION.search(model)
    return (int(found[1]), int(found[2] or 0)) if found else None


def keep_one_sampling(request: GenerationRequest, body: Json, model: str) -> None:
    """Leave one of `temperature` and `top_p` where the model takes one; 1 says nothing."""
    if body.get("temperature") is None or body.get("top_p") is None:
        return
    version = version_of(model)
    if version is None or version < TAKES_ONE_SAMPLING:
        return
    if body["temperature"] == 1:
        del body["temperature"]
        return
    if body["top_p"] != 1:
        drop(request, "top_p")
    del body["top_p"]
