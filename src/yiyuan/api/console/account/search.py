"""The search from anywhere in the console."""

from typing import Annotated, Final

import msgspec

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import PERSON, Route
from yiyuan.api.console.schemas import RequestBody, ResponseBody
from yiyuan.services.site.search import TEXT_CHARACTERS_MAX, Found, search

GROUP: Final = "search"
"""What its routes are called in the audit log and in the OpenAPI document."""


class SearchQuery(RequestBody):
    """Any part of a name, e-mail, model or token ending, or an id."""

    q: Annotated[str, msgspec.Meta(max_length=TEXT_CHARACTERS_MAX)]


class SearchResult(ResponseBody):
    """What was found, the likeliest first; members find what is theirs."""

    items: list[Found]


async def find(visit: ConsoleRequest, asked: SearchQuery) -> SearchResult:
    """Search the shop, or what is one's own."""
    caller = visit.visitor
    own = None if caller.role is not None else {account.id for account in caller.accounts}
    return SearchResult(items=await search(visit.context, asked.q, own))


ROUTES = (Route("GET", "/api/search", PERSON, find, SearchResult, SearchQuery),)
