"""Trying the mail server: from the command line and by the button of the settings page."""

from typing import Any

from yiyuan.services.mail.letters import letter
from yiyuan.services.mail.message import is_mailbox
from yiyuan.services.mail.sending import send_at_once
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Request, invalid
from yiyuan.services.site.settings import read_site


class TestMail(Request):
    """The mailbox that the test goes to."""

    to: str


@command("settings.test_mail")
async def test_command(context: ServiceContext, request: TestMail) -> dict[str, Any]:
    """Send a test mail. Raises ServiceError `mail_refused` with the server's own words."""
    await send_test(context, request.to, context.settings.language)
    return {"to": request.to}


async def send_test(context: ServiceContext, to: str, language: str) -> None:
    """The same in a language."""
    if not is_mailbox(to):
        raise invalid("to", "must be an e-mail address")
    site = await read_site(context)
    await send_at_once(context, letter("test", to, language, site=site.site_name))
