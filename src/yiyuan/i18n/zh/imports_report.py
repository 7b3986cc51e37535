"""Moving in from another gateway, in Chinese: notes of the report, and what the check tells.

Both come as templates with their fields from `integrations/importers` and
`services/imports`; whoever shows them fills in the fields.
"""

from collections.abc import Mapping
from typing import Any, Final

NOTES: Final = {
    # channels
    "{type} is not spoken to here; its models: {models}": "此处不支持 {type}；其模型：{models}",
    "has no service account of Vertex AI as its key; its models: {models}": (
        "其密钥不是 Vertex AI 的服务账号；其模型：{models}"
    ),
    "is called with AWS's signature there: make a Bedrock API key and a channel for it;"
    " its models: {models}": (
        "在那里以 AWS 签名调用：请创建 Bedrock API key 并为其建渠道；其模型：{models}"
    ),
    '"{model}" is called by a door that is not spoken to here, and is left out': (
        "“{model}”经由此处不支持的接口调用，不沿用"
    ),
    "its type {type} is not known; its models: {models}": "不认识其类型 {type}；其模型：{models}",
    "has no address; its models: {models}": "没有地址；其模型：{models}",
    "has an address with a placeholder in it; its models: {models}": (
        "地址中有占位符；其模型：{models}"
    ),
    "has an address with ? or #; its models: {models}": "地址中有 ? 或 #；其模型：{models}",
    "has no http address without credentials; its models: {models}": (
        "没有不带凭证的 http 地址；其模型：{models}"
    ),
    "has an address that cannot be read; its models: {models}": "地址无法读取；其模型：{models}",
    "its address ended in / and may not have worked": "其地址以 / 结尾，在那里可能不起作用",
    "{vendor} is called at {address}: test it": "{vendor} 将以 {address} 调用：请测试",
    "not applied: {settings}": "不沿用：{settings}",
    "switched off, because it would answer otherwise: {settings}": (
        "已停用，因为其应答会与原来不同：{settings}"
    ),
    "the old gateway had switched it off by itself": "原网关已自动将其禁用",
    "its type says {type}, its address {vendor}: the address counts": (
        "其类型是 {type}，地址属于 {vendor}：以地址为准"
    ),
    "a key with spaces or letters beyond ASCII is left out": "含空格或非 ASCII 字符的密钥不沿用",
    "has no key that can be used, and comes switched off": "没有可用的密钥，导入后为停用",
    "has no key in the database, and comes switched off": "数据库中没有其密钥，导入后为停用",
    "{off} of {all} keys were off: left out": "{all} 个密钥中有 {off} 个已停用：不沿用",
    'the mapping of "{model}" goes in a circle': "“{model}”的重定向成环",
    '"{model}" cannot be a name, and is left out': "“{model}”不能作名称，不沿用",
    "maps what it does not offer: {models}": "重定向了它并不提供的模型：{models}",
    "the header {header} is not sent here": "此处不发送请求头 {header}",
    "its proxy has a form that is not taken over": "其代理的写法无法沿用",
    "its {column} is no JSON, and is left out": "其 {column} 不是 JSON，不沿用",
    "its {column} is encrypted: give the salt key on standard input": (
        "其 {column} 已加密：请在标准输入给出 salt key"
    ),
    "its {column} does not open with this salt key": "用此 salt key 无法解开其 {column}",
    "its {column} is encrypted in the old way: run LiteLLM's own re-encryption first": (
        "其 {column} 以旧方式加密：请先运行 LiteLLM 自己的重新加密"
    ),
    "none of its models has a price, so it is left out": "其模型都没有价格，不沿用",
    # prices
    "without the old gateway's answers, prices that live in its program are missing": (
        "没有原网关的应答，写在其程序中的价格会缺失"
    ),
    "has no price there, and is not sold here": "在那里没有价格，此处不出售",
    "has no price there, so it cost the default ratio {ratio}; kept as it was": (
        "在那里没有价格，按默认倍率 {ratio} 收费；照旧"
    ),
    "has no price there, so it cost {ratio} in and out; kept as it was": (
        "在那里没有价格，输入输出都按 {ratio} 收费；照旧"
    ),
    "its price of output is not known: give the old gateway's answers": (
        "其输出价格不得而知：请给出原网关的应答"
    ),
    "is charged by an expression that has no form here": "按表达式收费，此处没有对应的写法",
    '"{model}" costs another price here ("{upstream}"), and is left out': (
        "“{model}”在此渠道是另一个价格（“{upstream}”），不沿用"
    ),
    "stands at upstreams of two prices: the first is kept": "在两个上游有不同价格：保留第一个",
    # people
    "was {role} there: operators come by a link here": ("在那里是 {role}：此处的运营者凭链接加入"),
    "was {role} there, and becomes an operator here": "在那里是 {role}，在此处成为运营者",
    "has no password that can be checked: send a link": "没有可以核对的密码：请发送链接",
    "was overdrawn by {units} units, and begins with nothing here": (
        "透支了 {units} 额度，此处从零开始"
    ),
    "has the same e-mail as user {user}, who keeps it": "与用户 {user} 的邮箱相同，由后者保留",
    "has the same e-mail as user {user}: none of them keeps it": (
        "与用户 {user} 的邮箱相同：都不保留"
    ),
    "connect GitHub again: a login name can change hands": "请重新绑定 GitHub：登录名可能易主",
    "the link to WeChat cannot be taken over": "与微信的绑定无法沿用",
    "the link to Telegram cannot be taken over": "与 Telegram 的绑定无法沿用",
    "the link to Discord cannot be taken over": "与 Discord 的绑定无法沿用",
    "signs in by {service} there, which is not set up here: set it up, take again": (
        "在那里用 {service} 登录，此处尚未设置：请设置后再次迁移"
    ),
    "signs in by {service} there: name the same service here by --link, take again": (
        "在那里用 {service} 登录：请用 --link 指明此处的同一服务，再次迁移"
    ),
    "has a management token, which is not taken over": "有管理令牌，不沿用",
    "{units} units of rewards were not drawn yet": "有 {units} 额度的奖励尚未划转",
    "{units} units of rewards that were not drawn yet are booked as a grant": (
        "尚未划转的 {units} 额度奖励记为赠送"
    ),
    "make new recovery codes: the old ones cannot be taken over": (
        "请生成新的恢复码：旧的无法沿用"
    ),
    "add the passkey again: it is bound to a site": "请重新添加通行密钥：它与站点绑定",
    "subscription {number} of {units} units is not taken over": (
        "订阅 {number}（剩余 {units} 额度）不沿用"
    ),
    "what is left of subscription {number}, {units} units, is a grant here": (
        "订阅 {number} 剩余的 {units} 额度记为赠送"
    ),
    'its group "{group}" has no price there': "其分组“{group}”在那里没有倍率",
    "is not there any more: an account that waits here is not opened": (
        "在那里已不存在：此处等待中的账户不会开放"
    ),
    "is not there any more, so it is switched off here": "在那里已不存在，因此在此处停用",
    "switched off: its key does not have 20 to 256 printable characters": (
        "停用：其密钥不是 20 至 256 个可打印字符"
    ),
    "its price there is negative or beyond measure: it is not sold here": (
        "其价格为负或大得离谱：此处不出售"
    ),
    "somebody here has this e-mail already, so it is left out": "此处已有人使用此邮箱，不沿用",
    "somebody here signs in by this name already: this person signs in by e-mail": (
        "此处已有人以此名登录：此人以邮箱登录"
    ),
    "belongs to a team: invite them into its account": "属于某个团队：请邀请其加入团队的账户",
    "its budget of ${dollars} is no money here: the balance begins with nothing": (
        "其 ${dollars} 的预算在此处不是钱：余额从零开始"
    ),
    "{micros} micros could not be taken back: they are spent here": (
        "有 {micros} 词元无法收回：已在此处花费"
    ),
    "{micros} micros are spent here as well: the next credit pays them": (
        "有 {micros} 词元在此处也已花费：由下一次入账偿还"
    ),
    # keys
    "switched off: no line of its list of addresses can be read": (
        "已停用：其地址名单没有一行可以读懂"
    ),
    "was open to all there, as networks were not understood; it is limited now": (
        "在那里不识网段，等于不限；现在受限"
    ),
    "no channel offers {models}": "没有渠道提供 {models}",
    "its group was chosen anew each time: now {group}": "其分组每次自动选择：现为 {group}",
    'switched off: there is no price for its group "{group}"': ("已停用：其分组“{group}”没有倍率"),
    'the second group "{group}" is not taken over': "备用分组“{group}”不沿用",
    "its budget begins anew every {period}, which has no form here: switched off": (
        "其预算每 {period} 重新计算，此处没有对应的写法：已停用"
    ),
    "{column} is not taken over": "{column} 不沿用",
    "another token here has this key already, so it is left out": (
        "此处另一个词元密钥已使用此密钥，不沿用"
    ),
}

