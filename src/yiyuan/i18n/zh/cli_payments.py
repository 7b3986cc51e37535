"""What `--help` says of payments and settings."""

from typing import Final

PAYMENTS_HELP: Final = {
    # payments and settings
    "Money that comes in online: ways to pay, orders, refunds.": "在线收款：支付方式、订单、退款。",
    "Ways to pay. Secrets go in by standard input and are never shown.": (
        "支付方式。密钥从标准输入给出，从不显示。"
    ),
    "Set up a way to pay, or change the one of this name.": "设置一种支付方式，或修改同名的一种。",
    "epay_md5, stripe_checkout, …": "epay_md5、stripe_checkout 等",
    "A field; repeatable.": "一个字段；可重复。",
    "Secrets as one JSON object.": "密钥，一个 JSON 对象。",
    "It credits only test accounts, or all. Without either it stays as it is.": (
        "只为测试账户入账，或为所有账户；都不写则保持不变。"
    ),
    "List them, without their secrets.": "列出支付方式，不含密钥。",
    "Offer it no more; what is under way goes on.": "不再提供；进行中的继续。",
    "Offer it again.": "重新提供。",
    "Make, ask and close the smallest order, to see that all of it works.": (
        "下一笔最小的订单、查单并关闭，确认一切正常。"
    ),
    "Pay the order within 2 minutes: is it notified?": "请在 2 分钟内支付订单：通知是否到达？",
    "Credit a payment that belongs to no order, for what really came.": (
        "为一笔没有对应订单的付款入账，金额为实际收到的。"
    ),
    "Which way it was paid.": "以哪种支付方式支付。",
    "Make an order; shows what its customer's page shows.": "下单；给出客户页面显示的内容。",
    "Which way to pay.": "哪种支付方式。",
    "Which of its types.": "它的哪一类。",
    "List orders, the latest first.": "列出订单，最新的在前。",
    "Whose orders.": "谁的订单。",
    "Only these: pending, credited, review, …": "只列这些：pending、credited、review……",
    "Only of this way to pay.": "只列这种支付方式的。",
    "Only tests, or none of them.": "只列测试订单，或不列测试订单。",
    "Made so long ago, or longer.": "只列至少这么多分钟之前的。",
    "At most N.": "最多 N 笔。",
    "Show an order, what was said of it, and its refunds.": "显示一笔订单、往来记录与退款。",
    "Ask the provider about an order now.": "立即向服务商查单。",
    "Close an order that was not paid.": "关闭未支付的订单。",
    "Credit an order by hand.": "手工入账。",
    "The provider's number of the payment.": "服务商的支付单号。",
    "Kept with the order.": "随订单保存。",
    "Credit this instead of the order's.": "以此金额代替订单的金额入账。",
    "Take an order out of review, uncredited.": "不入账，移出核对。",
    "Give an order's money back.": "退还订单的款项。",
    "Kept with the refund.": "随退款保存。",
    "A part; without it, all that is left.": "一部分；不填则为剩余全部。",
    "Once, however often it is repeated.": "无论重复多少次，只做一次。",
    "Say what became of a refund whose answer never came.": "说明一笔没有答复的退款结果如何。",
    "What the provider's page says.": "服务商后台的结果。",
    "List notifies with a good signature that belong to no order.": (
        "列出签名正确但没有对应订单的通知。"
    ),
    "List the daily comparisons.": "列出每日核对。",
    "Compare a day with the provider's list now.": "立即与服务商核对某一天。",
    "Let orders of test methods credit an account.": "允许测试用支付方式为账户入账。",
    "Not any more.": "不再允许。",
    # settings
    "What the console's settings page shows: sign-up, mail, top-ups, texts.": (
        "控制台设置页的内容：注册、邮件、充值、文字。"
    ),
    "List all settings; of a secret only whether it is set.": (
        "列出所有设置；秘密只显示是否已设置。"
    ),
    "Show one setting.": "显示一项设置。",
    "Set one setting.": "修改一项设置。",
    "Read the value from standard input.": "从标准输入读取值。",
    "Let it have its default again.": "恢复默认值。",
    "Send a test mail, and say what the mail server made of it.": (
        "发送一封测试邮件，并说明邮件服务器的答复。"
    ),
    "ADDRESS": "地址",
}
