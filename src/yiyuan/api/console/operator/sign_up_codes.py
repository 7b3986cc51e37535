"""Codes with which strangers may sign up where an invitation is needed."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, SUPPORT_ROLES, Access, Empty, Route
from yiyuan.api.console.schemas import Page, ResponseBody
from yiyuan.services.people.sign_up import invitation_codes
from yiyuan.services.people.sign_up.invitation_codes import NewSignUpCode, SignUpCode

GROUP: Final = "sign_up_codes"
"""What its routes are called in the audit log and in the OpenAPI document."""


class MadeSignUpCode(ResponseBody):
    """The code, shown this once."""

    code: str
    item: SignUpCode


async def list_codes(visit: ConsoleRequest, _: Empty) -> Page[SignUpCode]:
    """Every code, without the code itself."""
    return Page(items=await invitation_codes.list_codes(visit.context))


async def create(visit: ConsoleRequest, asked: NewSignUpCode) -> MadeSignUpCode:
    """Make a code; the only answer that has it."""
    item, code = await invitation_codes.make_code(visit.context, asked)
    visit.subject = item.name
    return MadeSignUpCode(code=code, item=item)


async def end(visit: ConsoleRequest, _: Empty) -> Empty:
    """Let nobody sign up with a code any more."""
    await invitation_codes.end_code(visit.context, visit.places["code"])
    return Empty()


_PATH: Final = "/api/operator/sign-up-codes"

ROUTES = (
    Route("GET", _PATH, OPERATOR_READS, list_codes, Page[SignUpCode]),
    Route("POST", _PATH, Access("operator", SUPPORT_ROLES), create, MadeSignUpCode, NewSignUpCode),
    Route("DELETE", f"{_PATH}/{{code}}", Access("operator", SUPPORT_ROLES), end, Empty),
)
