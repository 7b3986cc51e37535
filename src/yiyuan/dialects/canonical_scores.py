"""The form in the middle of what is answered in scores: rerankings and moderations."""

from dataclasses import dataclass
from typing import Any

from yiyuan.dialects.canonical import Json, Request, Response


@dataclass(slots=True, kw_only=True)
class RerankRequest(Request):
    """Documents to be put in the order of a query."""

    query: str
    documents: list[str]
    top_n: int | None = None


@dataclass(slots=True, kw_only=True)
class ModerationRequest(Request):
    """Texts, or parts of messages, to be judged."""

    inputs: list[Any]


@dataclass(slots=True, kw_only=True)
class RerankResponse(Response):
    """An order, still as the upstream sent it in `raw`."""

    raw: Json


@dataclass(slots=True, kw_only=True)
class ModerationResponse(Response):
    """Judgements, still as the upstream sent them in `raw`."""

    raw: Json
