"""Moving in from another gateway, in Chinese: help and refusals; reports are beside it."""

from typing import Final

HELP: Final = {
    "Administrators become customers like everyone, or operators (root: owner).": (
        "原管理账号：迁移为普通客户，或成为运营者（root 为所有者）。"
    ),
    "Treat mailboxes as verified, because the old gateway required it.": (
        "视邮箱为已验证，因为原网关要求先验证邮箱。"
    ),
    "Migrate from new-api, one-api, one-hub or LiteLLM.": (
        "从 new-api、one-api、one-hub 或 LiteLLM 迁移过来。"
    ),
    "FROM is an SQLite file or the URL of its database (mysql://, postgresql://), which is"
    " only ever read. Accounts stay locked until `open`.": (
        "FROM 是 SQLite 文件或数据库的 URL（mysql://、postgresql://），只读不写。"
        "账户在 `open` 之前保持锁定。"
    ),
    "Show what would be taken over and what would not; nothing is written.": (
        "显示哪些会迁移、哪些不会；不写入任何内容。"
    ),
    "Take everything over; run again, it takes what has changed since.": (
        "全部迁移；再次运行时只迁移此后的变化。"
    ),
    "What customers spend and pay here in the meantime is not affected.": (
        "其间客户在此处的花费与充值不受影响。"
    ),
    "Read the other database again and verify that everything matches; exit 1 if not.": (
        "重新读取原数据库，核对全部一致；不一致则退出码为 1。"
    ),
    "Unlock all accounts of a move once `check` finds that everything matches.": (
        "在 `check` 确认全部一致之后，解锁该次迁移的所有账户。"
    ),
    "List all moves, or show the progress of one.": "显示所有迁移，或其中一次的进展。",
    "Undo a move for accounts in which nothing else has happened.": (
        "撤销一次迁移，仅限此后没有其他变动的账户。"
    ),
    "Channels and models stay.": "渠道和模型保留。",
    "Name of this move.": "这次迁移的名称。",
    "Yuan per dollar there; default: its own rate.": "原网关的一美元合多少元；默认用其自己的汇率。",
    "Saved response of /api/option/.": "已保存的 /api/option/ 响应。",
    "Saved response of /api/pricing (LiteLLM: /model/info).": (
        "已保存的 /api/pricing 响应（LiteLLM：/model/info）。"
    ),
    "one-hub: saved response of /api/prices.": "one-hub：已保存的 /api/prices 响应。",
    "one-hub: saved response of /api/user_group/.": "one-hub：已保存的 /api/user_group/ 响应。",
    "Fetch them from the running gateway instead.": "改为从正在运行的原网关获取。",
    "Read its root's access token from stdin.": "其 root 的访问令牌由标准输入给出。",
    "Read LiteLLM's salt key from stdin.": "LiteLLM 的 salt key 由标准输入给出。",
    "Also take over root's balance.": "也迁移其 root 的余额。",
    "LiteLLM: what part of its budgets becomes the balance.": "LiteLLM：预算的哪一部分转为余额。",
    "Only these parts: catalog, users, tokens, codes.": (
        "仅迁移这些部分：catalog、users、tokens、codes。"
    ),
    "Ask each channel for its list of models (free).": "询问每个渠道的模型列表（免费）。",
    "Money spent both there and here is paid by the next credit.": (
        "两边重复花费的部分，由下一次入账偿还。"
    ),
    "Remainder of active subscriptions: only listed, or credited as a grant.": (
        "生效订阅的剩余额度：只列出，或记为赠送。"
    ),
    "Rewards not yet drawn: only listed, or credited as a grant.": (
        "尚未划转的奖励：只列出，或记为赠送。"
    ),
    "Who keeps a shared e-mail address: the first person, or nobody.": (
        "多人共用的邮箱归谁：第一个人，或不归任何人。"
    ),
    "Link people's oidc, lark, github or linux_do ids to this sign-in service.": (
        "用户的 oidc、lark、github 或 linux_do 标识属于此处的这个登录服务。"
    ),
    "Write channels, models and groups to this file, for `apply`.": (
        "把渠道、模型与分组写入此文件，可供 `apply` 使用。"
    ),
    "Print the SQL that would set the old quotas from today's balances.": (
        "输出 SQL：按今天的余额设置原网关的额度。"
    ),
    "It is only printed, never run; each statement names the quota it replaces.": (
        "只打印，从不执行；每条语句都写明它所替换的额度。"
    ),
    "Print everyone's balances as CSV.": "把每个人的余额输出为 CSV。",
}

