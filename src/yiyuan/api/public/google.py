"""Google's addresses: the model and what is to be done with it stand in the path.

`/v1beta/models/{model}:{verb}`, and below `/v1`, where Google's SDK puts them by default.
The key may come as `x-goog-api-key`, or, on these paths only, as `?key=`, which is taken
out of the query before anything else sees it.
"""

import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from yiyuan.api.public.models import Offer
from yiyuan.gateway.request.exchange import Exchange
from yiyuan.pricing.model import Model

Json = dict[str, Any]

PREFIX = "/v1beta"
KEY_HEADER = "x-goog-api-key"
GENERATE = "generateContent"
STREAM = "streamGenerateContent"
COUNT = "countTokens"
_DIALECTS = {
    GENERATE: "gemini",
    STREAM: "gemini",
    "embedContent": "gemini_embeddings",
    "batchEmbedContents": "gemini_embeddings",
}
_METHODS: dict[str, list[str]] = {
    "generation": [GENERATE, STREAM, COUNT],
    "embeddings": ["embedContent", "batchEmbedContents"],
}
_CALL = re.compile(r"/models/(?P<model>.{1,300}):(?P<verb>[A-Za-z]{1,40})", re.DOTALL)


class Verb(NamedTuple):
    """What is asked of which model; `dialect` is None for what is free or not offered."""

    name: str
    dialect: str | None
    fields: Json
    """What the address says, in the place where other formats' bodies say it."""


def is_google(exchange: Exchange, path: str) -> bool:
    """Whether who asks speaks Google's format: by the path, or by how the key comes."""
    return (
        path.startswith(PREFIX)
        or _CALL.fullmatch(path) is not None
        or (path.startswith("/models") and KEY_HEADER in exchange.headers)
    )


def take_key(exchange: Exchange) -> None:
    """Move a key out of the query into its header."""
    if "key=" not in exchange.query:
        return
    pairs = parse_qsl(exchange.query, keep_blank_values=True)
    keys = [value for name, value in pairs if name == "key" and value]
    exchange.query = urlencode([pair for pair in pairs if pair[0] != "key"])
    if keys:
        exchange.headers.setdefault(KEY_HEADER, keys[0])


def verb_of(path: str, query: str) -> Verb | None:
    """Read a path without its version; None when it calls no model."""
    found = _CALL.fullmatch(path)
    if found is None:
        return None
    name = found["verb"]
    fields: Json = {"model": found["model"]}
    if name == STREAM:
        # Without `alt=sse` Google sends one JSON array: here an array of one whole answer.
        is_events = ("alt", "sse") in parse_qsl(query)
        fields |= {"stream": True} if is_events else {"alt": "array"}
    return Verb(name, _DIALECTS.get(name), fields)


def google_list(models: list[Model], offer: Offer) -> Json:
    """Google's page of models; there is always one page."""
    return {"models": [google_model(model, offer) for model in models]}


def google_model(model: Model, offer: Offer) -> Json:
    """Google's model object."""
    facts, ends = offer.facts(model), model.about.shutdown_date
    shown: Json = {
        "name": f"models/{model.name}",
        "displayName": model.name,
        "version": "1",
        "supportedGenerationMethods": _METHODS.get(facts.purpose, []),
        "thinking": "reasoning" in facts.supports,
    }
    if ends is not None:
        shown["description"] = f"Offered until {ends}."
    if model.context_tokens is not None:
        shown["inputTokenLimit"] = model.context_tokens
    if model.max_output_tokens is not None:
        shown["outputTokenLimit"] = model.max_output_tokens
    return shown
