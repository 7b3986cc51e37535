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
            "To open your account at {site}, type this code where you asked for it:",
            "{code}",
            "Or open this address, on any device:",
            "{link}",
            "Both work once, for {minutes} minutes. If you did not ask for this, do nothing.",
        ),
    ),
    "known": _Words(
        "You have an account at {site}",
        (
            "Somebody asked to open an account at {site} with this address; there is one already.",
            "Sign in, or choose a new password, here:",
            "{link}",
            "If it was not you, do nothing.",
        ),
    ),
    "reset": _Words(
        "A new password for {site}",
        (
            "To choose a new password for {site}, type this code where you asked for it:",
            "{code}",
            "Or open this address, on any device:",
            "{link}",
            (
                "Both work once, for {minutes} minutes. If you did not ask for this, do nothing:"
                " your password stays."
            ),
        ),
    ),
    "new_email": _Words(
        "Confirm your new address for {site}",
        (
            "To use this address at {site} from now on, type this code where you asked for it:",
            "{code}",
            "Or open this address, on any device:",
            "{link}",
            "Both work once, for {minutes} minutes. If you did not ask for this, do nothing.",
        ),
    ),
    "email_changed": _Words(
        "Your address at {site} was changed",
        (
            "You now sign in at {site} as {email}.",
            "If it was not you, undo it within 72 hours here; all devices are signed out then:",
            "{link}",
        ),
    ),
    "linked": _Words(
        "Another way to sign in to {site}",
        (
            "From now on one can sign in to your account at {site} by {service}.",
            (
                "If it was not you, take the service away on your account's page, choose another"
                " password and sign out all other devices."
            ),
        ),
    ),
    "invited": _Words(
        "An invitation to {site}",
        (
            "You are invited to an account at {site}. To join it, open this address:",
            "{link}",
            "It works once, for 7 days. If you expect no invitation, do nothing.",
        ),
    ),
    "test": _Words(
        "A test mail of {site}",
        ("Mail works: this was sent from the settings of {site}.",),
    ),
    "confirm_sink": _Words(
        "Confirm notices from {site}",
        (
            "To get notices of {site} at this address, type this code in the console:",
            "{code}",
            "If you did not ask for this, do nothing.",
        ),
    ),
}

_ZH: Final[dict[Kind, _Words]] = {
    "sign_up": _Words(
        "你在 {site} 的验证码",
        (
            "要在 {site} 开通账户，请在刚才的页面输入验证码：",
            "{code}",
            "也可以在任何设备上打开这个地址：",
            "{link}",
            "两者只能用一次，{minutes} 分钟内有效。如果不是你本人操作，无需理会。",
        ),
    ),
    "known": _Words(
        "你在 {site} 已有账户",
        (
            "有人用这个邮箱在 {site} 申请开通账户，而它已经有账户了。",
            "请在这里登录，或设置新密码：",
            "{link}",
            "如果不是你本人操作，无需理会。",
        ),
    ),
    "reset": _Words(
        "在 {site} 设置新密码",
        (
            "要在 {site} 设置新密码，请在刚才的页面输入验证码：",
            "{code}",
            "也可以在任何设备上打开这个地址：",
            "{link}",
            "两者只能用一次，{minutes} 分钟内有效。如果不是你本人操作，无需理会，密码不会改变。",
        ),
    ),
    "new_email": _Words(
        "确认你在 {site} 的新邮箱",
        (
            "以后要在 {site} 使用这个邮箱，请在刚才的页面输入验证码：",
            "{code}",
            "也可以在任何设备上打开这个地址：",
            "{link}",
            "两者只能用一次，{minutes} 分钟内有效。如果不是你本人操作，无需理会。",
        ),
    ),
    "email_changed": _Words(
        "你在 {site} 的邮箱已更改",
        (
            "从现在起，你在 {site} 用 {email} 登录。",
            "如果不是你本人操作，请在 72 小时内在这里撤销，届时所有设备都会退出登录：",
            "{link}",
        ),
    ),
    "linked": _Words(
        "{site} 新增了登录方式",
        (
            "现在可以通过 {service} 登录您在 {site} 的账户。",
            "如果不是您本人操作，请在账户页面断开该服务，更改密码，并退出其他所有设备。",
        ),
    ),
    "invited": _Words(
        "{site} 的邀请",
        (
            "你受邀加入 {site} 的一个账户。要加入，请打开这个地址：",
            "{link}",
            "它只能用一次，7 天内有效。如果你没有在等邀请，无需理会。",
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
            "如果不是你本人操作，无需理会。",
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
