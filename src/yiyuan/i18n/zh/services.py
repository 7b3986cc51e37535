"""Why a command was refused: the messages of ServiceErrors, and progress of long ones.

The codes beside them are for programs and have no language. What only the console's API
can meet stays out.
"""

from typing import Final

REFUSALS: Final = {
    "interrupted": "已中断",
    # the way to the server
    "the server ended before it answered; whether the command took effect is not known": (
        "服务在返回结果之前已停止；命令是否生效未知"
    ),
    "the command's input is too large": "命令的输入过大",
    "the server's socket in {home} cannot be used: {error}": (
        "无法使用 {home} 中的服务套接字：{error}"
    ),
    "cannot listen on {host} port {port}: {error}": "无法监听 {host} 的端口 {port}：{error}",
    "the server does not know this command: update both": (
        "服务不支持此命令：请将服务与命令行升级到同一版本"
    ),
    "the command failed inside the server; its log has the details": (
        "命令在服务内部失败；详情见服务日志"
    ),
    "there is no such person": "没有这个人",
    'the headers of the channel "{name}" do not open: {error}': (
        "渠道“{name}”的请求头无法解密：{error}"
    ),
    "there is no such sign-in service": "没有这个登录服务",
    "this is your last way in: set a password first": ("这是您最后一种登录方式：请先设置密码"),
    "this identity belongs to somebody else here": "这个身份已关联到站内的另一位用户",
    "people of this domain sign in by {service}": "这个域名的用户须通过 {service} 登录",
    "nobody can sign up here by this service: ask for an invitation": (
        "不能通过此服务注册：请获取邀请"
    ),
    "there is no such person any more": "这个人已不存在",
    "--set must be FIELD=VALUE": "--set 须为 字段=值",
    "stdin must hold a JSON object of strings": "标准输入须为值是字符串的 JSON 对象",
    "the name must be lower-case letters, digits and dashes, and not taken": (
        "名称须为小写字母、数字和连字符，且未被占用"
    ),
    "the preset must be one of {known}": "预设须为下列之一：{known}",
    "there is no such member": "没有这位成员",
    "there is no such invitation": "没有这个邀请",
    "there is no such model": "没有这个模型",
    "the last owner stays one": "最后一位所有者须保留其角色",
    "this invitation is for another e-mail address": "这份邀请属于另一个邮箱",
    "prove who you are once more before this": "此操作需要再次确认您的身份",
    "the terms have changed: read them and agree to them first": ("服务条款已更新：请先阅读并同意"),
    "the owner has not allowed support to do this": "所有者没有允许客服进行此操作",
    "there is no authenticator to stand in for": "尚未启用验证器",
    "other users may write into {home} ({mode}): chmod go-w {home}": (
        "其他用户可以写入 {home}（{mode}）：chmod go-w {home}"
    ),
    "other users may read {path} ({mode}): chmod 600 {path}": (
        "其他用户可以读取 {path}（{mode}）：chmod 600 {path}"
    ),
    "too many commands at once; try again": "同时执行的命令太多；请重试",
    "only the owner of the home may do this": "只有数据目录的所有者可以执行此操作",
    "the request is longer than {limit} bytes": "请求超过 {limit} 字节",
    "no request came": "没有收到请求",
    "the request is not understood": "无法理解该请求",
    # home and database
    "{home} is in use by {holder}; stop it first, or use another YIYUAN_HOME": (
        "{home} 正被占用（{holder}）；请先停止它，或使用另一个 YIYUAN_HOME"
    ),
    "process {pid}": "进程 {pid}",
    "another process": "另一个进程",
    "the home {home} cannot be used: {error}": "无法使用数据目录 {home}：{error}",
    "the database in {home} cannot be opened: {error}": "无法打开 {home} 中的数据库：{error}",
    "the database in {home} cannot be read: {error}": "无法读取 {home} 中的数据库：{error}",
    "the database cannot be read or written: {error}": "无法读写数据库：{error}",
    "there is no database in {home}: set YIYUAN_HOME": "{home} 中没有数据库：请设置 YIYUAN_HOME",
    "the database went away: {error}": "与数据库的连接中断：{error}",
    "{url} cannot be reached: {error}": "无法连接 {url}：{error}",
    "{url} cannot be used: {error}": "无法使用 {url}：{error}",
    "the database does not answer right now: see whether it was done, then try again": (
        "数据库暂时没有响应：请先确认操作是否已完成，再重试"
    ),
    "the ledger has stopped, look at the server's log: {error}": (
        "账本已停止，请查看服务日志：{error}"
    ),
    "the ledger does not add up ({error}); `yiyuan ledger verify` tells where": (
        "账本不一致（{error}）；`yiyuan ledger verify` 会指出位置"
    ),
    (
        "the database has schema {stored}, this release knows up to {known}: "
        "run the release that wrote it, or a later one"
    ): "数据库结构为 {stored}，此版本只认识到 {known}：请运行写入它的版本或更新的版本",
    (
        "the database has schema {stored}, this release needs {known}: make a backup, then run "
        "`yiyuan migrate` (servers of the release before may go on meanwhile)"
    ): (
        "数据库结构为 {stored}，此版本需要 {known}：请先备份，再运行 `yiyuan migrate`"
        "（期间前一版本的服务可以继续运行）"
    ),
    # the secret key
    "the secret key must be {wanted} bytes, not {found}": "密钥须为 {wanted} 字节，而不是 {found}",
    (
        "{source} must be base64 of {wanted} bytes, not of {found}. "
        "Make one with: openssl rand -base64 32"
    ): (
        "{source} 须为 {wanted} 字节的 base64，而不是 {found} 字节。"
        "可用此命令生成：openssl rand -base64 32"
    ),
    (
        "{source} must be base64 of {wanted} bytes, and is not base64. "
        "Make one with: openssl rand -base64 32"
    ): (
        "{source} 须为 {wanted} 字节的 base64，现在不是 base64。"
        "可用此命令生成：openssl rand -base64 32"
    ),
    "{path} is missing, but the database was made with one. Put it back, or set {variable}.": (
        "缺少 {path}，而数据库是用密钥创建的。请放回该文件，或设置 {variable}。"
    ),
    "{path} cannot be read: {error}": "无法读取 {path}：{error}",
    "{path} cannot be made: {error}": "无法创建 {path}：{error}",
    (
        "the secret key (fingerprint {found}) is not the one that the database was made with "
        "({wanted}): upstream keys and API tokens would not work. Set YIYUAN_SECRET_KEY, or put "
        "back {home}/secret.key"
    ): (
        "当前密钥（指纹 {found}）不是创建数据库时的密钥（{wanted}）：上游密钥和词元密钥都会失效。"
        "请设置 YIYUAN_SECRET_KEY，或放回 {home}/secret.key"
    ),
    'a key of the channel "{name}" does not open: {error}': (
        "渠道“{name}”的一个密钥无法解密：{error}"
    ),
    # accounts and tokens
    'there is no account "{name}"': "没有账户“{name}”",
    "there is no such account": "没有这个账户",
    "there is an account of this name": "已有同名账户",
    "the amount does not fit": "金额无效",
    "a text is empty, too long or not printable": "文字为空、过长或含有不可打印的字符",
    "this request was never charged": "该请求从未扣费",
    "this request was refunded before": "该请求已退过款",
    "this key was used before for another amount or account": "这个幂等键已用于其他金额或账户",
    "only {available} 词元 are available (balance − held)": (
        "可用余额只有 {available} 词元（余额减预扣）"
    ),
    "there is no token of this id; `yiyuan token list --account A` shows the ids": (
        "没有这个 id 的词元密钥；`yiyuan token list --account A` 会列出 id"
    ),
    "this account has no token of this id": "该账户没有这个 id 的词元密钥",
    "this key is in use by another token": "此密钥已被另一个词元密钥使用",
    "the token {id} is revoked": "词元密钥 {id} 已吊销",
    "the token {id} has changed": "词元密钥 {id} 已被更改",
    "this is an earlier key of {id}: change that, or revoke this": (
        "这是 {id} 的旧密钥：请更改 {id}，或吊销这一个"
    ),
    'there is no model "{name}" in the catalog': "目录中没有模型“{name}”",
    'the channel "{name}" is of a provider not known: {provider}': (
        "此版本不支持渠道“{name}”的供应商：{provider}"
    ),
    "there is a person of this e-mail": "此邮箱已被使用",
    "the password {reason}": "密码{reason}",
    "is one of those that are tried first": "过于常见，容易被猜中",
    "email must be an e-mail address": "email 须为邮箱地址",
    # arguments
    "the name {reason}": "名称{reason}",
    "the role must be one of {choices}": "角色须为下列之一：{choices}",
    "{what} must be one line of 1 to {most} printable characters": (
        "{what}须为一行，1 到 {most} 个可打印字符"
    ),
    "the reason": "说明",
    "the key": "键",
    "the name": "名称",
    "must have {least} to {most} characters": "须有 {least} 到 {most} 个字符",
    "must be printable, without white space around it": "须为可打印字符，首尾不含空白",
    "must be printable, without spaces and commas": "须为可打印字符，不含空格和逗号",
    "looks like an id": "看起来像 id",
    "the key must have 20 to 256 printable ASCII characters without spaces": (
        "密钥须有 20 到 256 个不含空格的可打印 ASCII 字符"
    ),
    "{argument} is required": "缺少 {argument}",
    "{argument} must be in the future": "{argument} 须为将来的时间",
    "{argument} must be a string of Unicode characters": "{argument} 须为 Unicode 文字",
    "{argument} must be an absolute path": "{argument} 须为绝对路径",
    "{argument} is a folder: {path}": "{argument} 是目录：{path}",
    "{argument} must be a whole number from {least} to {most}": (
        "{argument} 须为 {least} 到 {most} 的整数"
    ),
    "{argument} must be a text of {least} to {most} characters": (
        "{argument} 须为 {least} 到 {most} 个字符的文字"
    ),
    "{argument} must be a date or time such as 2026-11-22 or 2026-11-22T08:30:00Z": (
        "{argument} 须为日期或时间，例如 2026-11-22 或 2026-11-22T08:30:00Z"
    ),
    "{argument} must be one of {choices}": "{argument} 须为下列之一：{choices}",
    "{argument} must be an address or network: {error}": "{argument} 须为地址或网段：{error}",
    "{argument} must name some of {choices}": "{argument} 须为下列中的一些：{choices}",
    "{argument} must be true or false": "{argument} 须为 true 或 false",
    "{argument} must be a list of strings": "{argument} 须为字符串列表",
    "{argument} must be a list of objects": "{argument} 须为对象列表",
    "{argument} must be an object of strings": "{argument} 须为字符串对象",
    "{argument} is not a parameter of this command": "{argument} 不是此命令的参数",
    "{argument} lifts {rule}, which is also given": "{rule} 不能既取消又设置",
    "{argument} names the same period and model twice": "同一周期和模型的预算出现了两次",
    # the ledger, and what became of a request
    "a server or another command is at it: see the metric yiyuan_expired_requests": (
        "服务或另一个命令正在做这件事：见指标 yiyuan_expired_requests"
    ),
    # backup and restore
    "the backup {path} cannot be written: {error}": "无法写入备份 {path}：{error}",
    "{path} cannot be restored: {reason}": "无法恢复 {path}：{reason}",
    "it ends before its end: the file is incomplete": "文件缺少结尾：不完整",
    "it ends in the middle: the file is incomplete": "文件在中途结束：不完整",
    "its content has changed since it was written: the checksum is another": (
        "文件写入后内容有变化：校验和不符"
    ),
    "its tables do not have the rows that it counts": "各表的行数与所记不符",
    "it is damaged, or no backup ({error})": "已损坏，或不是备份（{error}）",
    "it is no backup of this program": "不是本程序的备份",
    "its format is {found}, this release reads {known}": "格式为 {found}，此版本能读 {known}",
    "its table {name} is not one of the schema's": "表 {name} 不属于此数据库结构",
    "a row of {table} refers to one of {other} that is not there": (
        "表 {table} 中有一行引用了 {other} 中不存在的行"
    ),
    "a row of {table} is not understood: {error}": "表 {table} 中有一行无法理解：{error}",
    "a row of it cannot be stored: {error}": "有一行无法存入：{error}",
    (
        "its schema is {found}, this release knows 1 to {known}: "
        "restore with the release that wrote it, or a later one"
    ): "数据库结构为 {found}，此版本认识 1 到 {known}：请用写入它的版本或更新的版本恢复",
    "its header is incomplete": "文件头不完整",
    "a line of it is not understood": "有一行无法理解",
    "the database went away; what is restored is whole, or nothing: {error}": (
        "与数据库的连接中断；恢复要么已全部完成，要么完全没有进行：{error}"
    ),
    "the database cannot be written: {error}": "无法写入数据库：{error}",
    (
        "{home} has a database already ({name}), and a restore never writes over one: "
        "set YIYUAN_HOME to an empty folder"
    ): "{home} 中已有数据库（{name}），恢复从不覆盖：请把 YIYUAN_HOME 设为空目录",
    (
        "the secret key of {source} (fingerprint {found}) is not the one that the backup was "
        "made with ({wanted}): API tokens would not work"
    ): "{source} 的密钥（指纹 {found}）不是备份所用的密钥（{wanted}）：词元密钥会失效",
    (
        "the backup was made without its secret key, and there is none here: set "
        "YIYUAN_SECRET_KEY, or put {file} into {home}"
    ): "备份不含密钥，此处也没有：请设置 YIYUAN_SECRET_KEY，或把 {file} 放入 {home}",
    "the database is not empty ({reason}): a restore never writes over one": (
        "数据库不为空（{reason}）：恢复从不覆盖"
    ),
    "its table {name} has rows": "表 {name} 中有数据",
    "a server or a command is at work on it": "服务或命令正在使用它",
    (
        "{path} is restored as it was saved, but the ledger in it does not add up: "
        "{count} problems, which `yiyuan ledger verify` lists"
    ): (
        "{path} 已按备份时的状态恢复，但其中的账本不一致：有 {count} 个问题，"
        "`yiyuan ledger verify` 会列出"
    ),
    # what a server says when it starts
    "yiyuan {version} is ready on {url}": "yiyuan {version} 已就绪：{url}",
    "Set up the console ({minutes} minutes, once):": (
        "设置控制台（{minutes} 分钟内有效，只能使用一次）："
    ),
    "{variable}: its list of models could not be had ({error}); the demo answers instead.": (
        "{variable}：无法取得其模型列表（{error}）；由演示渠道代答。"
    ),
    "{variable}: it lists no suitable model; the demo answers instead.": (
        "{variable}：列表中没有合适的模型；由演示渠道代答。"
    ),
    "{error}; the demo answers instead.": "{error}；由演示渠道代答。",
    # progress
    "checked {done:,} of {total:,} rows": "已检查 {done:,} / {total:,} 行",
    "checked {done:,} of {total:,} entries": "已核对 {done:,} / {total:,} 条分录",
    "saved {done:,} of {total:,} rows": "已保存 {done:,} / {total:,} 行",
    "brought up to date {done:,} of {total:,} rows": "已升级 {done:,} / {total:,} 行",
    "restored {done:,} of {total:,} rows": "已恢复 {done:,} / {total:,} 行",
    "{count:,} requests have expired": "{count:,} 个请求的明细已过期",
    "the ledger contradicts itself": "账本自相矛盾",
}
