"""Mail, signing up, teams and notices, in Chinese: what is refused, and what commands say."""

from typing import Final

PEOPLE: Final = {
    # settings
    'there is no setting "{name}"': "没有名为“{name}”的设置",
    "{argument} must be domains such as corp.example or *.corp.example": (
        "{argument} 须为域名，例如 corp.example 或 *.corp.example"
    ),
    "{argument} must be the name or the address of a host, without a port": (
        "{argument} 须为主机名或地址，不含端口"
    ),
    "{argument} must be an e-mail address, or Name <address>": (
        "{argument} 须为邮箱地址，或 名称 <邮箱>"
    ),
    "{argument} must be an e-mail address": "{argument} 须为邮箱地址",
    "{argument} must be a whole number": "{argument} 须为整数",
    "{argument} must be true or false": "{argument} 须为 true 或 false",
    "{argument} is read with --secret-stdin only": "{argument} 只能用 --secret-stdin 读入",
    (
        "sign_up can be open only where mail can be sent, since people prove their mailbox:"
        " set smtp_host and smtp_from first"
    ): "开放注册需要能发送邮件，因为注册者要验证邮箱：请先设置 smtp_host 与 smtp_from",
    # mail
    "the mail was not sent: {error}": "邮件发送失败：{error}",
    "too many mails wait to be sent: try again later": "等待发送的邮件太多，请稍后再试",
    "no mail server is set here: ask the operator for a link instead": (
        "这里没有设置邮件服务器：请向运营者索取链接"
    ),
    # proof
    "the code is wrong, was used or is too old: look again, or ask for a new one": (
        "验证码不正确、已被使用或已过期：请核对，或重新获取"
    ),
    "the link was used, has expired or is not whole: ask for a new one": (
        "链接已被使用、已过期或不完整：请重新获取"
    ),
    "email and code are required, or link": "请填写邮箱与验证码，或使用链接",
    "email is the one you have": "这就是您现在的邮箱",
    "solve a new riddle first: too many ask just now": "当前请求过多，请先完成新的验证",
    "an invitation code is needed to sign up": "注册需要邀请码",
    "this invitation code does not work any more": "这个邀请码已经不能使用",
    # notices
    "at most {count} places can be notified": "最多可以设置 {count} 种通知方式",
    "only a webhook has a signing secret": "只有 webhook 有签名密钥",
    "there is no such place to notify": "没有这种通知方式",
    "{field} is not a field of {kind}": "{kind} 没有 {field} 这一项",
    'there is no event "{name}" here': "这里没有事件“{name}”",
    "{argument} must be an https:// address": "{argument} 须为 https:// 地址",
    "{argument} must be an https address": "{argument} 须为 https 地址",
    "{argument} is not a field of this preset": "此预设没有 {argument} 这一项",
    "{argument} must be one line of text": "{argument} 须为一行文字",
    "{argument} must be one line of at most {most} characters": (
        "{argument} 须为一行文字，最多 {most} 个字符"
    ),
    "{argument} is a secret: give it on standard input": "{argument} 是密钥：请从标准输入给出",
    "{argument} is no secret of this preset": "此预设没有名为 {argument} 的密钥",
    "{argument} must be sign_in, sign_up or empty": "{argument} 须为 sign_in、sign_up 或留空",
    '{argument} holds "{name}", which is no domain': "{argument} 中的“{name}”不是域名",
    "{argument} must be pairs of group=role; a role is one of {known}": (
        "{argument} 须为若干 组=角色；角色须为下列之一：{known}"
    ),
    "{argument} must be whsec_ and the base64 of 24 to 64 bytes": (
        "{argument} 须为 whsec_ 加上 24 到 64 字节的 base64"
    ),
    "{argument} must be the bot's token, such as 123456:ABC…": "{argument} 须为机器人的 token",
    # how operators sign in
    (
        "your operator's role needs a second factor: add an authenticator or a passkey to your"
        " account, then sign in with it"
    ): "运营者须有第二因素：请在账户中添加验证器或通行密钥，并用它登录",
    "your operator's role needs a sign-in by the company's service": (
        "运营者须通过公司的登录服务登录"
    ),
    "operators need a second factor here: add another first": (
        "这里的运营者须有第二因素：请先添加另一个"
    ),
    "there is no sign-in service by which operators could come in: add one first": (
        "还没有运营者可用的登录服务：请先添加"
    ),
    "this would shut you out: sign in that way first": "这会使您自己无法登录：请先以该方式登录",
    # passkeys
    "at most {count} passkeys can be kept": "最多可以保存 {count} 个通行密钥",
    "this passkey is kept already": "这个通行密钥已经保存",
    "this passkey is not known here, or did not prove it": ("通行密钥未注册，或未通过验证"),
    "there is no such passkey": "没有这个通行密钥",
    "passkeys need an https address with a name, and the part passkeys installed": (
        "通行密钥需要带域名的 https 地址，并安装 passkeys 部分"
    ),
    # further accounts, and terms
    "you own as many accounts as one may here: {most}": "您拥有的账户已达这里的上限：{most} 个",
    "the terms have changed meanwhile: read them again": "条款刚刚有更新，请重新阅读",
    "the place has changed meanwhile": "这种通知方式刚刚被修改",
    "the mailbox has not proven itself: type the code of its mail": (
        "这个邮箱还没有确认：请输入邮件中的验证码"
    ),
    # privacy
    "an operator gives the role up first": "运营者须先放弃角色",
    "an account that others use needs another owner first": (
        "账户还有其他成员，须先指定另一位所有者"
    ),
    # sign-in by other services
    (
        "{fields} cannot change: people have signed in by this service, and their identities "
        "would mean other people. Add another service instead"
    ): "{fields} 不能更改：已有人用它登录，改动后其身份会指向别人。请另加一个登录服务",
    "amount must be whole 词元, or 元 such as ¥12.5": (
        "amount 须为整数词元，或带符号的元，如 ¥12.5"
    ),
}