CHECK: Final = {
    "user {user}: {has} is booked, {target} is right": "用户 {user}：已记 {has}，应为 {target}",
    "user {user}: {has} of what was promised is booked, not {target}": (
        "用户 {user}：承诺的部分已记 {has}，应为 {target}"
    ),
    "{count} balances": "{count} 个余额",
    "{exact} there, {total} here, {people} people": ("那里 {exact}，此处 {total}，共 {people} 人"),
    "{exact} there, {total} here, {people} people, {owed} of it owed": (
        "那里 {exact}，此处 {total}，共 {people} 人，其中欠 {owed}"
    ),
    "{total} is booked, {exact} is right": "已记 {total}，应为 {exact}",
    "user {user} is not here": "用户 {user} 不在此处",
    "token {token} is not here": "密钥 {token} 不在此处",
    "{all} users there, {people} are accounted for": "那里有 {all} 个用户，此处有 {people} 个",
    "{people} people, {tokens} keys": "{people} 人，{tokens} 个密钥",
    "the key of {token} does not lead to its account": "密钥 {token} 没有通向其账户",
    "{count} keys": "{count} 个密钥",
    "the model {model} is not sold here": "模型 {model} 未在此处出售",
    "the group {group} is not here": "分组 {group} 不在此处",
    "{model} in {group}, {input} + {output} tokens: {here} here, {there} there": (
        "{group} 中的 {model}，{input} + {output} tokens：此处 {here}，那里 {there}"
    ),
    "{charges} charges of {models} models": "{models} 个模型的 {charges} 笔费用",
    "{accounts} accounts, {entries} entries": "{accounts} 个账户，{entries} 条分录",
    "{subject}: {note}": "{subject}：{note}",
    "{count} notes": "{count} 条说明",
}
"""What the check tells of its seven equalities."""


def note_in_chinese(note: Mapping[str, Any]) -> str:
    """A note of the report, as `note_document` writes it."""
    template: str = note["template"]
    return NOTES.get(template, template).format(**note["fields"])
