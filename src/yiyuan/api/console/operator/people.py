"""Everybody who may sign in, as operators see them."""

from typing import Final, NamedTuple

from yiyuan.api.console.cursor import read_cursor, write_cursor
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, Empty, Route
from yiyuan.api.console.schemas import Page, PageSize, RequestBody
from yiyuan.services.people import directory
from yiyuan.services.people.directory import Person, PersonDetail

GROUP: Final = "people"
"""What its routes are called in the audit log and in the OpenAPI document."""


class PeopleQuery(RequestBody):
    """People whose e-mail address begins with `search`."""

    search: str = ""
    after: str | None = None
    limit: PageSize = 50


class _Cursor(NamedTuple):
    email: str


async def list_people(visit: ConsoleRequest, asked: PeopleQuery) -> Page[Person]:
    """Everybody who may sign in, by e-mail address."""
    place = read_cursor(asked.after, _Cursor)
    after = "" if place is None else place.email
    found = await directory.people_page(
        visit.context, search=asked.search, after=after, limit=asked.limit
    )
    following = write_cursor(found[-1].email) if len(found) == asked.limit else None
    return Page(items=found, next=following)


async def show_person(visit: ConsoleRequest, _: Empty) -> PersonDetail:
    """One of them, with the accounts that they belong to."""
    return await directory.show_person(visit.context, visit.places["user"])


_PEOPLE = "/api/operator/people"

ROUTES = (
    Route("GET", _PEOPLE, OPERATOR_READS, list_people, Page[Person], PeopleQuery),
    Route("GET", f"{_PEOPLE}/{{user}}", OPERATOR_READS, show_person, PersonDetail),
)
