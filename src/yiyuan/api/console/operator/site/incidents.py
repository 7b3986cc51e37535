"""Incidents on the status page: operators write them, tell more of them and end them."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, SUPPORT_ROLES, Access, Empty, Route
from yiyuan.api.console.schemas import Page
from yiyuan.services.site import incidents
from yiyuan.services.site.incidents import Incident, IncidentChange, NewIncident

GROUP: Final = "incidents"
"""What its routes are called in the audit log and in the OpenAPI document."""


async def list_incidents(visit: ConsoleRequest, _: Empty) -> Page[Incident]:
    """The latest incidents, those that have ended included."""
    return Page(items=await incidents.list_incidents(visit.context))


async def create(visit: ConsoleRequest, asked: NewIncident) -> Incident:
    """Write an incident; the status page shows it within a second."""
    made = await incidents.create_incident(visit.context, asked)
    visit.subject = made.title
    return made


async def update(visit: ConsoleRequest, asked: IncidentChange) -> Incident:
    """Tell more of an incident, end it, or mend what was written."""
    before = await incidents.get_incident(visit.context, visit.places["incident"])
    now = await incidents.update_incident(visit.context, visit.places["incident"], asked)
    visit.subject = now.title
    visit.details["before"] = {
        "title": before.title,
        "title_zh": before.title_zh,
        "state": before.state,
        "models": before.models,
    }
    return now


async def remove(visit: ConsoleRequest, _: Empty) -> Empty:
    """Delete an incident that should not have been written."""
    before = await incidents.get_incident(visit.context, visit.places["incident"])
    await incidents.remove_incident(visit.context, visit.places["incident"])
    visit.subject = before.title
    return Empty()


_PATH: Final = "/api/operator/incidents"
_WRITES: Final = Access("operator", SUPPORT_ROLES)

ROUTES = (
    Route("GET", _PATH, OPERATOR_READS, list_incidents, Page[Incident]),
    Route("POST", _PATH, _WRITES, create, Incident, NewIncident),
    Route("PATCH", f"{_PATH}/{{incident}}", _WRITES, update, Incident, IncidentChange),
    Route("DELETE", f"{_PATH}/{{incident}}", _WRITES, remove, Empty),
)
