"""Redemption codes: batches, their codes (once), and who used them."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import FINANCE_ROLES, OPERATOR_READS, Access, Empty, Route
from yiyuan.api.console.schemas import Page, ResponseBody
from yiyuan.services.payments import code_batches, codes
from yiyuan.services.payments.code_batches import CodeBatch, CodeUse

GROUP: Final = "codes"
"""What its routes are called in the audit log and in the OpenAPI document."""


class MadeCodes(ResponseBody):
    """The only time that the codes are shown."""

    batch: str
    codes: list[str]


async def list_batches(visit: ConsoleRequest, _: Empty) -> Page[CodeBatch]:
    """All batches, the latest first."""
    return Page(items=await code_batches.list_batches(visit.context))


async def create(visit: ConsoleRequest, asked: codes.NewCodes) -> MadeCodes:
    """Make codes; they are in this answer and nowhere else."""
    made = await codes.create(visit.context, asked)
    visit.subject = made["batch"]
    return MadeCodes(batch=made["batch"], codes=made["codes"])


async def revoke(visit: ConsoleRequest, _: Empty) -> CodeBatch:
    """Let the codes of a batch that nobody has used stop working."""
    return await code_batches.revoke_batch(visit.context, visit.places["batch"])


async def list_uses(visit: ConsoleRequest, _: Empty) -> Page[CodeUse]:
    """Who used codes of a batch."""
    return Page(items=await code_batches.list_uses(visit.context, visit.places["batch"]))


_CODES = "/api/operator/codes"
_MONEY = Access("operator", FINANCE_ROLES)

ROUTES = (
    Route("GET", _CODES, OPERATOR_READS, list_batches, Page[CodeBatch]),
    Route("POST", _CODES, _MONEY, create, MadeCodes, codes.NewCodes),
    Route("GET", f"{_CODES}/{{batch}}", OPERATOR_READS, list_uses, Page[CodeUse]),
    Route("POST", f"{_CODES}/{{batch}}/revoke", _MONEY, revoke, CodeBatch),
)