REFUSALS: Final = {
    'there is no sign-in service "{name}"': "没有名为“{name}”的登录服务",
    "place must be a file in the folder `imports` of the home, or a URL": (
        "place 应为数据目录的 `imports` 文件夹中的文件，或 URL"
    ),
    "there is no prepaid money there that could be set": "那里没有可以设置的预付余额",
    "the file {path} cannot be written: {error}": "文件 {path} 无法写入：{error}",
    "{argument} must be KIND=SERVICE, where KIND is of {known}": (
        "{argument} 应为 KIND=SERVICE，KIND 取自：{known}"
    ),
    'there is no import "{name}"': "没有名为“{name}”的迁移",
    "the settings of the import do not open: {error}": "迁移的设置无法解开：{error}",
    "this is not the database of {program}: it looks like {found}": (
        "这不是 {program} 的数据库：看来是 {found}"
    ),
    "this is not the database of {program}: no program that is known made it": (
        "这不是 {program} 的数据库：不是任何已知程序所建"
    ),
    "{what} has {units} units, which is more than an account can hold": (
        "{what} 有 {units} 额度，超过单个账户的上限"
    ),
    "user {user}": "用户 {user}",
    "code {code}": "兑换码 {code}",
    "a row has not the form that {program} gives it: {error}": (
        "有一行不符合 {program} 的格式：{error}"
    ),
    "another database was taken under this name: choose another, or forget that one": (
        "此名称下已迁移过另一个数据库：请换一个名称，或先撤回那一次"
    ),
    "it was begun at a rate of {rate}: `import forget` it to choose another": (
        "它以汇率 {rate} 开始：要换汇率，请先 `import forget`"
    ),
    "the take has not come to its end: run `yiyuan import take` again": (
        "迁移尚未完成：请再次运行 `yiyuan import take`"
    ),
    "not everything is equal: `yiyuan import check` tells what": (
        "并非全部一致：详见 `yiyuan import check`"
    ),
    '{count} accounts are called "{name}" already': "已有 {count} 个账户名为“{name}”",
    "the old gateway does not answer at {path}: {error}": "原网关在 {path} 没有应答：{error}",
    "the old gateway refuses {path}: give root's access token on standard input": (
        "原网关拒绝 {path}：请在标准输入给出 root 的访问令牌"
    ),
    "the old gateway answers {status} without JSON at {path}": (
        "原网关在 {path} 应答 {status}，但不是 JSON"
    ),
    "the file {path} cannot be read as text": "文件 {path} 无法作为文本读取",
    "{path} is no file": "{path} 不是文件",
    "write the address as mysql://USER:PASSWORD@HOST:PORT/DATABASE": (
        "请把地址写作 mysql://USER:PASSWORD@HOST:PORT/DATABASE"
    ),
    "the file {path} cannot be read: {error}": "文件 {path} 无法读取：{error}",
    "the file {path} is no SQLite database": "文件 {path} 不是 SQLite 数据库",
    "the file is damaged, perhaps copied while it was written: stop the old gateway, "
    "or copy it with sqlite3's .backup": (
        "文件已损坏，可能是在写入时复制的：请停止原网关，或用 sqlite3 的 .backup 复制"
    ),
    "the table {table} has more than {limit} rows": "表 {table} 超过 {limit} 行",
    "the database cannot be reached: {error}": "无法连接数据库：{error}",
    "the database cannot be read: {error}": "无法读取数据库：{error}",
    "{scheme}:// is no database that can be read": "无法读取 {scheme}:// 数据库",
    "reading MySQL needs PyMySQL: pip install 'yiyuan[import-mysql]'": (
        "读取 MySQL 需要 PyMySQL：pip install 'yiyuan[import-mysql]'"
    ),
    "the address of the database cannot be read": "数据库地址无法解析",
    "the address of the database does not name one: mysql://…/NAME": (
        "数据库地址没有写明数据库：mysql://…/NAME"
    ),
    "{name} is not JSON": "{name} 不是 JSON",
    "{name} is not a JSON object": "{name} 不是 JSON 对象",
    "{name} is not a number": "{name} 不是数",
    "the option {name}": "选项 {name}",
    "the answer `{name}`": "响应 `{name}`",
    "the answer `{name}` has no `data`: save it as the old gateway gives it": (
        "响应 `{name}` 没有 `data`：请原样保存原网关返回的内容"
    ),
    "the answer `{name}` is a refusal of the old gateway": "响应 `{name}` 是原网关返回的错误",
    "the answer `option` is not a list of options": "响应 `option` 不是选项列表",
    "the answer `prices` is not a list of prices": "响应 `prices` 不是价格列表",
    "the answer `groups` is not a list of groups": "响应 `groups` 不是分组列表",
    "{argument} must have 1 to 50 small letters, digits and dashes": (
        "{argument} 应为 1 到 50 个小写字母、数字和短横"
    ),
    "kind must be one of {known}": "种类须为以下之一：{known}",
    "{argument} must be a decimal number such as 7.5": "{argument} 应为小数，例如 7.5",
    "{argument} must be a decimal number above 0 and at most {limit}": (
        "{argument} 应大于 0，至多 {limit}"
    ),
    "{argument} must be one of {known}": "{argument} 应为以下之一：{known}",
    "{argument} must name some of {known}": "{argument} 应取自：{known}",
    "{argument} must have some of {known}": "{argument} 应取自：{known}",
    "{argument} has more than {limit} characters: {name}": "{argument} 超过 {limit} 个字符：{name}",
    "took over {done:,} of {total:,} people": "已迁移 {done:,}/{total:,} 人",
    "took over {done:,} of {total:,} keys": "已迁移 {done:,}/{total:,} 个密钥",
}
