"""What a vendor says in its own way: errors inside a 200, whose fault one is, odd places of usage.

An operator's arrears or ban is never the customer's error, whatever the status: the
key is refused as a wrong one is, and the next is tried. A server that is busy may say
so with another status than 429.
"""

from collections.abc import Sequence

import orjson

from yiyuan.dialects.canonical import Delta, Json, ToolCall, ToolCallDelta, UpstreamProblem
from yiyuan.dialects.contract import StreamReader, UpstreamStreamError
from yiyuan.dialects.quirks import Quirks
from yiyuan.dialects.shared.json_text import at
from yiyuan.gateway.upstream.known_errors import blames_account

ACCOUNT = "account"
BUSY = "busy"


def fault_of(status: int, problem: UpstreamProblem, quirks: Quirks | None) -> str | None:
    """`account` or `busy` when codes, the vendor's or all vendors', say so; None: the status tells.

    Words for arrears or a bad key count where the request itself would be blamed.
    """
    if quirks is not None:
        codes = {str(status), problem.code, problem.type}
        if not codes.isdisjoint(quirks.account_codes):
            return ACCOUNT
        if not codes.isdisjoint(quirks.busy_codes):
            return BUSY
    return ACCOUNT if blames_account(problem) else None


def looks_into(quirks: Quirks | None) -> bool:
    """Whether `check_body` may find anything in the answers of this vendor."""
    return quirks is not None and bool(quirks.error_at or quirks.usage_at)


def check_body(body: Json, quirks: Quirks | None) -> None:
    """Raise UpstreamStreamError for an error that came with status 200; put usage in its place."""
    if quirks is None:
        return
    place = quirks.error_at
    if place is not None:
        told = at(body, place.path)
        if told is not None and str(told) not in place.ok:
            holder = at(body, place.path.rpartition(".")[0]) or body
            message = holder.get("status_msg") or holder.get("message") or "an error in a 200"
            raise UpstreamStreamError(UpstreamProblem(str(message)[:2000], code=str(told)))
    if quirks.usage_at and body.get("usage") is None:
        found = (at(body, path) for path in quirks.usage_at)
        usage = next((usage for usage in found if usage is not None), None)
        if usage is not None:
            body["usage"] = usage


class VendorReader:
    """A reader for a vendor whose events have to be looked at before the format's reader."""

    def __init__(self, reader: StreamReader, quirks: Quirks) -> None:
        """`reader` is the format's own."""
        self._reader = reader
        self._quirks = quirks
        self.is_complete = False
        self.is_over = False

    def feed(self, event: str | None, data: str) -> list[Delta]:
        """See `StreamReader.feed`."""
        deltas = self._reader.feed(event, self._looked_at(data))
        self.is_complete, self.is_over = self._reader.is_complete, self._reader.is_over
        return deltas

    def _looked_at(self, data: str) -> str:
        try:
            body = orjson.loads(data)
        except orjson.JSONDecodeError:
            return data
        if not isinstance(body, dict):
            return data
        had = body.get("usage")
        check_body(body, self._quirks)
        return data if body.get("usage") is had else orjson.dumps(body).decode()


def relabel(calls: Sequence[ToolCall | ToolCallDelta], family: str) -> None:
    """Name the route that made the calls' proofs, where a format is spoken on several."""
    for call in calls:
        if call.proof is not None:
            call.proof = call.proof._replace(family=family)


def reader_for(reader: StreamReader, quirks: Quirks | None) -> StreamReader:
    """The reader itself, or one that looks before it."""
    if quirks is None or not looks_into(quirks):
        return reader
    return VendorReader(reader, quirks)
