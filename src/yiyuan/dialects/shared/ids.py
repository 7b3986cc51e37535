"""Ids of what we answer with, in each format's spelling."""

from yiyuan.dialects.canonical import Reply


def response_id(reply: Reply, prefix: str) -> str:
    """The response's id: the request's own, with the format's prefix."""
    return own_id(reply.id, prefix)


def own_id(request_id: str, prefix: str) -> str:
    """The same for who has no reply."""
    return prefix + request_id.removeprefix("ex_")
