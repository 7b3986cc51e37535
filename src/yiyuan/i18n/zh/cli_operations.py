"""What commands about channels, models, codes, operators and price lists say."""

from typing import Final

OPERATIONS_HELP: Final = {
    "Replace the operators' note on an account; its members do not see it.": (
        "替换运营者对账户的备注；成员看不到。"
    ),
    "Sort by name, lowest balance, most held or most spent this month.": (
        "按名称排序；或余额最低、预扣最多、本月消费最多的在前。"
    ),
    "Channels: the routes to upstreams, and their keys.": ("渠道：上游及其密钥。"),
    "List channels in the order they are tried; paused ones show why.": (
        "按尝试的先后列出渠道；已暂停的会说明原因。"
    ),
    "Send a tiny real request for each model; exit 1 if one does not answer.": (
        "对每个模型发送一个极小的真实请求；有模型不应答时退出码为 1。"
    ),
    "The upstream charges for the request; customers pay nothing.": (
        "费用为上游对这类请求的收费，客户不承担任何费用。"
    ),
    "Only this model.": ("只测试此模型。"),
    "A channel's keys. A key is read from standard input and never shown again.": (
        "渠道的密钥。密钥从标准输入读入，之后不再显示。"
    ),
    "Add a key, read from standard input.": ("增加一个密钥，从标准输入读取。"),
    "Use a key only if no other is available; KEY is its id or visible ending.": (
        "仅在没有其他密钥可用时使用此密钥；KEY 为其 id 或显示的尾号。"
    ),
    "Use it normally again.": "恢复正常使用。",
    "Stop using a key from DATE on (ISO 8601, UTC); without DATE it does not expire.": (
        "从 DATE（ISO 8601，UTC）起不再使用此密钥；不写 DATE 则没有期限。"
    ),
    "Show attempts, errors and p95 for the last 24 hours, and each channel's last error.": (
        "显示最近 24 小时的调用、错误和 p95，以及每个渠道最近一次错误。"
    ),
    "Rename a channel, in groups too. Change your catalog file as well.": (
        "为渠道改名，分组中的名称一并更改。目录文件中的名称须相应修改。"
    ),
    "Remove a channel with its keys and models; its requests and costs stay.": (
        "移除渠道及其密钥和模型；请求和成本记录保留。"
    ),
    "Rename an account; its id, entries and requests stay the same.": (
        "为账户改名；id、分录和请求不变。"
    ),
    "Show an account's usage in a month by model, and its payments.": (
        "显示账户一个月内按模型的消费和充值。"
    ),
    "Such as 2026-11; default: this month.": "例如 2026-11；不填为本月。",
    "Remove a key; requests in progress keep using it.": ("删除一个密钥；进行中的请求不受影响。"),
    "List batches of codes, without the codes.": ("列出兑换码批次，不含兑换码本身。"),
    "Revoke a batch's unused codes.": ("停用一个批次中尚未使用的兑换码。"),
    "Print a script that completes commands and options in a shell.": (
        "输出用于 shell 补全命令和选项的脚本。"
    ),
    "Models: prices and limits.": ("模型：价格与调用频率。"),
    "List models, including those out of service.": ("列出模型，包括已停用的。"),
    "List everyone with a role.": ("列出所有拥有角色的人。"),
    "Change or remove a person's role; their sessions end.": (
        "更改一个人的角色，或取消角色；其会话随之结束。"
    ),
    "Management keys, for scripts that call the console's API.": (
        "管理密钥：供脚本调用控制台 API。"
    ),
    "Create a key and show it, only once.": ("创建密钥，只显示这一次。"),
    "The key's role.": ("密钥的权限。"),
    "List management keys, without their secrets.": ("列出管理密钥，不含密钥本身。"),
    "Revoke a key immediately.": ("立即停用一个密钥。"),
    "Compare your price lists with the catalog.": ("把您的价格表与目录比较。"),
    "Compare the catalog with a price list; nothing is applied.": (
        "把目录与价格表比较；不做任何更改。"
    ),
    (
        "Models in the list are matched by public or upstream name. Prices are rounded up to "
        "six decimal places. Check the lines, then pass them to `yiyuan apply`."
    ): (
        "价格表中的模型按公开名称或上游名称匹配。价格向上取整到六位小数。"
        "请先检查内容，再交给 `yiyuan apply`。"
    ),
    "LiteLLM's price file, or models.dev's api.json.": (
        "LiteLLM 的价格文件，或 models.dev 的 api.json。"
    ),
    "Yuan per dollar of the list [1].": ("价格表中的一美元合多少元 [1]。"),
    "Factor applied to prices [1].": ("价格乘以的倍数 [1]。"),
    "Selling prices of models, or costs of channels [price].": (
        "作为模型的售价，或渠道的成本 [price]。"
    ),
    "Print the lines for `apply` instead of the changes.": (
        "输出供 `apply` 使用的内容，而不是更改列表。"
    ),
    "Incidents on the status page.": "服务状态页上的故障通报。",
    "Create an incident; customers see it immediately.": "发布一条故障通报；客户立即可见。",
    "Add an update, end the incident, or correct its text.": (
        "补充进展、结束通报，或更正已写的内容。"
    ),
    "List incidents, latest first.": "列出故障通报，最近的在前。",
    "Delete an incident written by mistake; resolved ones can stay.": (
        "删除误发的通报；已结束的通报可以保留。"
    ),
    "State of the incident; `resolved` ends it.": "处理状态；`resolved` 表示已解决。",
    "Text of the incident.": "通报正文。",
    "The text in Chinese, if different.": "中文正文，与前者不同时填写。",
    "The title in Chinese, if different.": "中文标题，与标题不同时填写。",
    "Affected models.": "涉及的模型。",
    "When it began (ISO 8601, UTC); default: now.": "开始时间（ISO 8601，UTC）；不填则为现在。",
    "New title.": "改为此标题。",
}

