"""Everything that somebody can be told of: to whom it matters, and its words.

A template speaks of the notice's data by name; money is given as `¥1.50` under the name
with `_yuan`. No event carries a prompt, an answer or a secret.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from yiyuan.i18n.plurals import fill
from yiyuan.kernel.money import format_amount
from yiyuan.services.notifications.customer_events import CUSTOMER_EVENTS
from yiyuan.services.notifications.event import Event
from yiyuan.services.notifications.reasons import meaning

_EVENTS: Final = (
    *CUSTOMER_EVENTS,
    Event(
        "order.review",
        "operators",
        "/operator/payments",
        (
            "A payment waits for you",
            "Order {number} of {account_name}, {paid}: {reason}. Nothing is credited so far.",
        ),
        (
            "有一笔付款等你处理",
            "{account_name} 的订单 {number}（{paid}）：{reason}。尚未到账。",
        ),
        "A payment waits for a decision",
        "付款待处理",
    ),
    Event(
        "order.disputed",
        "operators",
        "/operator/payments",
        (
            "A payment is disputed",
            "Order {number} of {account_name}, {paid}: {state}. Answer at the provider.",
        ),
        (
            "有一笔付款发生争议",
            "{account_name} 的订单 {number}（{paid}）：{state}。请到支付平台处理。",
        ),
        "A payment is disputed",
        "付款争议",
    ),
    Event(
        "payments.differences",
        "operators",
        "/operator/payments",
        (
            "The day {day} differs at {method}",
            "{count} differences between the provider's list and the orders.",
        ),
        ("{method} 在 {day} 的对账有差异", "支付平台的清单与订单有 {count} 处不同。"),
        "The daily comparison has differences",
        "每日对账有差异",
    ),
    Event(
        "channel.down",
        "operators",
        "/operator/channels",
        ("The channel {channel} is down", "It has failed for {minutes} minutes."),
        ("渠道 {channel} 不可用", "已连续失败 {minutes} 分钟。"),
        "Channel down",
        "渠道不可用",
    ),
    Event(
        "channel.up",
        "operators",
        "/operator/channels",
        ("The channel {channel} is up again", "It answers requests."),
        ("渠道 {channel} 已恢复", "它又能应答请求了。"),
        "Channel up again",
        "渠道恢复",
    ),
    Event(
        "channel.key_refused",
        "operators",
        "/operator/channels",
        (
            "A key of the channel {channel} is refused",
            (
                "{count} calls were refused within the last minutes: a wrong key, arrears or a"
                " ban. It is left out until it answers again."
            ),
        ),
        (
            "渠道 {channel} 的密钥被拒绝",
            "最近几分钟有 {count} 次调用被拒绝：密钥错误、欠费或被封禁。恢复之前不再使用它。",
        ),
        "Upstream key refused",
        "上游密钥被拒绝",
    ),
    Event(
        "channel.key_expiring",
        "operators",
        "/operator/channels",
        (
            "A key of the channel {channel} expires soon",
            "It is not used from {expires_at} on. Add another in time.",
        ),
        ("渠道 {channel} 的密钥即将到期", "{expires_at} 起不再使用它。请及时添加新的密钥。"),
        "Upstream key expires",
        "上游密钥到期",
    ),
    Event(
        "channel.balance_low",
        "operators",
        "/operator/channels",
        (
            "Little is left at the upstream of the channel {channel}",
            "{left} are left, less than {least}. Top up at the vendor.",
        ),
        ("渠道 {channel} 的上游余额不足", "还剩 {left}，低于 {least}。请到供应商处充值。"),
        "Upstream balance low",
        "上游余额不足",
    ),
    Event(
        "channel.unmetered",
        "operators",
        "/operator/channels",
        (
            "The channel {channel} answers without usage",
            "{count} answers of the last hour were counted here, since it told none.",
        ),
        ("渠道 {channel} 的应答没有用量", "最近一小时有 {count} 次应答由本机计数。"),
        "Answers without usage",
        "应答没有用量",
    ),
    Event(
        "ledger.shortfall",
        "operators",
        "/operator/ledger",
        (
            "Requests cost more than was held",
            "{count} requests of {model}: {shortfall_yuan} above their holds, borne by you.",
        ),
        ("有请求的费用超出预扣", "{model} 的 {count} 个请求超出 {shortfall_yuan}，由你承担。"),
        "Cost above the hold",
        "费用超出预扣",
    ),
    Event(
        "account.stopped",
        "operators",
        "/operator",
        (
            "{account_name} is stopped at {model}",
            (
                "Several of its requests cost more than was held for them. Look at what they"
                " were, then let the account go on, on its page."
            ),
        ),
        (
            "{account_name} 对 {model} 的请求已停止",
            "其中几个请求的费用超出预扣。请查看这些请求，然后在该账户的页面上恢复。",
        ),
        "An account is stopped",
        "账户的请求被停止",
    ),
    Event(
        "ledger.verify_failed",
        "operators",
        "/operator/ledger",
        (
            "The books do not add up",
            "A proof found {problems} problems. Look into the runbook before anything is changed.",
        ),
        ("账本核对不一致", "核对发现 {problems} 个问题。请先查看运行手册，不要改动任何内容。"),
        "The books do not add up",
        "账本核对不一致",
    ),
    Event(
        "mail.stuck",
        "operators",
        "/operator/settings",
        ("Mail cannot be sent", "{count} mails were given up. The last reason: {reason}"),
        ("邮件发送失败", "已放弃 {count} 封邮件。最近的原因：{reason}"),
        "Mail cannot be sent",
        "邮件发送失败",
    ),
)

EVENTS: Final[Mapping[str, Event]] = MappingProxyType({event.name: event for event in _EVENTS})


def events_for(account_id: str | None) -> list[Event]:
    """What an account, or without one the operators, can be told of."""
    audience = "operators" if account_id is None else "customers"
    return [event for event in _EVENTS if event.audience == audience]


def words_of(name: str, data: Mapping[str, Any], language: str) -> tuple[str, str]:
    """Title and text of a notice in a language; what the data lacks stands as `?`."""
    if name == "test":
        return _TEST["zh" if language == "zh" else "en"]
    event = EVENTS[name]
    title, text = event.zh if language == "zh" else event.en
    values = _Values(data)
    values |= {name: meaning(data[name], language) for name in _CODES if name in data}
    return fill(title, values), fill(text, values)


_TEST: Final = {
    "en": ("A test notice", "Notices arrive here."),
    "zh": ("测试通知", "通知可以送达这里。"),
}


_CODES: Final = ("reason", "state")


class _Values(dict[str, Any]):
    """The data; `…_yuan` is the money of the name before it."""

    def __missing__(self, name: str) -> str:
        amount = self.get(name.removesuffix("_yuan"))
        return format_amount(amount) if isinstance(amount, int) else "?"