PEOPLE_HELP: Final = {
    # members and invitations
    "Members of an account. `yiyuan account invite` adds one.": (
        "账户的成员。用 `yiyuan account invite` 再邀请一位。"
    ),
    "List an account's members with their roles and budgets.": ("列出账户的成员及其角色和预算。"),
    "Change a member's role; the last owner cannot be changed.": (
        "更改成员的角色；最后一位所有者不能更改。"
    ),
    "Limit what all of a member's tokens spend together; `none` removes it.": (
        "限制成员的所有密钥合计的花费；`none` 表示取消。"
    ),
    "In total.": "总计。",
    "Per day (UTC).": "每天（UTC）。",
    "Per month (UTC).": "每月（UTC）。",
    "Remove a person from an account and revoke the tokens they created.": (
        "将成员移出账户，并吊销其创建的密钥。"
    ),
    "Keep the tokens the person created.": "其创建的密钥继续有效。",
    "The member's role; default: owner.": "成员的角色；默认为所有者。",
    "Also send the link to that address, in this language.": "同时以此语言把链接寄到该邮箱。",
    "Valid invitations, without their links.": "仍然有效的邀请，不含链接。",
    "List an account's invitations, or the links that create operators.": (
        "列出账户的邀请，或用于添加运营者的链接。"
    ),
    "Withdraw an invitation.": "撤回邀请。",
    "Of this account; default: those that create operators.": "此账户的；默认为添加运营者的链接。",
    "Allow sign-in with a service again.": "重新允许通过某项服务登录。",
    # sign-up codes
    "Codes required to sign up when the setting `sign_up` is `invite`.": (
        "设置 `sign_up` 为 `invite` 时，注册所需的邀请码。"
    ),
    "Create a code and show it, only once.": "创建邀请码，只显示一次。",
    "How many people can use it; default: 1.": "可供多少人使用；默认一人。",
    "Grant instead of the one in the settings.": "代替设置中的赠送金额。",
    "List codes, without the codes themselves.": "列出邀请码，不含邀请码本身。",
    "End a code: nobody can sign up with it any more.": "不再允许以某个邀请码注册。",
    # notices
    "Notification destinations of accounts and operators.": "账户与运营者的通知方式。",
    "Show the kinds of destinations with their fields, and all events.": (
        "显示通知方式的种类及其字段，以及所有事件。"
    ),
    "List destinations, without their secrets.": "列出通知方式，不含密钥。",
    "Add a destination; a webhook's signing secret is shown only once.": (
        "增加一种通知方式；webhook 的签名密钥只显示一次。"
    ),
    "Change the given options and keep the rest; failed notifications are retried.": (
        "只更改写出的选项，其余不变；发送失败的通知会重试。"
    ),
    "Remove a destination.": "移除一种通知方式。",
    "Send a test notification now; exit 1 if it does not arrive.": (
        "立即发送测试通知；未送达时退出码为 1。"
    ),
    "Create a new signing secret for a webhook; the previous one also signs.": (
        "为 webhook 换一个签名密钥；此前的密钥也一并签名。"
    ),
    "Show recent notifications, including those that failed.": "显示最近的通知，以及未能送达的。",
    "Set the balance below which an account is warned; `none`: a tenth of its last top-up.": (
        "设定余额低于多少时通知账户；`none` 为其最近一次充值的十分之一。"
    ),
    "Name of the destination.": "通知方式的名称。",
    "Only these events; default: the usual ones.": "仅限这些事件；默认为常用事件。",
    "Language of the notifications.": "通知所用的语言。",
    "Turn the destination on or off.": "启用或停用。",
    "Of this account; default: the operators'.": "此账户的；默认为运营者的。",
    # the log, codes, prices, invoices
    "Show what operators and commands did, latest first.": ("显示运营者与命令的操作，最近的在前。"),
    "By this person or key, by name or id.": "此人或此密钥的，按名称或 id。",
    "Of this kind, such as token.create.": "此类操作，例如 token.create。",
    "At most N; default: 100.": "最多 N 条；默认 100。",
    "Show who redeemed codes of a batch.": "显示谁使用了某批兑换码。",
    "List a model's past, current and scheduled prices, latest first.": (
        "列出模型过去、现在与将来的价格，最近的在前。"
    ),
    "List requested invoices, latest first.": "列出发票申请，最近的在前。",
    "Mark an invoice as issued.": "标记发票已开具。",
}

PEOPLE_OUTPUT: Final = {
    "e-mail": "邮箱",
    "budgets": "预算",
    "used": "已使用",
    "price": "价格",
    "since": "加入时间",
    "by": "由",
    "place": "通知方式",
    "event": "事件",
    "events": "事件",
    "audience": "对象",
    "fields": "字段",
    "action": "操作",
    "subject": "对象",
    "entry": "分录",
    "from": "自",
    "waiting": "等待生效",
    "now": "当前",
    "ended": "已失效",
    "ended: {what}": "已失效：{what}",
    "removed: {what}": "已移除：{what}",
    "Nobody is a member yet: yiyuan account invite": "还没有成员：yiyuan account invite",
    "No invitation is open.": "没有有效的邀请。",
    "There are no codes yet: yiyuan sign-up-codes create": (
        "还没有邀请码：yiyuan sign-up-codes create"
    ),
    "There are no notification destinations yet.": "还没有通知方式。",
    "No notifications yet.": "还没有通知。",
    "No actions yet.": "还没有操作。",
    "No code has been redeemed yet.": "还没有人使用。",
    "It has no price.": "没有价格。",
}
