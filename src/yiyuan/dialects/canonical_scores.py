"""The form in the middle of what is answered in scores: rerankings and moderations."""

from typing import Any

from yiyuan.dialects.canonical import Json, Request, Response


class RerankRequest(Request, kw_only=True):
    """Documents to be put in the order of a query."""

    query: str
    documents: list[str]
    top_n: int | None = None


class ModerationRequest(Request, kw_only=True):
    """Texts, or parts of messages, to be judged."""

    inputs: list[Any]


class RerankResponse(Response, kw_only=True):
    """An order, still as the upstream sent it in `raw`."""

    raw: Json


class ModerationResponse(Response, kw_only=True):
    """Judgements, still as the upstream sent them in `raw`."""

    raw: Json
