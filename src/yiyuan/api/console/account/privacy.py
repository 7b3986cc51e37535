"""Oneself as data: everything that is kept, and going for good."""

from typing import Any, Final

from yiyuan.api.console.account.session import prove_self
from yiyuan.api.console.cookie import clear_cookie
from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import PERSON_BEFORE_TERMS, Empty, Route
from yiyuan.api.console.schemas import RequestBody, ResponseBody
from yiyuan.services.people import privacy
from yiyuan.services.shared.audit_log import note_person

GROUP: Final = "privacy"
"""What its routes are called in the audit log and in the OpenAPI document."""


class Export(ResponseBody):
    """Rows by kind; times in milliseconds since 1970."""

    kept: dict[str, list[dict[str, Any]]]


class Going(RequestBody):
    """The proof of who asks; who has no password was proven minutes ago."""

    password: str = ""
    totp: str | None = None


async def download(visit: ConsoleRequest, _: Empty) -> Export:
    """Everything that is kept of the person."""
    return Export(kept=await privacy.export_person(visit.context, visit.user))


async def delete(visit: ConsoleRequest, asked: Going) -> Empty:
    """Delete the person for good; entries of the ledger stay, without them."""
    await prove_self(visit, asked.password, asked.totp)
    await privacy.delete_person(visit.context, visit.user)
    await note_person(visit.context, visit.user, "privacy.delete", {}, request_id=visit.request_id)
    visit.answer_headers.append(clear_cookie(is_secure=visit.is_secure))
    return Empty()


ROUTES = (
    Route("GET", "/api/me/export", PERSON_BEFORE_TERMS, download, Export),
    Route("POST", "/api/me/delete", PERSON_BEFORE_TERMS, delete, Empty, Going),
)
