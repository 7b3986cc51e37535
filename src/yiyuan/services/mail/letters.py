"""What is written in mails about signing in, in two languages.

No text of a stranger is in a subject, and none at all but the address that a change of
mailbox leads to. The six digits stand in a line of their own, before the link, whose
secret stands behind `#`, where no server and no log sees it.
"""

from dataclasses import dataclass
from typing import Final, Literal

from yiyuan.services.mail.message import Mail

Kind = Literal[
    "sign_up",
    "known",
    "reset",
    "new_email",
    "email_changed",
    "linked",
    "invited",
    "test",
    "confirm_sink",
]

MINUTES: Final = 30


@dataclass(slots=True, frozen=True)
class _Words:
    subject: str
    lines: tuple[str, ...]


_EN: Final[dict[Kind, _Words]] = {
    "sign_up": _Words(
        "Your code for {site}",
        (
            "To open your account at {site}, enter this code on the page where you requested it:",
            "{code}",
            "Or open this link on any device:",
            "{link}",
            "Both work once, for {minutes} minutes. If you did not request this, ignore this mail.",
        ),
    ),
    "known": _Words(
        "You already have an account at {site}",
        (
            "Someone tried to open an account at {site} with this address, but one already exists.",
            "Sign in or choose a new password here:",
            "{link}",
            "If it was not you, ignore this mail.",
        ),
    ),
    "reset": _Words(
        "Reset your password for {site}",
        (
            "To reset your password for {site}, enter this code where you requested it:",
            "{code}",
            "Or open this link on any device:",
            "{link}",
            (
                "Both work once, for {minutes} minutes. If you did not request this, do nothing:"
                " your password stays the same."
            ),
        ),
    ),
    "new_email": _Words(
        "Confirm your new address for {site}",
        (
            "To use this address at {site}, enter this code on the page where you requested it:",
            "{code}",
            "Or open this link on any device:",
            "{link}",
            "Both work once, for {minutes} minutes. If you did not request this, ignore this mail.",
        ),
    ),
    "email_changed": _Words(
        "Your address at {site} was changed",
        (
            "You now sign in at {site} as {email}.",
            "If it was not you, undo the change here within 72 hours; this signs out all devices:",
            "{link}",
        ),
    ),
    "linked": _Words(
        "A new way to sign in to {site}",
        (
            "You can now sign in to your account at {site} with {service}.",
            (
                "If it was not you, remove the service on your account page, change your"
                " password and sign out all other devices."
            ),
        ),
    ),
    "invited": _Words(
        "An invitation to {site}",
        (
            "You have been invited to an account at {site}. To join it, open this link:",
            "{link}",
            "It works once, for 7 days. If you do not expect an invitation, ignore this mail.",
        ),
    ),
    "test": _Words(
        "A test message from {site}",
        ("Mail works: this message was sent from the settings of {site}.",),
    ),
    "confirm_sink": _Words(
        "Confirm notifications from {site}",
        (
            "To receive notifications from {site} at this address, enter this code in the console:",
            "{code}",
            "If you did not request this, ignore this mail.",
        ),
    ),
}

_ZH: Final[dict[Kind, _Words]] = {
    "sign_up": _Words(
        "您在 {site} 的验证码",
        (
            "要在 {site} 开通账户，请在申请的页面输入验证码：",
            "{code}",
            "也可以在任何设备上打开以下链接：",
            "{link}",
            "验证码和链接只能使用一次，{minutes} 分钟内有效。如非您本人操作，请忽略本邮件。",
        ),
    ),
    "known": _Words(
        "您在 {site} 已有账户",
        (
            "有人用这个邮箱在 {site} 申请开通账户，但该邮箱已有账户。",
            "请在这里登录，或设置新密码：",
            "{link}",
            "如非您本人操作，请忽略本邮件。",
        ),
    ),
    "reset": _Words(
        "在 {site} 设置新密码",
        (
            "要在 {site} 设置新密码，请在刚才的页面输入验证码：",
            "{code}",
            "也可以在任何设备上打开以下链接：",
            "{link}",
            "验证码和链接只能使用一次，{minutes} 分钟内有效。如非您本人操作请忽略，密码不变。",
        ),
    ),
    "new_email": _Words(
        "确认您在 {site} 的新邮箱",
        (
            "以后要在 {site} 使用这个邮箱，请在刚才的页面输入验证码：",
            "{code}",
            "也可以在任何设备上打开以下链接：",
            "{link}",
            "验证码和链接只能使用一次，{minutes} 分钟内有效。如非您本人操作，请忽略本邮件。",
        ),
    ),
    "email_changed": _Words(
        "您在 {site} 的邮箱已更改",
        (
            "从现在起，请使用 {email} 登录 {site}。",
            "如非您本人操作，请在 72 小时内通过以下链接撤销，撤销后所有设备都会退出登录：",
            "{link}",
        ),
    ),
    "linked": _Words(
        "{site} 新增了登录方式",
        (
            "现在可以通过 {service} 登录您在 {site} 的账户。",
            "如非您本人操作，请在账户页面取消关联该服务，更改密码，并退出其他所有设备。",
        ),
    ),
    "invited": _Words(
        "{site} 的邀请",
        (
            "您受邀加入 {site} 的一个账户。要加入，请打开以下链接：",
            "{link}",
            "链接只能使用一次，7 天内有效。如果您不认识此邀请，请忽略本邮件。",
        ),
    ),
    "test": _Words(
        "{site} 的测试邮件",
        ("邮件可以正常发送：这封邮件来自 {site} 的设置页。",),
    ),
    "confirm_sink": _Words(
        "确认接收 {site} 的通知",
        (
            "要在这个邮箱接收 {site} 的通知，请在控制台输入验证码：",
            "{code}",
            "如非您本人操作，请忽略本邮件。",
        ),
    ),
}

_LANGUAGES: Final = {"en": _EN, "zh": _ZH}


def letter(kind: Kind, to: str, language: str, **values: str) -> Mail:
    """A mail of this kind; `site` and whatever else it speaks of by name."""
    words = _LANGUAGES.get(language, _EN)[kind]
    filled = {"minutes": str(MINUTES), **values}
    text = "\n\n".join(line.format(**filled) for line in words.lines) + "\n"
    return Mail(to=to, subject=words.subject.format(**filled), text=text, kind=kind)
