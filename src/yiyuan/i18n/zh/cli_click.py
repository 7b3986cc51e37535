"""What click says of wrong use, what our own commands add to it, and of settings."""

from typing import Final

USAGE: Final = {
    "No such option {name}.": "没有选项 {name}。",
    "No such option {name}. Did you mean {guess}?": "没有选项 {name}。是不是 {guess}？",
    "No such option {name}. (Did you mean one of: {guesses}?)": (
        "没有选项 {name}。是不是下列之一：{guesses}？"
    ),
    "No such command {name}.": "没有命令 {name}。",
    "No such command {name}. Did you mean {guess}?": "没有命令 {name}。是不是 {guess}？",
    "No such command {name}. (Did you mean one of: {guesses}?)": (
        "没有命令 {name}。是不是下列之一：{guesses}？"
    ),
    "Missing command.": "缺少命令。",
    "Missing argument {name}.": "缺少参数 {name}。",
    "Missing option {name}.": "缺少选项 {name}。",
    "Got unexpected extra argument ({arguments})": "多出的参数（{arguments}）。",
    "Got unexpected extra arguments ({arguments})": "多出的参数（{arguments}）。",
    "Option {name} requires an argument.": "选项 {name} 需要一个值。",
    "Option {name} does not take a value.": "选项 {name} 不带值。",
    "Invalid value for {name}: {reason}": "{name} 的值无效：{reason}",
    "Invalid value: {reason}": "值无效：{reason}",
    "{value} is not a valid {what}.": "{value} 不是有效的{what}。",
    "integer": "整数",
    "integer range": "整数",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 内。",
    "{value} is not one of {choices}.": "{value} 不在可选值之中：{choices}。",
    "File {file} does not exist.": "文件 {file} 不存在。",
    "File {file} is a directory.": "{file} 是目录，不是文件。",
    "File {file} is not readable.": "文件 {file} 不可读。",
    "File {file} is not writable.": "文件 {file} 不可写。",
    # ours
    "{value} must be whole 词元, or 元 such as ¥12.5.": "{value} 须为整数词元，或 ¥12.5 这样的元。",
    "there was no key on standard input": "标准输入上没有密钥",
    "must look like gpt-4=2000000/month (or /day, /total)": (
        "须写作 gpt-4=2000000/month（或 /day、/total）。"
    ),
    "--csv and --json exclude each other.": "--csv 与 --json 不能同时使用。",
    "--key-stdin: there was no key on standard input": "--key-stdin：标准输入上没有密钥。",
    (
        "--workers: with SQLite the ledger has one process, which decides every balance in its "
        "memory; a second could spend the same money again. Several processes need PostgreSQL "
        "(YIYUAN_DATABASE_URL)"
    ): (
        "--workers：使用 SQLite 时账本只有一个进程，每个余额都在它的内存中决定；第二个进程可能把"
        "同一笔钱再花一次。多个进程需要 PostgreSQL（YIYUAN_DATABASE_URL）。"
    ),
    "{value} is not an amount: whole 词元, or 元 such as ¥12.5": (
        "{value} 不是金额：须为整数词元，或 ¥12.5 这样的元"
    ),
}

SETTINGS: Final = {
    "{variable}: {reason}": "{variable}：{reason}",
    "there is no such setting": "没有这个设置",
    "there is no such setting; did you mean {guess}?": "没有这个设置，是不是 {guess}？",
    "must be an address that begins with http:// or https://": (
        "须为以 http:// 或 https:// 开头的地址"
    ),
    "must have a port from 0 to 65535": "端口须在 0 到 65535 之间",
    "must have neither credentials nor ? nor #": "不得含有凭证、? 或 #",
    "must begin with {scheme}": "须以 {scheme} 开头",
    "{item} is not a network such as 10.0.0.0/8": "{item} 不是 10.0.0.0/8 这样的网段",
    "{item} is not a host name such as api.example.com": (
        "{item} 不是 api.example.com 这样的主机名"
    ),
    "must be printable ASCII without spaces": "须为不含空格的可打印 ASCII 字符",
    "must be a whole number": "须为整数",
    # OpenTelemetry's own
    "gRPC is not spoken here; name the collector's HTTP port (often 4318) and http/json": (
        "不支持 gRPC，请填写收集器的 HTTP 端口（通常为 4318）并使用 http/json"
    ),
    "an http:// or https:// address is needed": "须为 http:// 或 https:// 地址",
    "key=value pairs are needed, with commas between them": "须为以逗号分隔的 key=value",
    "there is no file of certificates that can be read": "没有可读取的证书文件",
    "gzip or none": "须为 gzip 或 none",
    "one of {known}, alone or behind parentbased_": "须为 {known} 之一，可在前面加 parentbased_",
    "a number from 0 to 1": "须为 0 到 1 之间的数",
    "at least 1": "至少为 1",
    "a number is needed": "须为数字",
}
