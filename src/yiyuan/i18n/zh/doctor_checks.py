"""What `yiyuan doctor` finds and advises."""

from typing import Final

CHECKS: Final = {
    # names of the checks
    "settings": "设置",
    "user": "用户",
    "home": "数据目录",
    "files": "文件",
    "disk": "磁盘",
    "clock": "时钟",
    "open_files": "打开文件数",
    "server": "服务",
    "database": "数据库",
    "schema": "数据库结构",
    "secret_key": "主密钥",
    "ledger": "账本",
    "models": "模型",
    "upstream_keys": "上游密钥",
    "payment_methods": "支付方式",
    "proxy": "代理",
    "channels": "渠道",
    "traffic of {name}": "{name} 的流量",
    "paused after errors for {models}": "以下模型出错后暂停：{models}",
    "{first}; {others}": "{first}；{others}",
    # this machine
    "install Python 3.11": "请安装 Python 3.11",
    "Python {version}; {best} needs only {share} % of the time for the same work": (
        "Python {version}；同样的工作，{best} 只需其 {share} % 的时间"
    ),
    "use it if CPU time is short: make setup PYTHON={best}": (
        "处理器时间紧张时请改用它：make setup PYTHON={best}"
    ),
    "all YIYUAN_ variables are valid": "所有 YIYUAN_ 变量都有效",
    "runs as user {user}": "以用户 {user} 运行",
    "runs as root": "以 root 运行",
    "run it as a dedicated user, as the systemd unit and the image do": (
        "请使用专门的用户运行，参照自带的 systemd 单元与镜像"
    ),
    "{peer} sends forwarded headers and is not trusted: they are ignored": (
        "{peer} 发送转发头但不受信任：这些头被忽略"
    ),
    "if it is your proxy, set YIYUAN_TRUSTED_PROXIES={peer}": (
        "如果它是您的代理，请设置 YIYUAN_TRUSTED_PROXIES={peer}"
    ),
    "correct or unset {names}": "请改正或取消 {names}",
    "{home} does not exist yet; the first command creates it": (
        "{home} 尚不存在；第一个命令会创建它"
    ),
    "{home} is not a folder": "{home} 不是目录",
    "set YIYUAN_HOME to another place": "请把 YIYUAN_HOME 设为别处",
    "{home} is open to other users ({mode})": "{home} 对其他用户开放（{mode}）",
    "{home} belongs to user {owner} and cannot be written": "{home} 属于用户 {owner}，无法写入",
    "run as user {owner}, or change the owner": "请以用户 {owner} 运行，或更改所有者",
    "{home} cannot be read": "无法查看 {home} 的内容",
    "there are none yet": "还没有",
    "open to others: {files}": "对其他用户开放：{files}",
    "{count} files, readable by their owner only": "{count} 个文件，仅所有者可读",
    "{count:,} MiB are free": "可用空间 {count:,} MiB",
    "free some space: a full disk stops the ledger ({place})": (
        "请腾出空间：磁盘写满会使账本停止（{place}）"
    ),
    "{now} is older than this release": "{now} 早于此版本",
    "{now} is before the ledger's newest entry ({newest})": "{now} 早于账本最新的分录（{newest}）",
    "set the clock (NTP)": "请校准时钟（NTP）",
    "unlimited, {needed:,} are needed": "没有上限，需要 {needed:,}",
    "up to {limit:,}, {needed:,} are needed": "上限 {limit:,}，需要 {needed:,}",
    "at most {limit:,} may be open, {needed:,} are needed for all connections": (
        "最多可打开 {limit:,}，所有连接需要 {needed:,}"
    ),
    "raise the limit (LimitNOFILE={needed}, or ulimit -Hn {needed})": (
        "请提高上限（LimitNOFILE={needed}，或 ulimit -Hn {needed}）"
    ),
    # the server
    "none runs in {home}": "{home} 中没有正在运行的服务",
    "check its log; it may be a different release than this command": (
        "请查看其日志；它可能与此命令版本不同"
    ),
    "start it again; its log says why it stopped": "请重新启动；日志会说明停止的原因",
    "its ledger has stopped": "账本已停止",
    "yiyuan {release} runs, {open_holds} requests are open": (
        "yiyuan {release} 正在运行，{open_holds} 个请求进行中"
    ),
    # the database
    "the first command or server creates it; is YIYUAN_HOME right?": (
        "第一个命令或服务会创建它；YIYUAN_HOME 对吗？"
    ),
    "the first command or server creates it; is YIYUAN_DATABASE_URL right?": (
        "第一个命令或服务会创建它；YIYUAN_DATABASE_URL 对吗？"
    ),
    "there is none in {home} yet": "{home} 中还没有",
    "{path} is intact": "{path} 完好",
    "stop the server and restore the latest backup into an empty home: yiyuan restore": (
        "请停止服务，把最近的备份恢复到空的数据目录：yiyuan restore"
    ),
    "PostgreSQL is reachable": "已连接 PostgreSQL",
    "PostgreSQL is reachable, database empty": "已连接 PostgreSQL，数据库为空",
    "start PostgreSQL, or correct YIYUAN_DATABASE_URL": (
        "请启动 PostgreSQL，或改正 YIYUAN_DATABASE_URL"
    ),
    "check PostgreSQL's log": "请查看 PostgreSQL 的日志",
    "{stored}, this release's": "{stored}，与此版本一致",
    "the database has {stored}, this release knows {known}": (
        "数据库结构为 {stored}，此版本支持 {known}"
    ),
    "run a newer release": "请运行更新的版本",
    "{source}, fingerprint {fingerprint}": "{source}，指纹 {fingerprint}",
    "{source} has fingerprint {found}, the database's is {wanted}": (
        "{source} 的指纹是 {found}，数据库的是 {wanted}"
    ),
    "set YIYUAN_SECRET_KEY, or put back the secret.key of this database": (
        "请设置 YIYUAN_SECRET_KEY，或放回此数据库的 secret.key"
    ),
    "put {source} back; without it, no API token or upstream key works": (
        "请放回 {source}；没有它，词元密钥和上游密钥都不可用"
    ),
    "{accounts:,} accounts, {entries:,} entries": "{accounts:,} 个账户，{entries:,} 条分录",
    "{accounts:,} accounts, {entries:,} entries, {count} problems: {problems}": (
        "{accounts:,} 个账户，{entries:,} 条分录，{count} 个问题：{problems}"
    ),
    "start the server: it ends the requests that were left open": (
        "请启动服务：启动时会结束未完成的请求"
    ),
    "yiyuan ledger verify --full, and read the runbook before you change anything": (
        "运行 yiyuan ledger verify --full，并在做任何更改之前查看运行手册"
    ),
    # the catalog
    "describe channels and models in a file: yiyuan apply FILE.toml": (
        "请在文件中描述渠道和模型：yiyuan apply FILE.toml"
    ),
    "without an enabled channel: {names}": "没有启用的渠道：{names}",
    "add them to a channel's models, or remove them with yiyuan apply --prune": (
        "请加入某个渠道的模型，或用 yiyuan apply --prune 停用"
    ),
    "{count}, each with a channel": "{count} 个，都有渠道",
    "the secret key is missing": "缺少主密钥",
    "{channel}: {reason}": "{channel}：{reason}",
    "not a sealed value of a known version": "不是已知版本的密文",
    "the secret key or the owner is another, or it is damaged": (
        "主密钥或所属渠道不同，或内容已损坏"
    ),
    "apply the catalog again, with the keys": "请连同密钥重新应用目录",
    "{channel}: {name} is not set here, the stored key is used": (
        "{channel}：此处没有设置 {name}，使用已保存的密钥"
    ),
    "{channel}: {name} is another key than the stored": "{channel}：{name} 与已保存的密钥不同",
    "yiyuan apply reads keys from the environment it runs in": (
        "yiyuan apply 从运行它的环境中读取密钥"
    ),
    "all stored keys can be decrypted": "已保存的密钥都能解密",
    "{count} enabled": "已启用 {count} 个",
    "asked over http:// without signatures: {names}": "通过 http:// 查单且应答没有签名：{names}",
    "use the gateway's https:// address, or its version 2 (epay_rsa)": (
        "请使用网关的 https:// 地址，或其版本 2（epay_rsa）"
    ),
    # the network
    "not configured": "未配置",
    "reached": "已连接",
    "start it, or correct YIYUAN_REDIS_URL; meanwhile each node enforces its share": (
        "请启动它，或改正 YIYUAN_REDIS_URL；期间各节点按各自的份额执行限额"
    ),
    "correct HTTPS_PROXY": "请改正 HTTPS_PROXY",
    "the database cannot be read": "无法读取数据库",
    "unknown provider {provider}": "未知的供应商 {provider}",
    "run the release that created this channel": "请运行创建此渠道的版本",
    "built in": "内置",
    "check the address, the network and the proxy; nothing is charged meanwhile": (
        "请检查地址、网络和代理；期间不会产生费用"
    ),
    "rejects the key ({status})": "拒绝此密钥（{status}）",
    "apply the catalog with a key that works": "请改用有效的密钥，并重新应用目录",
    "returns {status}": "返回 {status}",
    "contact its operator; requests go to other channels meanwhile": (
        "请联系其运营者；期间请求会走其他渠道"
    ),
    "reachable; it has no list of models ({status})": "已连接；它不提供模型列表（{status}）",
    "reachable, lists all required models": "已连接，所需模型都在其列表中",
    "does not list {names}": "未列出 {names}",
    "it may serve them anyway; if not, correct the channel's models": (
        "它也许仍可提供；否则请改正渠道的模型"
    ),
    # what `--offer` meets
    "no model server found on this machine: nothing written": (
        "本机没有找到模型服务：未写入任何内容"
    ),
    "{file} cannot be written: {error}": "无法写入 {file}：{error}",
}
