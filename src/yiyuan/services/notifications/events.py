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
            "A payment needs your decision",
            "Order {number} of {account_name}, {paid}: {reason}. Nothing has been credited yet.",
        ),
        (
            "有一笔付款等待您处理",
            "{account_name} 的订单 {number}（{paid}）：{reason}。尚未到账。",
        ),
        "A payment needs a decision",
        "付款待处理",
    ),
    Event(
        "order.disputed",
        "operators",
        "/operator/payments",
        (
            "A payment is disputed",
            "Order {number} of {account_name}, {paid}: {state}. Respond on the provider's site.",
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
            "Reconciliation of {day} found differences: {method}",
            "{count} differences between the provider's list and the orders.",
        ),
        ("{method} 在 {day} 的核对有差异", "支付平台的账单与订单有 {count} 处不同。"),
        "The daily reconciliation found differences",
        "每日核对有差异",
    ),
    Event(
        "channel.down",
        "operators",
        "/operator/channels",
        ("The channel {channel} is down", "It has been failing for {minutes} minutes."),
        ("渠道 {channel} 不可用", "已连续失败 {minutes} 分钟。"),
        "Channel down",
        "渠道不可用",
    ),
    Event(
        "channel.up",
        "operators",
        "/operator/channels",
        ("The channel {channel} has recovered", "It is serving requests again."),
        ("渠道 {channel} 已恢复", "它已恢复处理请求。"),
        "Channel recovered",
        "渠道恢复",
    ),
    Event(
        "channel.key_refused",
        "operators",
        "/operator/channels",
        (
            "A key of the channel {channel} is rejected",
            (
                "{count} calls were refused in the last few minutes: a wrong key, arrears or a"
                " ban. The key is not used until it works again."
            ),
        ),
        (
            "渠道 {channel} 的密钥被拒绝",
            "最近几分钟有 {count} 次调用被拒绝：密钥错误、欠费或被封禁。恢复之前不再使用它。",
        ),
        "Upstream key rejected",
        "上游密钥被拒绝",
    ),
    Event(
        "channel.key_expiring",
        "operators",
        "/operator/channels",
        (
            "A key of the channel {channel} expires soon",
            "It will not be used from {expires_at} on. Add a new key in time.",
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
            "The upstream balance of the channel {channel} is low",
            "{left} left, below {least}. Top up at the vendor.",
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
            "The channel {channel} reports no usage",
            "{count} answers in the last hour had no usage and were counted by the gateway.",
        ),
        ("渠道 {channel} 没有返回用量", "最近一小时有 {count} 个回答没有返回用量，由网关计数。"),
        "Answers without usage",
        "回答没有用量",
    ),
    Event(
        "ledger.shortfall",
        "operators",
        "/operator/ledger",
        (
            "Requests cost more than was held",
            "{count} requests to {model} cost {shortfall_yuan} more than held; you bear the cost.",
        ),
        ("有请求的费用超出预扣", "{model} 的 {count} 个请求超出预扣 {shortfall_yuan}，由您承担。"),
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
                "Several of its requests cost more than was held for them. Check these"
                " requests, then release the account on its page."
            ),
        ),
        (
            "{account_name} 对 {model} 的请求已停止",
            "其中几个请求的费用超出预扣。请检查这些请求，然后在该账户的页面上放行。",
        ),
        "An account is stopped",
        "账户的请求被停止",
    ),
    Event(
        "ledger.verify_failed",
        "operators",
        "/operator/ledger",
        (
            "The ledger has inconsistencies",
            "Verification found {problems} problems. Read the runbook before you change anything.",
        ),
        ("账本核对不一致", "核对发现 {problems} 个问题。请先查看运行手册，不要改动任何内容。"),
        "The ledger has inconsistencies",
        "账本核对不一致",
    ),
    Event(
        "mail.stuck",
        "operators",
        "/operator/settings",
        ("Mail cannot be sent", "{count} messages could not be sent. Last reason: {reason}"),
        ("邮件发送失败", "{count} 封邮件发送失败。最近的原因：{reason}"),
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
    "en": ("A test notification", "Notifications arrive here."),
    "zh": ("测试通知", "通知可以送达这里。"),
}


_CODES: Final = ("reason", "state")


class _Values(dict[str, Any]):
    """The data; `…_yuan` is the money of the name before it."""

    def __missing__(self, name: str) -> str:
        amount = self.get(name.removesuffix("_yuan"))
        return format_amount(amount) if isinstance(amount, int) else "?"
