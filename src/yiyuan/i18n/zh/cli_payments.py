"""What `--help` says of payments and settings."""

from typing import Final

PAYMENTS_HELP: Final = {
    # payments and settings
    "Online payments: methods, orders, refunds.": "在线收款：支付方式、订单、退款。",
    "Payment methods. Secrets are read from standard input and never shown.": (
        "支付方式。密钥从标准输入给出，从不显示。"
    ),
    "Set up a payment method, or change the one with this name.": (
        "设置一种支付方式，或修改同名的一种。"
    ),
    "epay_md5, stripe_checkout, …": "epay_md5、stripe_checkout 等",
    "A field; repeatable.": "一个字段；可重复。",
    "Secrets as one JSON object.": "密钥，一个 JSON 对象。",
    "Credit only test accounts, or all; default: unchanged.": (
        "只为测试账户入账，或为所有账户；都不写则保持不变。"
    ),
    "List them, without their secrets.": "列出支付方式，不含密钥。",
    "Stop offering it; open orders continue.": "不再提供；已有订单照常处理。",
    "Offer it again.": "重新提供。",
    "Create, query and close the smallest order to check that everything works.": (
        "下一笔最小金额的订单、查单并关闭，以确认一切正常。"
    ),
    "Wait 2 minutes for a notification; pay the order meanwhile.": (
        "等待通知 2 分钟；请在此期间支付订单。"
    ),
    "Credit a payment that belongs to no order with the amount received.": (
        "为一笔没有对应订单的付款入账，金额为实际收到的。"
    ),
    "Payment method it was paid with.": "以哪种支付方式支付。",
    "Create an order and show what the customer's page shows.": "下单，并显示客户页面上的内容。",
    "Payment method.": "哪种支付方式。",
    "One of its types.": "它的哪一类。",
    "List orders, latest first.": "列出订单，最新的在前。",
    "Orders of this account.": "此账户的订单。",
    "Only these: pending, credited, review, …": "只列这些：pending、credited、review……",
    "Only of this payment method.": "只列这种支付方式的。",
    "Only tests, or no tests.": "只列测试订单，或不列测试订单。",
    "At least this many minutes old.": "只列至少这么多分钟之前的。",
    "At most N.": "最多 N 笔。",
    "Show an order with its history and refunds.": "显示订单及其记录和退款。",
    "Query the provider about an order now.": "立即向服务商查单。",
    "Close an unpaid order.": "关闭未支付的订单。",
    "Credit an order manually.": "手工入账。",
    "The provider's payment reference.": "服务商的支付单号。",
    "Stored with the order.": "随订单保存。",
    "Amount to credit instead of the order's.": "以此金额代替订单的金额入账。",
    "Close an order in review without crediting it.": "不入账，移出核对。",
    "Refund an order.": "退还订单的款项。",
    "Stored with the refund.": "随退款保存。",
    "Part of the amount; default: all that is left.": "一部分；不填则为剩余全部。",
    "Idempotency key: repeats refund only once.": "幂等键：重复执行只退款一次。",
    "Record the result of a refund whose response was lost.": "记录一笔丢失响应的退款的结果。",
    "The result shown on the provider's site.": "服务商后台的结果。",
    "List validly signed notifications that belong to no order.": (
        "列出签名正确但没有对应订单的通知。"
    ),
    "List the daily reconciliations.": "列出每日核对。",
    "Reconcile a day with the provider's list now.": "立即与服务商核对某一天。",
    "Let orders of test methods credit an account.": "允许测试用支付方式为账户入账。",
    "Not any more.": "不再允许。",
    # settings
    "Settings of the console: sign-up, mail, top-ups, texts.": (
        "控制台设置页的内容：注册、邮件、充值、文字。"
    ),
    "List all settings; for secrets, only whether they are set.": (
        "列出所有设置；密钥只显示是否已设置。"
    ),
    "Show one setting.": "显示一项设置。",
    "Change one setting.": "修改一项设置。",
    "Read the value from standard input.": "从标准输入读取值。",
    "Reset it to its default.": "恢复默认值。",
    "Send a test message and show the mail server's response.": (
        "发送一封测试邮件，并说明邮件服务器的答复。"
    ),
    "ADDRESS": "地址",
}
