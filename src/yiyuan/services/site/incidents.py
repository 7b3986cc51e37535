"""Incidents that operators write for the status page: what happened, and what became of it.

A title and a text are in whatever language the shop speaks; where there is a Chinese one
besides, readers of Chinese see that. Each update says in which state it left the incident;
`resolved` ends it, and a later one of another state opens it again.
"""

import json
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from yiyuan.kernel.calendar import DAY_MS
from yiyuan.kernel.clock import iso
from yiyuan.kernel.ids import new_id
from yiyuan.services.shared.answer import Answer, time_text
from yiyuan.services.shared.command import Json, command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import Nothing, Request, invalid, time_of
from yiyuan.store.tables import incidents as rows
from yiyuan.store.tables.catalog import read_catalog
from yiyuan.store.tables.incidents import IncidentRow, IncidentUpdateRow

State = Literal["investigating", "identified", "monitoring", "resolved"]
Title = Annotated[str, Meta(min_length=1, max_length=200)]
OtherTitle = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=4_000)]
Models = Annotated[list[str], Meta(max_length=200)]

LISTED_MAX: Final = 200
SHOWN_MAX: Final = 20
"""On the status page."""
SHOWN_DAYS: Final = 14
"""For so long after their end."""
UPDATES_MAX: Final = 100
_LINE_BREAKS: Final = str.maketrans("", "", "\n\t")


class NewIncident(Request):
    """What happened; `began` is now unless it is given."""

    title: Title
    text: Text = ""
    state: State = "investigating"
    title_zh: OtherTitle = ""
    text_zh: Text = ""
    models: Models | None = None
    began: str | None = None


class IncidentChange(Request):
    """What is new: a text, a state or both are an update; the rest mends the incident.

    An empty Chinese title takes it away, as an empty list does the models.
    """

    text: Text = ""
    text_zh: Text = ""
    state: State | None = None
    title: Title | None = None
    title_zh: OtherTitle | None = None
    models: Models | None = None


class OneIncident(Request):
    """An incident by its id."""

    id: str


class UpdateIncident(IncidentChange, kw_only=True):
    """The same with the incident's id."""

    id: str


class IncidentUpdate(Answer):
    """What was told at one time; `text_zh` is null where readers of Chinese see `text`."""

    at: str
    state: str
    text: str
    text_zh: str | None


class Incident(Answer):
    """One incident, its updates the latest first; `resolved` is null while it lasts."""

    id: str
    title: str
    title_zh: str | None
    state: str
    models: list[str]
    began: str
    resolved: str | None
    updates: list[IncidentUpdate]


@command("incident.create")
async def create(context: ServiceContext, request: NewIncident) -> Json:
    """Write an incident: the incident."""
    return _document(await create_incident(context, request))


@command("incident.update")
async def update(context: ServiceContext, request: UpdateIncident) -> Json:
    """Tell more of it, end it, or mend it: the incident."""
    fields = {name: getattr(request, name) for name in IncidentChange.__struct_fields__}
    return _document(await update_incident(context, request.id, IncidentChange(**fields)))


