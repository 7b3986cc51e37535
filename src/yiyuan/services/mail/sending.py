"""How services send mail: by the server's queue, or at once where there is no server."""

from yiyuan.i18n.message import Message
from yiyuan.services.mail.message import Mail
from yiyuan.services.mail.postbox import Postbox
from yiyuan.services.mail.smtp import MailRefused, SmtpSettings
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site.settings import SiteSettings, read_site


def smtp_settings(site: SiteSettings) -> SmtpSettings:
    """Where mail is handed in, as the settings say."""
    return SmtpSettings(
        host=site.smtp_host,
        port=site.smtp_port,
        security=site.smtp_security,
        user=site.smtp_user,
        password=site.smtp_password,
        sender=site.smtp_from,
        reply_to=site.smtp_reply_to,
    )


async def send(context: ServiceContext, mail: Mail) -> None:
    """Send a mail, soon. Raises ServiceError `unavailable` when too many wait."""
    if context.postbox is None:
        await send_at_once(context, mail)
    elif not context.postbox.put(mail):
        raise _too_many_wait()


def check_room(context: ServiceContext) -> None:
    """Refuse what may or may not send a mail, so that nothing tells which.

    Raises ServiceError `unavailable` when too many wait.
    """
    if context.postbox is not None and context.postbox.is_full:
        raise _too_many_wait()


async def send_at_once(context: ServiceContext, mail: Mail) -> None:
    """Send a mail while the caller waits. Raises ServiceError `mail_refused`."""
    box = context.postbox or postbox(context)
    try:
        await box.send_now(mail)
    except MailRefused as refused:
        raise ServiceError(
            "mail_refused", Message("the mail was not sent: {error}", error=refused.reason)
        ) from None


def _too_many_wait() -> ServiceError:
    return ServiceError("unavailable", "too many mails wait to be sent: try again later")


def postbox(context: ServiceContext) -> Postbox:
    """A queue that follows the settings."""

    async def settings() -> SmtpSettings:
        return smtp_settings(await read_site(context))

    return Postbox(settings, context.clock)
