"""How channels did in the last day: tries, errors and durations by the hour, the last error."""

from typing import Final

import msgspec

from yiyuan.kernel.clock import iso
from yiyuan.services.catalog.stored import read_stored
from yiyuan.services.channels.channels import get_channel
from yiyuan.services.shared.answer import Answer
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request
from yiyuan.store.queries.operator import ChannelTries, FailedTry, channel_hours, last_failures

HOURS: Final = 24
_HOUR_MS: Final = 3_600_000


class HistoryAsk(Request):
    """One channel by name or id, or all of them."""

    name: str | None = None


class Hour(Answer):
    """One hour; `p95_ms` of the answered tries, None where none was answered."""

    at: str
    requests: int
    errors: int
    p95_ms: int | None


class LastError(Answer):
    """The latest failed try: `outcome` is its cause, `status` the upstream's, if it had one."""

    at: str
    request_id: str
    model: str
    key_id: str | None
    outcome: str
    status: int | None


class ChannelHistory(Answer):
    """A channel's last 24 hours, the oldest first, those without a try included."""

    id: str
    name: str
    hours: list[Hour]
    last_error: LastError | None


@command("channel.history", reads=True)
async def history(context: ServiceContext, request: HistoryAsk) -> Json:
    """The last 24 hours of one channel, or of all: `{"channels": […]}`."""
    found = await channel_histories(context)
    if request.name is not None:
        row = (await get_channel(context, request.name)).row
        found = [each for each in found if each.id == row.id]
    return {"channels": msgspec.to_builtins(found)}


async def channel_histories(context: ServiceContext) -> list[ChannelHistory]:
    """All channels of the catalog, in its order."""
    last = context.clock.wall_ms() // _HOUR_MS
    first = last - HOURS + 1
    tries = await channel_hours(context.database, first * _HOUR_MS)
    known = {(each.channel_id, each.hour): each for each in tries}
    errors = {
        each.channel_id: each for each in await last_failures(context.database, first * _HOUR_MS)
    }
    histories = []
    for channel in (await read_stored(context)).channels.values():
        row = channel.row
        span = range(first, last + 1)
        hours = [_hour(hour, known.get((row.id, hour))) for hour in span]
        error = errors.get(row.id)
        shown = None if error is None else _last_error(error)
        histories.append(ChannelHistory(id=row.id, name=row.name, hours=hours, last_error=shown))
    return histories


def _hour(hour: int, tries: ChannelTries | None) -> Hour:
    at = iso(hour * _HOUR_MS)
    if tries is None:
        return Hour(at=at, requests=0, errors=0, p95_ms=None)
    return Hour(at=at, requests=tries.requests, errors=tries.errors, p95_ms=tries.p95_ms)


def _last_error(found: FailedTry) -> LastError:
    return LastError(
        at=iso(found.at),
        request_id=found.request_id,
        model=found.model,
        key_id=found.key_id,
        outcome=found.outcome,
        status=found.status,
    )
