"""What commands print for people: headings of tables, fields, lines."""

from typing import Final

from yiyuan.i18n.zh.cli_operations import OPERATIONS_OUTPUT

_EVERYDAY: Final = {
    # headings and fields
    "name": "名称",
    "balance": "余额",
    "held": "预扣",
    "suspended": "已停用",
    "stopped at": "已停在",
    "released at {models}": "已放行：{models}",
    "It was not stopped at any model.": "它没有被任何模型停用。",
    "yes": "是",
    "no": "否",
    "preset": "预设",
    "title": "名称",
    "enabled": "启用",
    "callback address": "回调地址",
    "There is no sign-in service yet: yiyuan identity add NAME --preset PRESET": (
        "还没有登录服务：yiyuan identity add NAME --preset PRESET"
    ),
    "Set up the console: yiyuan operator link": "设置控制台：yiyuan operator link",
    "none": "无",
    "e-mail": "邮箱",
    "role": "角色",
    "last seen": "最近登录",
    "authenticator": "验证器",
    "accounts": "所属账户",
    "Nobody can sign in yet: yiyuan operator link": "还没有人可以登录：yiyuan operator link",
    "entry": "分录",
    "time": "时间",
    "at": "时间",
    "kind": "种类",
    "amount": "金额",
    "balance after": "之后余额",
    "reason": "说明",
    "key": "密钥",
    "models": "模型",
    "budgets": "预算",
    "account": "账户",
    "tier": "等级",
    "model": "模型",
    "input tokens": "输入 tokens",
    "output tokens": "输出 tokens",
    "charged": "费用",
    "refunded": "退款",
    "paid in": "充值",
    "adjusted": "调整",
    "used": "消费",
    "expired": "明细已过期",
    "opening": "期初",
    "closing": "期末",
    "No usage in this month.": "本月没有消费。",
    "requests a minute": "每分钟请求数",
    "tokens a minute": "每分钟 tokens",
    "open at once": "同时进行",
    "with the token": "使用词元密钥",
    "its requests a minute": "其每分钟请求数",
    "its budget": "其预算",
    "why": "原因",
    "day (UTC)": "日期（UTC）",
    "requests": "请求数",
    "input": "输入",
    "of it cached": "其中缓存",
    "output": "输出",
    "charge": "费用",
    "total": "合计",
    # kinds of entries
    "recovered": "恢复后补记的费用",
    "topup": "充值",
    "redeem": "兑换码",
    "grant": "赠送",
    "adjust": "调整",
    "refund": "退款",
    "reversal": "冲正",
    # accounts, tokens, links
    "There is no account yet: yiyuan account create NAME": (
        "还没有账户：yiyuan account create NAME"
    ),
    "There is no token yet: yiyuan token create NAME --account A": (
        "还没有词元密钥：yiyuan token create NAME --account A"
    ),
    "id   {id}": "id    {id}",
    "key  {key}": "密钥  {key}",
    "Keep the key now: it is not shown again.": "请现在保存密钥：它不会再次显示。",
    "The old key is good until {old_key_until}.": "旧密钥有效至 {old_key_until}。",
    "all": "全部",
    "replaced": "已轮换",
    "revoked": "已吊销",
    "disabled": "已停用",
    "until {time}": "有效至 {time}",
    "old key, until {time}": "旧密钥，有效至 {time}",
    "in all": "累计",
    "a day": "每天",
    "a month": "每月",
    "{model}, {period}": "{model}，{period}",
    "{budget}: {spent} of {limit} spent": "{budget}：已花费 {spent}，上限 {limit}",
    ", {amount} held": "，预扣 {amount}",
    ", resets at {time}": "，{time} 重新计算",
    "It works once. Open it yourself, or give it to the person it is for.": (
        "链接只能使用一次。请自己打开，或交给要使用它的人。"
    ),
    "{email} is an operator ({role})": "{email} 是运营者（{role}）",
    "Password": "密码",
    "Repeat for confirmation": "再次输入以确认",
    # limits
    "from {amount}: ×{rate}": "从 {amount} 起：×{rate}",
    "{name} (disabled)": "{name}（已停用）",
    "{name} (refused)": "{name}（被拒绝）",
    "token {name}": "词元密钥 {name}",
    "{requests_per_minute:,} requests a minute": "每分钟 {requests_per_minute:,} 次请求",
    " ({used:,} used, {remaining:,} left)": "（已用 {used:,}，剩余 {remaining:,}）",
    "No requests in this time.": "这段时间没有请求。",
    # requests
    "No such requests.": "没有这样的请求。",
    "time (UTC)": "时间（UTC）",
    "request": "请求",
    "status": "状态码",
    "code": "错误码",
    "token": "密钥",
    "channel": "渠道",
    # ledger
    "{accounts:,} accounts, {entries:,} entries": "{accounts:,} 个账户，{entries:,} 条分录",
    ", {count:,} of them new since the last check": "，其中 {count:,} 条是上次核对之后的",
    "The ledger is right: {counts}.": "账本正确：{counts}。",
    "The ledger is WRONG: {counts}, {problems:,} problems.": (
        "账本有误：{counts}，{problems:,} 个问题。"
    ),
    "Request details are kept forever (YIYUAN_USAGE_DETAIL_DAYS is 0).": (
        "请求明细永久保留（YIYUAN_USAGE_DETAIL_DAYS 为 0）。"
    ),
    "{count:,} requests from before {day} have expired.": (
        "{day} 之前的 {count:,} 个请求的明细已过期。"
    ),
    "opening  {amount}": "期初  {amount}",
    "closing  {amount}": "期末  {amount}",
    "No entries in this time.": "这段时间没有分录。",
    # catalog
    "created": "已创建",
    "changed": "已更改",
    "create": "将创建",
    "change": "将更改",
    "left": "未提到",
    "Nothing to change.": "没有要更改的内容。",
    # backup, restore, migrate
    "{file}: {rows:,} rows, {accounts:,} accounts, {entries:,} entries; {bytes:,} bytes": (
        "{file}：{rows:,} 行，{accounts:,} 个账户，{entries:,} 条分录；{bytes:,} 字节"
    ),
    "It contains the secret key: keep it as safe as the home itself.": (
        "其中含有主密钥：请像数据目录一样妥善保管。"
    ),
    "It does not contain the secret key: back up YIYUAN_SECRET_KEY separately.": (
        "其中不含主密钥：请另行妥善保管 YIYUAN_SECRET_KEY。"
    ),
    (
        "Restored as of {created_at}: {accounts:,} accounts, {entries:,} entries. "
        "The ledger is right."
    ): ("已恢复到 {created_at}：{accounts:,} 个账户，{entries:,} 条分录。账本正确。"),
    (
        "Requests that were open: {voided:,} ended without charge, "
        "{charged:,} charged {total} in all."
    ): ("当时进行中的请求：{voided:,} 个已结束且未扣费，{charged:,} 个共扣费 {total}。"),
    "The schema is {schema}, which is this release's.": "数据库结构为 {schema}，与此版本一致。",
    # doctor
    "ok": "正常",
    "FAIL": "异常",
    "{name}: {detail}": "{name}：{detail}",
    "\n{base_url} serves models ({name}). For the catalog:\n": (
        "\n{base_url} 提供模型（{name}）。可写入目录文件的内容：\n"
    ),
    "\n{count} to be fixed.": "\n有 {count} 项需要处理。",
    "\nEverything is OK.": "\n一切正常。",
    # behind a message of wrong use
    " See: ": "见：",
    # settings
    "default": "默认",
    "no settings": "没有设置",
    "The mail server accepted the message for {to}": "邮件服务器已接收发往 {to} 的邮件",
    # import
    "program": "程序",
    "rate": "汇率",
    "people": "人",
    "keys": "密钥",
    "channels": "渠道",
    "groups": "分组",
    "codes": "兑换码",
    "What cannot be taken over unchanged ({count:,}):": "无法原样迁移的内容（{count:,}）：",
    "… and {count:,} more: --json lists them all.": "……还有 {count:,} 条：--json 有全部。",
    "Accounts stay locked until `yiyuan import open {name}`.": (
        "账户保持锁定，直到执行 `yiyuan import open {name}`。"
    ),
    "-- Nothing has changed here: no quota there has to be set.": (
        "-- 此处没有变化：原网关的额度无需更改。"
    ),
    "equal": "一致",
    "NOT EQUAL": "不一致",
    "equality": "核对项",
    "not listed": "未列出",
    "verdict": "结论",
    "balances": "余额",
    "sums": "总额",
    "counts": "数目",
    "prices": "价格",
    "ledger": "账本",
    "blocking": "阻碍",
    "Nothing was compared.": "没有比较任何内容。",
    "Everything matches.": "全部一致。",
    "{opened:,} accounts are open, {left:,} stay suspended.": (
        "{opened:,} 个账户已开放，{left:,} 个仍停用。"
    ),
    "locked": "锁定",
    "owed": "未能收回的词元",
    "taken": "迁移于",
    "checked": "核对于",
    "opened": "开放于",
    "There are no moves yet.": "还没有迁移过。",
    "{count:,} people removed.": "已撤回 {count:,} 人。",
    "Kept, because they are open or have changed since:": (
        "以下账户保留，因为已开放，或此后有过其他变动："
    ),
}

OUTPUT: Final = _EVERYDAY | OPERATIONS_OUTPUT
