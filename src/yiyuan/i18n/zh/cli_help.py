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
    "Commands work whether or not the server runs. Every command takes --json.": (
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
    "Open an account.": "开立账户。",
    "Starting balance, as a grant.": "初始余额，记为赠送。",
    "Show an account, by name or id.": "按名称或 id 显示账户。",
    "List all accounts.": "列出所有账户。",
    "Kept with the entry.": "说明，与分录一起保存。",
    "Post once, however often this is repeated.": "无论重复多少次，只入账一次。",
    "Add N 词元 to an account.": "为账户入账 N 词元。",
    "Take N 词元 from an account, at most balance − held.": (
        "从账户扣除 N 词元，最多为余额减预扣。"
    ),
    "Refuse an account's new requests; open ones finish.": (
        "停用账户：拒绝新请求，进行中的请求会完成。"
    ),
    "Let a suspended account send again.": "恢复已停用的账户。",
    "Let an account go on that its shortfalls had stopped; look at its requests first.": (
        "放行因费用超出预扣而被停下的账户；请先查看它的请求。"
    ),
    "Make a one-time link by which somebody becomes a member of this account.": (
        "生成一次性链接，他人可凭此成为该账户的成员。"
    ),
    "Whom it is for; nobody else can use it.": "邀请对象的邮箱；其他人不能使用。",
    # identity
    "Services by which people sign in: OpenID Connect, GitHub, and others.": (
        "用于登录的外部服务：OpenID Connect、GitHub 等。"
    ),
    "Which kind of service; fixed later.": "服务的种类；之后不能更改。",
    "A field; may be repeated.": "一个字段；可重复给出。",
    "Read secret fields as JSON from stdin.": "从标准输入读取 JSON 形式的保密字段。",
    "Add a service, or change the one of this name.": "添加一个登录服务，或修改同名的服务。",
    "List all services.": "列出所有登录服务。",
    "Let nobody sign in by a service; whose identity it is stays known.": (
        "停用一个登录服务；身份的归属仍然保留。"
    ),
    # person
    "People who may sign in to the console.": "可以登录控制台的人。",
    "List everybody who may sign in.": "列出所有可以登录的人。",
    "Show a person and their accounts, by e-mail or id.": "按邮箱或 ID 查看一个人及其账户。",
    "Make a one-time link for a new password of this one person, good for 30 minutes.": (
        "为此人生成设置新密码的一次性链接，30 分钟内有效。"
    ),
    "For tokens without a group; none: no group.": "没有分组的密钥用此分组；none：不设。",
    "Groups its tokens may have; none: no list.": "其密钥可以有的分组；none：不限名单。",
    "Set an account's default group, and the groups that its tokens may have.": (
        "设置账户的默认分组，以及其密钥可以有的分组。"
    ),
    # requests
    "Look for single requests, those that were refused included.": (
        "查找单个请求，包括被拒绝的请求。"
    ),
    "List requests, the latest first.": "列出请求，最新的在前。",
    "Show everything that is kept of one request.": "显示一个请求保存下来的全部信息。",
    "A name, a part of it, a member's e-mail or an id.": "名称或其一部分、成员邮箱或 id。",
    "A token's name, the end of its key, or its id.": "密钥的名称、尾号或 id。",
    "The model that was asked for.": "请求的模型。",
    "A channel that was tried, by name or id.": "尝试过的渠道，按名称或 id。",
    "An HTTP status, such as 429 or 5xx.": "HTTP 状态码，例如 429 或 5xx。",
    "An error code, such as insufficient_balance.": "错误码，例如 insufficient_balance。",
    "Before this time (ISO 8601, UTC).": "此时间之前（ISO 8601，UTC）。",
    "Only those that failed or were refused.": "只列失败或被拒绝的。",
    "How many at most (50).": "最多多少条（50）。",
    # backup
    "Save everything in one file, while the server goes on.": "在服务运行时把一切存入一个文件。",
    (
        "Only the owner may read the file: it holds the secret key if that lies in the home. "
        "It appears when it is complete, and replaces one of the same name. It can be restored "
        "into SQLite and into PostgreSQL."
    ): (
        "只有所有者可读此文件：如果密钥文件在数据目录中，备份里也有它。文件在完整之后才出现，"
        "并替换同名文件。它可以恢复到 SQLite，也可以恢复到 PostgreSQL。"
    ),
    "Fill an empty home and database from a backup.": "用备份填充空的数据目录和数据库。",
    (
        "The whole file is checked first, and nothing is there before everything is. Requests "
        "that were open when it was saved are ended as after a crash, and the ledger is verified."
    ): (
        "先检查整个文件；要么全部恢复，要么什么都没有。保存时进行中的请求会像崩溃之后那样了结，"
        "最后核对账本。"
    ),
    "Bring the database to this release's schema, and say what was done.": (
        "把数据库升级到此版本的结构，并说明做了什么。"
    ),
    "SQLite does this by itself at every start.": "SQLite 每次启动时自动完成。",
    # catalog
    "Make the catalog what a file says.": "使目录与文件一致。",
    (
        "FILE is TOML (- is standard input) and describes channels, models with their prices, "
        "and tiers. Applying a file twice changes nothing. A wrong file changes nothing and the "
        'error names line and field. Keys written as { env = "NAME" } are read from this '
        "command's environment."
    ): (
        "FILE 是 TOML 文件（- 表示标准输入），描述渠道、模型及其价格，以及等级。重复应用同一文件"
        "不再改变什么。文件有误时什么都不改，错误消息会指出行和字段。写作 "
        '{ env = "NAME" } 的密钥从本命令的环境变量读取。'
    ),
    "Check and compare, change nothing.": "只检查和比较，不做更改。",
    "Disable what the file does not name.": "停用文件未提到的内容。",
    "Print the catalog as a file.": "以文件形式输出目录。",
    "It holds what is in service. Keys are written as references only.": (
        "内容是正在使用的部分。密钥只以引用形式出现。"
    ),
    # doctor
    "Check everything, and say what to do; exit 1 if something is not right.": (
        "检查一切并说明该怎么做；有问题时退出码为 1。"
    ),
    (
        "Nothing is changed, whether or not a server runs. Model servers on this machine that no "
        "channel uses yet are named, with lines for the catalog."
    ): (
        "无论服务是否在运行，都不做任何更改。本机上尚无渠道使用的模型服务会列出，"
        "并附上可写入目录文件的内容。"
    ),
    "Do not ask the channels' upstreams.": "不访问各渠道的上游。",
    "Write the lines for model servers found on this machine to a new file, for `apply`.": (
        "把在本机找到的模型服务写入一个新文件，供 `apply` 使用。"
    ),
    # ledger
    "The ledger: check it, read it, give money back.": "账本：核对、查看、退款。",
    "Check all history, not only since the last check.": "核对全部历史，而不只是上次之后的部分。",
    "Prove from the rows alone that every balance is right; exit 1 if not.": (
        "仅凭记录证明每个余额正确；不正确时退出码为 1。"
    ),
    (
        "What was proved is remembered: the next run reads what came after it, and all balances, "
        "holds and budgets. The server goes on meanwhile."
    ): ("已证明的部分会记住：下次只读之后的新记录，以及全部余额、预扣和预算。期间服务照常运行。"),
    "From this time on (ISO 8601, UTC).": "从此时起（ISO 8601，UTC）。",
    "Up to, but without, this time.": "到此时为止，不含此时。",
    "Print the entries as CSV.": "以 CSV 输出分录。",
    "List an account's entries with opening and closing balance.": (
        "列出账户的分录及期初、期末余额。"
    ),
    "Give back what a request was charged, once.": "退还某个请求的费用，仅一次。",
    "Turn details of requests that are old enough into sums by day, now.": (
        "立即把足够久的请求明细变为按天的汇总。"
    ),
    (
        "How old is YIYUAN_USAGE_DETAIL_DAYS. A server does this by itself, quietly, within the "
        "hour. No entry and no total changes."
    ): (
        "多久由 YIYUAN_USAGE_DETAIL_DAYS 决定。服务会在一小时内自行完成，不作提示。"
        "分录与合计都不变。"
    ),
    # limits and usage
    "With this token's limit and budgets.": "同时显示此词元密钥的限额和预算。",
    "Show the limit that applies to an account and a model, and why.": (
        "显示适用于账户和模型的限额及其原因。"
    ),
    "Show what an account used, by day and model.": "按日期和模型显示账户的用量。",
    # operator and codes
    "Operators of the console. There is no default password.": "控制台的运营者。没有默认密码。",
    "Make a one-time link to the console, good for 30 minutes.": (
        "生成进入控制台的一次性链接，30 分钟内有效。"
    ),
    "By which the operator signs in.": "运营者登录所用的邮箱。",
    "owner (default), finance, support or readonly.": (
        "owner（默认）、finance、support 或 readonly。"
    ),
    "Make an operator whose password is read from standard input.": (
        "创建运营者，密码从标准输入读取。"
    ),
    "Redemption codes: each credits one account once.": "兑换码：每个码为一个账户入账一次。",
    "词元 per code.": "每个码的词元数。",
    "How many.": "数量。",
    "What the batch is called.": "批次名称。",
    "At most N for one account.": "每个账户最多使用 N 个。",
    "Make redemption codes and show them, this once.": "生成兑换码，仅此一次显示。",
    # serve
    "Run the gateway.": "运行网关。",
    (
        "SIGTERM or Ctrl-C ends it: open streams finish, nothing new is taken. Behind a load "
        "balancer, --notice-seconds gives that the time to see that it is not ready. Everything "
        "it needs lies in YIYUAN_HOME (./data). Other settings are environment variables; the "
        "documentation lists them."
    ): (
        "SIGTERM 或 Ctrl-C 使其结束：进行中的流会完成，不再接受新请求。在负载均衡器之后，"
        "--notice-seconds 让它有时间看到服务不再就绪。所需的一切都在 YIYUAN_HOME（./data）中。"
        "其他设置是环境变量，见文档。"
    ),
    "Address to listen on [127.0.0.1].": "监听地址 [127.0.0.1]。",
    "Port [8000].": "端口 [8000]。",
    "Processes [1].": "进程数 [1]。",
    "Fill an empty database so that one can begin.": "为空数据库准备起步所需的一切。",
    "How long after SIGTERM requests are still taken, while not ready [0].": (
        "收到 SIGTERM 后以未就绪状态继续接受请求的秒数 [0]。"
    ),
    "How long open streams may finish after SIGTERM [30].": (
        "收到 SIGTERM 后，进行中的流最多可以继续的秒数 [30]。"
    ),
    # token
    "API tokens: the keys that clients send. A key is shown once.": (
        "词元密钥：客户端发送的凭证。密钥只显示一次。"
    ),
    "The account that pays.": "付费的账户。",
    "Only these models.": "仅限这些模型。",
    "At most N 词元 in all.": "累计最多 N 词元。",
    "At most N 词元 a day (UTC).": "每天（UTC）最多 N 词元。",
    "At most N 词元 a month (UTC).": "每月（UTC）最多 N 词元。",
    "At most N 词元 a day.": "每天最多 N 词元。",
    "At most N 词元 a month.": "每月最多 N 词元。",
    "At most N 词元 for the model M: /day, /month or in all; repeatable.": (
        "模型 M 最多 N 词元：/day 每天、/month 每月，不写则为累计；可重复。"
    ),
    "At most N 词元 for the model M; repeatable.": "模型 M 最多 N 词元；可重复。",
    "Good until then (ISO 8601, UTC).": "有效期至（ISO 8601，UTC）。",
    "Good until then.": "有效期至。",
    "Only from there; repeatable.": "仅限这些来源地址；可重复。",
    "At most N requests a minute.": "每分钟最多 N 次请求。",
    "Its price factor and its channels.": "它的分组：价格系数与渠道。",
    "Its group.": "它的分组。",
    "Lower the client's own maximum to fit.": "余额不足时降低客户端自定的最大输出。",
    "Take over an existing key, from standard input.": "沿用已有的密钥，从标准输入读取。",
    "Make an API token and show its key, this once.": "创建词元密钥，密钥只显示这一次。",
    "Whose tokens.": "词元密钥所属的账户。",
    "List an account's tokens, without their keys.": "列出账户的词元密钥，不含密钥本身。",
    "What it is called.": "名称。",
    "Only these models; none: all.": "仅限这些模型；none：全部。",
    "Only from there; none: anywhere.": "仅限这些来源地址；none：不限。",
    "Requests a minute.": "每分钟请求数。",
    "As in `create`.": "同 `create`。",
    "Change a token's name, rules and budgets; `none` lifts one, the rest stays.": (
        "更改词元密钥的名称、规则和预算；`none` 取消一项，其余不变。"
    ),
    "A new budget counts from now on; another limit of one keeps what is spent.": (
        "新预算从现在起计算；更改预算的上限时，已花费的部分保留。"
    ),
    "Refuse a token until it is enabled again.": "停用词元密钥，直到重新启用。",
    "Let a disabled token work again.": "重新启用已停用的词元密钥。",
    "Revoke a token at once.": "立即吊销词元密钥。",
    "How long the old key stays good beside the new one.": "旧密钥与新密钥并存的时间。",
    "Give a token a new key; the old one ends at once, or after the overlap.": (
        "轮换密钥；旧密钥立即失效，或在并存时间之后失效。"
    ),
}

HELP: Final = _EVERYDAY | OPERATIONS_HELP | PAYMENTS_HELP | PEOPLE_HELP
