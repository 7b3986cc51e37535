"""What an account can be told of: its money, its budgets, its people's sign-ins."""

from typing import Final

from yiyuan.services.notifications.event import Event

CUSTOMER_EVENTS: Final = (
    Event(
        "account.balance_low",
        "customers",
        "/top-up",
        (
            "The balance of {account_name} is low",
            (
                "{balance_yuan} left, below {threshold_yuan}. Requests that could cost more are"
                " refused. Please top up in time."
            ),
        ),
        (
            "{account_name} 的余额不足",
            "余额还剩 {balance_yuan}，低于 {threshold_yuan}。请及时充值。",
        ),
        "Balance low",
        "余额不足",
    ),
    Event(
        "account.exhausted",
        "customers",
        "/top-up",
        (
            "The balance of {account_name} is used up",
            "{balance_yuan} left. Requests are refused until you top up.",
        ),
        ("{account_name} 的余额已用完", "余额还剩 {balance_yuan}。充值之前请求会被拒绝。"),
        "Balance used up",
        "余额用完",
    ),
    Event(
        "token.budget_low",
        "customers",
        "/tokens",
        (
            "The budget of the token {token_name} is nearly used up",
            "{spent_yuan} of {limit_yuan} has been spent.",
        ),
        ("词元密钥 {token_name} 的预算即将用完", "{limit_yuan} 中已用 {spent_yuan}。"),
        "A token's budget nearly used up",
        "密钥预算即将用完",
    ),
    Event(
        "member.budget_low",
        "customers",
        "/account",
        (
            "The budget of the member {member} is nearly used up",
            "{spent_yuan} of {limit_yuan} has been spent, counting all of this person's tokens.",
        ),
        (
            "成员 {member} 的预算即将用完",
            "{limit_yuan} 中已用 {spent_yuan}（该成员的所有词元密钥合计）。",
        ),
        "A member's budget nearly used up",
        "成员预算即将用完",
    ),
    Event(
        "payment.credited",
        "customers",
        "/statement",
        (
            "{amount_yuan} credited to {account_name}",
            "The balance is now {balance_yuan}.",
        ),
        ("{account_name} 已到账 {amount_yuan}", "现在余额为 {balance_yuan}。"),
        "Payment credited",
        "充值到账",
    ),
    Event(
        "payment.failed",
        "customers",
        "/orders",
        (
            "A payment for {account_name} has failed",
            (
                "Order {number}, {paid}: {reason}. Nothing was credited. If you have in fact paid,"
                " the payment will be credited as soon as it is confirmed."
            ),
        ),
        (
            "{account_name} 有一笔付款失败",
            "订单 {number}（{paid}）：{reason}。没有入账；如果您已经付款，确认后会立即入账。",
        ),
        "A payment has failed",
        "付款失败",
    ),
    Event(
        "payment.refunded",
        "customers",
        "/orders",
        (
            "{paid} refunded to the payer of {account_name}",
            "Order {number}: {amount_yuan} of its credit was taken back.",
        ),
        (
            "{account_name} 有 {paid} 已退款",
            "订单 {number}：已收回其到账额度中的 {amount_yuan}。",
        ),
        "Payment refunded",
        "退款",
    ),
    Event(
        "payment.review",
        "customers",
        "/orders",
        (
            "A payment of {account_name} is being reviewed",
            (
                "Order {number}, {paid}: the payment does not match the order and is being"
                " reviewed by a person. Please quote this order number if you contact us."
            ),
        ),
        (
            "{account_name} 有一笔付款正在核查",
            "订单 {number}（{paid}）：收到的付款与订单不符，将由人工处理；咨询时请提供此订单号。",
        ),
        "A payment is being reviewed",
        "付款核查中",
    ),
    Event(
        "person.new_sign_in",
        "customers",
        "/account",
        (
            "Sign-in from a new location",
            (
                "Someone signed in to your account from {place}, where you have not signed in"
                " recently. If it was not you, change your password and sign out all other devices."
            ),
        ),
        (
            "有来自新地点的登录",
            (
                "有人从 {place} 登录了您的账号，您近期没有在那里登录过。"
                "如非您本人操作，请更改密码并退出其他所有设备。"
            ),
        ),
        "Your sign-in from a new location",
        "您本人从新地点登录",
    ),
)