@command("incident.list", reads=True)
async def list_all(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """The latest incidents: `{"incidents":[…]}`."""
    return {"incidents": msgspec.to_builtins(await list_incidents(context))}


@command("incident.remove")
async def remove(context: ServiceContext, request: OneIncident) -> Json:
    """Delete one that should not have been written: `{"removed"}`."""
    await remove_incident(context, request.id)
    return {"removed": request.id}


async def create_incident(context: ServiceContext, request: NewIncident) -> Incident:
    """Write an incident with its first update. Raises ServiceError."""
    now = context.clock.wall_ms()
    began = time_of("began", request.began or None)
    if began is not None and began > now:
        raise invalid("began", "must not be in the future")
    row = IncidentRow(
        id=new_id("inc"),
        title=_checked_line("title", request.title),
        title_zh=_checked_line("title_zh", request.title_zh) or None,
        models=await _checked_models(context, request.models or []),
        began_at=now if began is None else began,
        resolved_at=now if request.state == "resolved" else None,
    )
    told = _update(row.id, now, request.state, request.text, request.text_zh)
    await context.database.write([rows.add_incident(row), rows.add_update(told)])
    return await get_incident(context, row.id)


async def update_incident(
    context: ServiceContext, incident_id: str, change: IncidentChange
) -> Incident:
    """Add an update, change what was written, or both. Raises ServiceError."""
    before = await get_incident(context, incident_id)
    row, now = await _find(context, incident_id), context.clock.wall_ms()
    if change == IncidentChange():
        raise ServiceError("invalid_argument", "say what is new: a text, a state or what to change")
    if change.title is not None:
        row = row._replace(title=_checked_line("title", change.title))
    if change.title_zh is not None:
        row = row._replace(title_zh=_checked_line("title_zh", change.title_zh) or None)
    if change.models is not None:
        row = row._replace(models=await _checked_models(context, change.models))
    told = []
    if change.text or change.text_zh or change.state is not None:
        state = change.state or before.state
        told = [rows.add_update(_update(row.id, now, state, change.text, change.text_zh))]
        if len(before.updates) >= UPDATES_MAX:
            raise ServiceError(
                "invalid_argument", "the incident has too many updates: write a new one"
            )
        ended = row.resolved_at or now
        row = row._replace(resolved_at=ended if state == "resolved" else None)
    if (await context.database.write([rows.change_incident(row), *told]))[0] != 1:
        raise _no_incident()
    return await get_incident(context, incident_id)


async def remove_incident(context: ServiceContext, incident_id: str) -> None:
    """Delete an incident with its updates. Raises ServiceError `not_found`."""
    if (await context.database.write(rows.remove_incident(incident_id)))[-1] != 1:
        raise _no_incident()


async def list_incidents(context: ServiceContext) -> list[Incident]:
    """The latest, those that last and those that have ended."""
    return await _read(context, 0, LISTED_MAX)


async def shown_incidents(context: ServiceContext) -> list[Incident]:
    """Those of the status page: what lasts, and what ended within some days."""
    return await _read(context, context.clock.wall_ms() - SHOWN_DAYS * DAY_MS, SHOWN_MAX)


async def lasting_incidents(context: ServiceContext) -> list[Incident]:
    """Those that have not ended, the latest first."""
    found = await _read(context, context.clock.wall_ms(), SHOWN_MAX)
    return [each for each in found if each.resolved is None]


async def get_incident(context: ServiceContext, incident_id: str) -> Incident:
    """One by its id. Raises ServiceError `not_found`."""
    row = await _find(context, incident_id)
    return _shown(row, await rows.updates_of(context.database, [row.id]))


async def _find(context: ServiceContext, incident_id: str) -> IncidentRow:
    row = await rows.find_incident(context.database, incident_id)
    if row is None:
        raise _no_incident()
    return row


async def _read(context: ServiceContext, since_ms: int, limit: int) -> list[Incident]:
    found = await rows.latest_incidents(context.database, resolved_since_ms=since_ms, limit=limit)
    told: dict[str, list[IncidentUpdateRow]] = {}
    for each in await rows.updates_of(context.database, [row.id for row in found]):
        told.setdefault(each.incident_id, []).append(each)
    return [_shown(row, told.get(row.id, [])) for row in found]


def _shown(row: IncidentRow, told: list[IncidentUpdateRow]) -> Incident:
    return Incident(
        id=row.id,
        title=row.title,
        title_zh=row.title_zh,
        state=told[0].state if told else "investigating",
        models=json.loads(row.models),
        began=iso(row.began_at),
        resolved=time_text(row.resolved_at),
        updates=[
            IncidentUpdate(at=iso(each.at), state=each.state, text=each.text, text_zh=each.text_zh)
            for each in told
        ],
    )


def _document(incident: Incident) -> Json:
    document: Json = msgspec.to_builtins(incident)
    return document


def _update(incident_id: str, at: int, state: str, text: str, text_zh: str) -> IncidentUpdateRow:
    said = _checked_text("text", text)
    said_zh = _checked_text("text_zh", text_zh)
    return IncidentUpdateRow(incident_id, 0, at, state, said, said_zh or None)


def _checked_line(name: str, text: str) -> str:
    if text and (not text.strip() or not text.isprintable()):
        raise invalid(name, "must be one line of printable characters")
    return text.strip()


def _checked_text(name: str, text: str) -> str:
    """A text of any number of lines, which end as they do here."""
    lines = text.replace("\r\n", "\n").strip()
    if lines and not lines.translate(_LINE_BREAKS).isprintable():
        raise invalid(name, "must be printable characters and line breaks")
    return lines


async def _checked_models(context: ServiceContext, models: list[str]) -> str:
    """Models of the catalog as JSON, each once."""
    known = {row.name for row in (await read_catalog(context.database)).models} if models else set()
    for name in models:
        if name not in known:
            raise invalid("models", 'has "{model}", which is no model here', model=name)
    return json.dumps(list(dict.fromkeys(models)), ensure_ascii=False)


def _no_incident() -> ServiceError:
    return ServiceError("not_found", "there is no such incident")