OPERATIONS_OUTPUT: Final = {
    "notes": "备注",
    "There are no codes yet: yiyuan codes create": "还没有兑换码：yiyuan codes create",
    "channels": "渠道",
    "value": "面值",
    "The key {id} has ended.": "密钥 {id} 已停用。",
    "expires": "到期",
    "state": "状态",
    "on": "启用",
    "redeemed": "已兑换",
    "draining": "停用中",
    "There is no operator yet.": "还没有运营者。",
    "allowed  {groups}": "可用  {groups}",
    "ms": "毫秒",
    "keys": "密钥",
    "check {what}": "请核对 {what}",
    "output ¥/M": "输出 ¥/百万",
    "input ¥/M": "输入 ¥/百万",
    "calls": "调用",
    "errors": "错误",
    "highest p95, ms": "最高 p95，毫秒",
    "last error": "最近一次错误",
    "priority": "优先级",
    "weight": "权重",
    "off": "停用",
    "default  {group}": "默认  {group}",
    "requests/min": "请求/分钟",
    "paused after errors, next try in {seconds} s": "出错后暂停，{seconds} 秒后再试",
    "The channel serves no model.": "此渠道没有模型。",
    "There is no channel yet: yiyuan apply FILE": "还没有渠道：yiyuan apply FILE",
    "There is no management key.": "没有管理密钥。",
    "provider": "服务商",
    "There is no model yet: yiyuan apply FILE": "还没有模型：yiyuan apply FILE",
    "{email} is no longer an operator.": "{email} 不再是运营者。",
    "spent this month": "本月消费",
    "began": "开始",
    "resolved at": "结束",
    "investigating": "调查中",
    "identified": "已定位",
    "monitoring": "观察中",
    "resolved": "已解决",
    "There are no incidents: yiyuan incident create": ("没有故障通报：yiyuan incident create"),
}
