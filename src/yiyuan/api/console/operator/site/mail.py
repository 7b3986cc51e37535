"""The mail server: whether it takes mail, and what could not be sent."""

from typing import Final

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import Line, RequestBody, ResponseBody
from yiyuan.kernel.clock import iso
from yiyuan.services.mail.commands import send_test
from yiyuan.services.mail.postbox import Postbox

GROUP: Final = "mail"
"""What its routes are called in the audit log and in the OpenAPI document."""


class MailTest(RequestBody):
    """Where the test mail goes."""

    to: Line


class StuckMail(ResponseBody):
    """A mail that was given up; of the mailbox only its domain is shown."""

    kind: str
    domain: str
    reason: str
    at: str


class MailState(ResponseBody):
    """What became of the mails of one process, since its start."""

    waiting: int
    sent: int
    given_up: int
    last_reason: str
    """Why the last try did not work; empty after one that did."""
    stuck: list[StuckMail]


async def test(visit: ConsoleRequest, asked: MailTest) -> Empty:
    """Send a test mail now; a refusal has the mail server's own words."""
    await send_test(visit.context, asked.to, visit.language)
    return Empty()


async def show(visit: ConsoleRequest, _: Empty) -> MailState:
    """What became of mails, and which could not be sent."""
    box = visit.context.postbox
    assert isinstance(box, Postbox), "a server has one"
    stuck = [
        StuckMail(kind=each.kind, domain=each.domain, reason=each.reason, at=iso(each.at))
        for each in box.stuck
    ]
    return MailState(
        waiting=box.waiting,
        sent=box.stats.sent,
        given_up=box.stats.given_up,
        last_reason=box.last_reason,
        stuck=stuck,
    )


ROUTES = (
    Route("GET", "/api/operator/mail", OPERATOR_READS, show, MailState),
    Route("POST", "/api/operator/mail/test", Access("operator", OWNER), test, Empty, MailTest),
)
