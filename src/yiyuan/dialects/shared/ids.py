"""Ids of what we answer with, in each format's spelling."""

from yiyuan.dialects.canonical import Json, Reply


def response_id(reply: Reply, prefix: str) -> str:
    """The response's id: the request's own, with the format's prefix."""
    return own_id(reply.id, prefix)


def own_id(request_id: str, prefix: str) -> str:
    """The same for who has no reply."""
    return prefix + request_id.removeprefix("ex_")


def upstream_id(body: Json) -> str | None:
    """The id that an upstream gave its answer, if it did."""
    found = body.get("id")
    return found if type(found) is str else None
