"""Why a command about payments was refused."""

from typing import Final

PAYMENTS: Final = {
    "--set takes FIELD=VALUE, not {text}": "--set 的写法是 字段=值，而不是 {text}",
    'the secrets must be one JSON object of texts, such as {{"key": "…"}}': (
        '密钥须为一个 JSON 对象，值为文字，例如 {{"key": "…"}}'
    ),
    "kind must be one of {known}": "种类须为以下之一：{known}",
    '"{name}" is of kind {kind}: give this one another name': (
        "“{name}”的种类是 {kind}：请另取名称"
    ),
    "the method has no {what} {name}, only: {names}": (
        "这种支付方式没有 {what} {name}，只有：{names}"
    ),
    "the field {name} must be one of {choices}": "字段 {name} 须为以下之一：{choices}",
    "the field {name} is missing: {help}": "没有填写字段 {name}",
    "the field {name} must be an address that begins with https://": (
        "字段 {name} 须为以 https:// 开头的地址"
    ),
    "the field {name} must begin with https://, or plain_http must be yes": (
        "字段 {name} 须以 https:// 开头，或将 plain_http 设为 yes"
    ),
    "the field {name} must be the merchant's number": "字段 {name} 须为商户号",
    "the field {name} must be the application's number": "字段 {name} 须为应用的 App ID",
    "the field {name} must be a whole number of 元": "字段 {name} 须为整数，单位为元",
    "the field {name} must be plain or key": "字段 {name} 须为 plain 或 key",
    "the field {name} must be qr, page, wap": (
        "字段 {name} 须为 qr、page、wap 中的一项或几项，用逗号分开"
    ),
    "the field {name} must be native, h5": "字段 {name} 须为 native、h5 中的一项或两项，用逗号分开",
    "the field {name} must have 32 characters": "字段 {name} 须为 32 个字符",
    "the field {name} must begin with {start}": "字段 {name} 须以 {start} 开头",
    "the field {name} must begin with {start} or {other}": (
        "字段 {name} 须以 {start} 或 {other} 开头"
    ),
    "the field {name} must be the whole certificate, from -----BEGIN on": (
        "字段 {name} 须为完整的证书，从 -----BEGIN 开始"
    ),
    "the field {name} is needed beside the other certificate": (
        "字段 {name} 也须填写：两份证书要一起提供"
    ),
    "the field {name} is missing or has characters that do not belong there": (
        "字段 {name} 没有填写，或含有不该有的字符"
    ),
    "the field {name} and its id belong together": "字段 {name} 须与它的 ID 一起填写",
    "the field {name} is missing": "没有填写字段 {name}",
    (
        "the field {name} is no RSA private key "
        "(PEM, or base64 of PKCS#8 or PKCS#1, without password)"
    ): "字段 {name} 不是 RSA 私钥（须为 PEM，或 PKCS#8、PKCS#1 的 base64，且没有密码）",
    "the field {name} is no RSA public key (PEM, or base64, or a certificate)": (
        "字段 {name} 不是 RSA 公钥（须为 PEM、base64 或证书）"
    ),
    "the field {name} must be networks such as 203.0.113.0/24, by comma": (
        "字段 {name} 须为网段，例如 203.0.113.0/24，用逗号分开"
    ),
    (
        "providers must reach this server: start it with YIYUAN_PUBLIC_URL set to its public "
        "address, such as https://ai.example.com"
    ): (
        "支付服务商必须能访问本服务：请把 YIYUAN_PUBLIC_URL 设为公网地址，"
        "例如 https://ai.example.com，再启动服务"
    ),
    "YIYUAN_PUBLIC_URL must have no slash at its end, no query and no fragment": (
        "YIYUAN_PUBLIC_URL 末尾不能有斜杠，也不能带查询参数或片段"
    ),
    "YIYUAN_PUBLIC_URL must begin with https://": "YIYUAN_PUBLIC_URL 须以 https:// 开头",
    'there is no payment method "{name}"': ("没有名为“{name}”的支付方式"),
    'there is no order "{name}"': ("没有订单“{name}”"),
    'there is no test order "{name}"': ("没有测试订单“{name}”"),
    'there is no request for an invoice "{name}"': "没有发票申请“{name}”",
    "the order has changed meanwhile: look at it again": "订单刚刚有了变化：请重新查看",
    "type must be one of: {names}": "类型须为以下之一：{names}",
    "an order is of {least} to {most} 词元": "单笔金额须在 {least} 至 {most} 词元之间",
    "an account may top up {most} 词元 in 24 hours, what waits for its payment included": (
        "每个账户 24 小时内最多充值 {most} 词元，待支付的订单也计算在内"
    ),
    "there is no rate for {currency} (topup_currencies)": (
        "没有 {currency} 的汇率（topup_currencies）"
    ),
    "the amount is too large": "金额太大",
    "the amount is nothing, or too large": "金额为零或太大",
    "the balance cannot hold so much": "余额容纳不下这么多",
    "this method is for tests, and the account is not a test account": (
        "这种支付方式用于测试，而该账户不是测试账户"
    ),
    "too many orders wait for their payment: pay or cancel one first": (
        "待支付的订单太多：请先支付或取消一笔"
    ),
    "too many orders in a short time: wait, or pay one that is open": (
        "短时间内下单太多：请稍等，或支付已有的订单"
    ),
    "too many orders at once: try again": "同时下单太多：请重试",
    "too many questions about orders: wait a moment": "查询订单太频繁：请稍等",
    "the provider refused the order: {reason}": "支付服务商拒绝了订单：{reason}",
    "the order is {state} already": "订单的状态已经是 {state}，不能这样做",
    "the order is {state}: there is nothing to give back": "订单的状态是 {state}：没有可退的款项",
    "the order is {state}": "订单的状态是 {state}，不能这样做",
    "the payment {reference} belongs to another order already": (
        "支付单号 {reference} 已属于另一笔订单"
    ),
    "what was paid for the order went back to its payer": "这笔订单的款项已退回付款人",
    "all of the order was given back: there is nothing to invoice": (
        "订单款项已全部退回，没有可开票的金额"
    ),
    "a part of what was paid went back to its payer: say how much to credit": (
        "一部分款项已退回付款人：请写明要入账多少"
    ),
    "refund it in the provider's own console": "请在服务商自己的后台退款",
    "this key was used for another amount": "这个幂等键已用于另一个金额",
    "at most {amount} {currency} of the order can be given back": (
        "这笔订单最多还能退 {amount} {currency}"
    ),
    "all of the order was given back already": "这笔订单已全部退还",
    "the field {name} is a secret: give it with the other secrets (--secrets-stdin)": (
        "字段 {name} 是密钥：请与其他密钥一起给出（--secrets-stdin）"
    ),
    "too many refunds at once: try again": "同时退款的请求太多：请重试",
    (
        "the account has only {available} 词元 available: "
        "refund less, or wait until its requests have ended"
    ): ("账户可用余额只有 {available} 词元：请减少退款金额，或等它的请求结束"),
    "there is no refund that waits for an answer": "没有等待答复的退款",
    "there is a receipt once the order is credited": "订单入账之后才有收据",
    "the tax number is too long": "税号太长",
    "an invoice can be asked for once the order is credited": "订单入账之后才能申请发票",
    "the invoice was made already": "发票已经开具",
    'there is no setting "{name}"': ("没有名为“{name}”的设置"),
    # a day's comparison
    "no answer ({error})": "没有答复（{error}）",
    "this method has no list of a day": "这种支付方式没有按日的账单",
    "the answer's signer is not known": "答复的签名者未知",
    # the rules of top-ups, as settings
    '{argument} must be like {{"cny": "1", "usd": "7.2"}}': (
        '{argument} 须形如 {{"cny": "1", "usd": "7.2"}}'
    ),
    "{argument} has '{currency}', which is none of {known}": (
        "{argument} 中的 {currency} 不在下列之中：{known}"
    ),
    '{argument} must give the rate of {currency} as a text such as "7.2"': (
        '{argument} 中 {currency} 的汇率须为文字，例如 "7.2"'
    ),
    "{argument} must give {currency} a rate above 0": "{argument} 中 {currency} 的汇率须大于 0",
    "{argument} must be a list of amounts in 词元, such as [10000000, 50000000]": (
        "{argument} 须为词元金额的列表，例如 [10000000, 50000000]"
    ),
    "{argument} may have {count} amounts at most": "{argument} 最多 {count} 个金额",
    '{argument} must be like [{{"min": 100000000, "percent": "5"}}]': (
        '{argument} 须形如 [{{"min": 100000000, "percent": "5"}}]'
    ),
    "{argument} may have {count} steps at most": "{argument} 最多 {count} 个阶梯",
    "{argument} has two steps that begin at the same amount": (
        "{argument} 中有两个阶梯从同一金额开始"
    ),
    "{argument} needs min, and percent or fixed, in each step": (
        "{argument} 的每个阶梯须有 min，以及 percent 或 fixed"
    ),
    '{argument} must give percent as a text with two places at most, such as "2.5"': (
        '{argument} 的 percent 须为最多两位小数的文字，例如 "2.5"'
    ),
    "{argument} must have whole 词元 for {what}": "{argument} 的 {what} 须为整数词元",
    "an amount": "每个金额",
    "{argument} {text} is not a decimal number with at most six places": (
        "{argument} 中的 {text} 不是最多六位小数的数"
    ),
    "{argument} must be a date such as 2026-11-22": "{argument} 须为日期，例如 2026-11-22",
    "{argument} must be a whole part of what was paid": "{argument} 须为支付金额的整数份",
    "{argument} must be like ¥12.5, in the order's currency, or whole 词元": (
        "{argument} 须如 ¥12.5（订单的币种），或为整数词元"
    ),
}
