"""What `--help` says: docstrings by paragraph, options, headings, hints."""

from typing import Final

from yiyuan.i18n.zh.cli_operations import OPERATIONS_HELP
from yiyuan.i18n.zh.cli_payments import PAYMENTS_HELP
from yiyuan.i18n.zh.people import PEOPLE_HELP

_EVERYDAY: Final = {
    # click's own
    "Usage:": "用法：",
    "Options": "选项",
    "Commands": "命令",
    "Examples:": "示例：",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "required": "必填",
    "Show the version and exit.": "显示版本。",
    "Show this message and exit.": "显示此帮助。",
    # what options take, where it is a word
    "TEXT": "文字",
    "DATE": "日期",
    "ROLE": "角色",
    # yiyuan
    "一元: a self-hosted, prepaid LLM gateway with a real ledger.": (
        "一元：自行部署的预付费大模型网关，账本真实可核。"
    ),
    "Commands work whether or not the server is running. Every command accepts --json.": (
        "无论服务是否在运行，命令都可用。每个命令都接受 --json。"
    ),
    "Print one JSON document.": "输出一个 JSON 文档。",
    "try it: http://127.0.0.1:8000": "立即体验：http://127.0.0.1:8000",
    "channels, models, prices": "渠道、模型、价格",
    "10 元 are 10,000,000 词元": "10 元等于 10,000,000 词元",
    "the key is shown once": "密钥只显示一次",
    "which limit applies, and why": "适用哪个限额，原因是什么",
    # account
    "Accounts and their money. Amounts are whole 词元: 1,000,000 are 1 元.": (
        "账户与资金。金额是整数词元：1,000,000 词元等于 1 元。"
    ),
    "Create an account.": "创建账户。",
    "Starting balance, as a grant.": "初始余额，记为赠送。",
    "Show an account, by name or id.": "按名称或 id 显示账户。",
    "List all accounts.": "列出所有账户。",
    "Stored with the entry.": "说明，与分录一起保存。",
    "Idempotency key: repeats are booked only once.": "幂等键：重复执行只入账一次。",
    "Add N 词元 to an account.": "为账户入账 N 词元。",
    "Deduct N 词元 from an account, at most balance − held.": (
        "从账户扣除 N 词元，最多为余额减预扣。"
    ),
    "Suspend an account: new requests are rejected, open ones finish.": (
        "停用账户：拒绝新请求，进行中的请求会完成。"
    ),
    "Reactivate a suspended account.": "恢复已停用的账户。",
    "Release an account stopped because of shortfalls; check its requests first.": (
        "放行因费用超出预扣而被暂停的账户；请先查看其请求。"
    ),
    "Create a one-time link to join this account.": (
        "生成一次性链接，他人可凭此成为该账户的成员。"
    ),
    "E-mail of the invited person; nobody else can use it.": "邀请对象的邮箱；其他人不能使用。",
    # identity
    "Sign-in services: OpenID Connect, GitHub, and others.": (
        "用于登录的外部服务：OpenID Connect、GitHub 等。"
    ),
    "Kind of service; cannot be changed later.": "服务的种类；之后不能更改。",
    "A field; may be repeated.": "一个字段；可重复给出。",
    "Read secret fields as JSON from stdin.": "从标准输入读取 JSON 形式的保密字段。",
    "Add a service, or change the one with this name.": "添加一个登录服务，或修改同名的服务。",
    "List all services.": "列出所有登录服务。",
    "Stop sign-in with a service; identities stay linked.": (
        "停用一个登录服务；已关联的身份仍然保留。"
    ),
    # person
    "People who can sign in to the console.": "可以登录控制台的人。",
    "List everyone who can sign in.": "列出所有可以登录的人。",
    "Show a person and their accounts, by e-mail or id.": "按邮箱或 ID 查看一个人及其账户。",
    "Create a one-time link to set a new password for this person, valid for 30 minutes.": (
        "为此人生成设置新密码的一次性链接，30 分钟内有效。"
    ),
    "Default group for tokens without one; none: no group.": "没有分组的密钥用此分组；none：不设。",
    "Groups its tokens may have; none: no list.": "其密钥可以使用的分组；none：不限名单。",
    "Set an account's default group, and the groups that its tokens may have.": (
        "设置账户的默认分组，以及其密钥可以有的分组。"
    ),
    # requests
    "Find requests, including rejected ones.": ("查找单个请求，包括被拒绝的请求。"),
    "List requests, latest first.": "列出请求，最新的在前。",
    "Show everything stored about one request.": "显示一个请求的全部记录。",
    "A name or part of it, a member's e-mail, or an id.": "名称或其一部分、成员邮箱或 id。",
    "A token's name, the end of its key, or its id.": "密钥的名称、尾号或 id。",
    "The requested model.": "请求的模型。",
    "A channel that was tried, by name or id.": "尝试过的渠道，按名称或 id。",
    "An HTTP status, such as 429 or 5xx.": "HTTP 状态码，例如 429 或 5xx。",
    "An error code, such as insufficient_balance.": "错误码，例如 insufficient_balance。",
    "Before this time (ISO 8601, UTC).": "此时间之前（ISO 8601，UTC）。",
    "Only failed or rejected requests.": "只列失败或被拒绝的。",
    "Maximum number to list (50).": "最多多少条（50）。",
    # backup
    "Save everything in one file while the server keeps running.": (
        "在服务运行时把全部内容存入一个文件。"
    ),
    (
        "Only its owner can read the file: it contains the secret key if that is in the home. "
        "The file appears when it is complete and replaces one of the same name. It can be "
        "restored into SQLite or PostgreSQL."
    ): (
        "只有所有者可读此文件：如果主密钥在数据目录中，备份里也有它。文件在完整之后才出现，"
        "并替换同名文件。它可以恢复到 SQLite，也可以恢复到 PostgreSQL。"
    ),
    "Restore a backup into an empty home and database.": "用备份填充空的数据目录和数据库。",
    (
        "The whole file is checked first, and it is restored completely or not at all. "
        "Requests that were open at the time of the backup are ended as after a crash, and "
        "the ledger is verified."
    ): (
        "先检查整个文件；要么全部恢复，要么完全不恢复。备份时进行中的请求按崩溃后的规则结束，"
        "最后核对账本。"
    ),
    "Migrate the database to this release's schema and report what was done.": (
        "把数据库升级到此版本的结构，并说明做了什么。"
    ),
    "SQLite does this automatically at every start.": "SQLite 每次启动时自动完成。",
    # catalog
    "Make the catalog match a file.": "使目录与文件一致。",
    (
        "FILE is TOML (- is standard input) and describes channels, models with their prices, "
        "and tiers. Applying a file twice changes nothing, and neither does a file with errors: "
        'the message names line and field. Keys written as { env = "NAME" } are read from this '
        "command's environment."
    ): (
        "FILE 是 TOML 文件（- 表示标准输入），描述渠道、模型及其价格，以及等级。重复应用同一文件"
        "不再改变什么。文件有误时什么都不改，错误消息会指出行和字段。写作 "
        '{ env = "NAME" } 的密钥从本命令的环境变量读取。'
    ),
    "Check and compare without changing anything.": "只检查和比较，不做更改。",
    "Disable anything missing from the file.": "停用文件未提到的内容。",
    "Print the catalog as a file.": "以文件形式输出目录。",
    "It contains everything in service. Keys are written as references only.": (
        "内容是正在使用的部分。密钥只以引用形式出现。"
    ),
    # doctor
    "Check everything and say what to do; exit 1 if anything is wrong.": (
        "全面检查并给出处理建议；有问题时退出码为 1。"
    ),
    (
        "Changes nothing, whether or not a server is running. Lists model servers on this "
        "machine that no channel uses yet, with lines for the catalog."
    ): (
        "无论服务是否在运行，都不做任何更改。本机上尚无渠道使用的模型服务会列出，"
        "并附上可写入目录文件的内容。"
    ),
    "Do not contact the channels' upstreams.": "不访问各渠道的上游。",
    "Write the lines for model servers found on this machine to a new file, for `apply`.": (
        "把在本机找到的模型服务写入一个新文件，供 `apply` 使用。"
    ),
    # ledger
    "The ledger: verify, read, refund.": "账本：核对、查看、退款。",
    "Verify all history, not only what is new since the last time.": (
        "核对全部历史，而不只是上次之后的部分。"
    ),
    "Prove from the rows alone that every balance is right; exit 1 if not.": (
        "仅凭记录证明每个余额正确；不正确时退出码为 1。"
    ),
    (
        "What was verified is remembered: the next run reads what is new, and all balances, "
        "holds and budgets. The server keeps running meanwhile."
    ): ("已核对的部分会记住：下次只读新增的记录，以及全部余额、预扣和预算。期间服务照常运行。"),
    "From this time on (ISO 8601, UTC).": "从此时起（ISO 8601，UTC）。",
    "Up to, but not including, this time.": "到此时为止，不含此时。",
    "Print the entries as CSV.": "以 CSV 输出分录。",
    "List an account's entries with opening and closing balance.": (
        "列出账户的分录及期初、期末余额。"
    ),
    "Refund a request's charge, once.": "退还某个请求的费用，仅一次。",
    "Turn details of old requests into sums by day now.": (
        "立即把较早的请求明细汇总为按天的数据。"
    ),
    (
        "Old means older than YIYUAN_USAGE_DETAIL_DAYS. A server does this automatically "
        "within the hour. Entries and totals do not change."
    ): ("期限由 YIYUAN_USAGE_DETAIL_DAYS 决定。服务会在一小时内自动完成。分录与合计都不变。"),
    # limits and usage
    "With this token's limit and budgets.": "同时显示此词元密钥的限额和预算。",
    "Show the limit that applies to an account and a model, and why.": (
        "显示适用于账户和模型的限额及其原因。"
    ),
    "Show an account's usage by day and model.": "按日期和模型显示账户的用量。",
    # operator and codes
    "Operators of the console. There is no default password.": "控制台的运营者。没有默认密码。",
    "Create a one-time link to the console, valid for 30 minutes.": (
        "生成进入控制台的一次性链接，30 分钟内有效。"
    ),
    "The operator's sign-in e-mail.": "运营者登录所用的邮箱。",
    "owner (default), finance, support or readonly.": (
        "owner（默认）、finance、support 或 readonly。"
    ),
    "Create an operator; the password is read from standard input.": (
        "创建运营者，密码从标准输入读取。"
    ),
    "Redemption codes: each credits one account once.": "兑换码：每个码为一个账户入账一次。",
    "词元 per code.": "每个码的词元数。",
    "How many.": "数量。",
    "Name of the batch.": "批次名称。",
    "At most N per account.": "每个账户最多使用 N 个。",
    "Create redemption codes and show them, only once.": "生成兑换码，只显示一次。",
    # serve
    "Run the gateway.": "运行网关。",
    (
        "SIGTERM or Ctrl-C stops it: open streams finish, no new requests are accepted. "
        "Behind a load balancer, --notice-seconds gives it time to see that the server is not "
        "ready. All data is in YIYUAN_HOME (./data). Other settings are environment "
        "variables, listed in the documentation."
    ): (
        "SIGTERM 或 Ctrl-C 使其停止：进行中的流会完成，不再接受新请求。在负载均衡器之后，"
        "--notice-seconds 让它有时间发现服务已不再就绪。全部数据都在 YIYUAN_HOME（./data）中。"
        "其他设置通过环境变量指定，见文档。"
    ),
    "Address to listen on [127.0.0.1].": "监听地址 [127.0.0.1]。",
    "Port [8000].": "端口 [8000]。",
    "Processes [1].": "进程数 [1]。",
    "Fill an empty database with everything needed to start.": "为空数据库创建起步所需的内容。",
    "Seconds after SIGTERM during which requests are still accepted [0].": (
        "收到 SIGTERM 后以未就绪状态继续接受请求的秒数 [0]。"
    ),
    "Seconds that open streams may take to finish after SIGTERM [30].": (
        "收到 SIGTERM 后，进行中的流最多可以继续的秒数 [30]。"
    ),
    # token
    "API tokens: the keys that clients send. A key is shown once.": (
        "词元密钥：客户端发送的凭证。密钥只显示一次。"
    ),
    "The account that pays.": "付费的账户。",
    "Only these models.": "仅限这些模型。",
    "At most N 词元 in total.": "累计最多 N 词元。",
    "At most N 词元 per day (UTC).": "每天（UTC）最多 N 词元。",
    "At most N 词元 per month (UTC).": "每月（UTC）最多 N 词元。",
    "At most N 词元 per day.": "每天最多 N 词元。",
    "At most N 词元 per month.": "每月最多 N 词元。",
    "At most N 词元 for the model M: /day, /month or in total; repeatable.": (
        "模型 M 最多 N 词元：/day 每天、/month 每月，不写则为累计；可重复。"
    ),
    "At most N 词元 for the model M; repeatable.": "模型 M 最多 N 词元；可重复。",
    "Valid until (ISO 8601, UTC).": "有效期至（ISO 8601，UTC）。",
    "Valid until.": "有效期至。",
    "Only from these addresses; repeatable.": "仅限这些来源地址；可重复。",
    "At most N requests per minute.": "每分钟最多 N 次请求。",
    "Its price factor and its channels.": "它的分组：价格系数与渠道。",
    "Its group.": "它的分组。",
    "Lower the client's own maximum to fit the balance.": "余额不足时降低客户端自定的最大输出。",
    "Take over an existing key, from standard input.": "沿用已有的密钥，从标准输入读取。",
    "Create an API token and show its key, only once.": "创建词元密钥，密钥只显示这一次。",
    "Whose tokens.": "词元密钥所属的账户。",
    "List an account's tokens, without their keys.": "列出账户的词元密钥，不含密钥本身。",
    "What it is called.": "名称。",
    "Only these models; none: all.": "仅限这些模型；none：全部。",
    "Only from these addresses; none: anywhere.": "仅限这些来源地址；none：不限。",
    "Requests per minute.": "每分钟请求数。",
    "As in `create`.": "同 `create`。",
    "Change a token's name, rules and budgets; `none` removes one. The rest stays.": (
        "更改词元密钥的名称、规则和预算；`none` 取消一项，其余不变。"
    ),
    "A new budget counts from now on; changing a limit keeps what has been spent.": (
        "新预算从现在起计算；更改预算的上限时，已花费的部分保留。"
    ),
    "Disable a token until it is enabled again.": "停用词元密钥，直到重新启用。",
    "Enable a disabled token again.": "重新启用已停用的词元密钥。",
    "Revoke a token immediately.": "立即吊销词元密钥。",
    "How long the old key stays valid alongside the new one.": "旧密钥与新密钥并存的时间。",
    "Give a token a new key; the old one stops working immediately or after the overlap.": (
        "轮换密钥；旧密钥立即失效，或在并存时间之后失效。"
    ),
}

HELP: Final = _EVERYDAY | OPERATIONS_HELP | PAYMENTS_HELP | PEOPLE_HELP
