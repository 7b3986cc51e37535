"""What is wrong with a catalog file: file, line and field stay as they are."""

from typing import Final

CATALOG: Final = {
    "{file}: is larger than {limit} bytes": "{file}：超过 {limit} 字节",
    "{file}: is not a catalog": "{file}：不是目录文件",
    "{file}:{line}: is not TOML: {error}": "{file}:{line}：不是 TOML：{error}",
    "{file}:{line}: is not UTF-8": "{file}:{line}：不是 UTF-8",
    "{file}:{line}: {field}: {reason}": "{file}:{line}：{field}：{reason}",
    # a field of what was sent, where a file would have a line
    "{field}: {reason}": "{field}：{reason}",
    # what is created, changed or left
    "channel {name}": "渠道 {name}",
    "model {name}": "模型 {name}",
    "tier {name}": "等级 {name}",
    "group {name}": "分组 {name}",
    # kinds of values, where another was wanted
    "must be a table, not {what}": "须为表，而不是{what}",
    "must be a string, not {what}": "须为字符串，而不是{what}",
    "must be true or false, not {what}": "须为 true 或 false，而不是{what}",
    "must be an integer, not {what}": "须为整数，而不是{what}",
    "must be an integer or a decimal string, not {what}": "须为整数或小数字符串，而不是{what}",
    "must be a number of seconds, not {what}": "须为秒数，而不是{what}",
    "must be a list of strings, not {what}": "须为字符串列表，而不是{what}",
    "a boolean": "布尔值",
    "a string": "字符串",
    "an integer": "整数",
    "a floating-point number": "浮点数",
    "a table": "表",
    "a list": "列表",
    "a time": "时间",
    # names and places
    "is required": "缺少此项",
    "must be one of {choices}": "须为下列之一：{choices}",
    "must be from {least} to {most}": "须在 {least} 到 {most} 之间",
    "is not known; known are {names}": "不是已知的字段；已知的有 {names}",
    "is a list of tables: write [[{name}]]": "是表的列表：请写作 [[{name}]]",
    'there is another {table} "{name}"': "已有另一个 {table}“{name}”",
    '"{item}" stands here twice': "“{item}”在此出现了两次",
    "both names {reason}": "两个名称都{reason}",
    'there is no [[model]] "{name}", here or in the database': (
        "这里和数据库中都没有 [[model]] “{name}”"
    ),
    "must be the path of a file with a key in it, readable here": (
        "须为一个文件的路径，文件中是密钥，且此处可读"
    ),
    "must be a date or a time like 2027-01-31": "须为日期或时间，例如 2027-01-31",
    "is the model itself": "就是这个模型自己",
    "must be at most {most} models": "最多 {most} 个模型",
    "must be a date like 2027-01-31": "须为日期，例如 2027-01-31",
    'there is no [[channel]] "{name}", here or in the database': (
        "这里和数据库中都没有 [[channel]] “{name}”"
    ),
    '"{name}" is not among the models of this channel': "“{name}”不在此渠道的模型之中",
    "is not among the models of this channel": "不在此渠道的模型之中",
    "{provider} has no completions of its own": "{provider} 没有自己的 completions",
    # numbers
    'a decimal number must be a string: write "{value}"': '小数须为字符串：请写作 "{value}"',
    'must be a decimal string such as "0.5"': '须为小数字符串，例如 "0.5"',
    "{text} is not a decimal number with at most six places": "{text} 不是最多六位小数的数",
    "must be more than 0 and at most {most}": "须大于 0，最多 {most}",
    "must be more than 0 and at most {most} seconds": "须大于 0，最多 {most} 秒",
    "must be a whole number of at least {least}": "须为至少 {least} 的整数",
    "is more than {most}": "超过 {most}",
    # prices
    'is required (a free meter is "0")': '缺少此项（免费写作 "0"）',
    'must be a table such as {{ input = "30", output = "60" }}': (
        '须为表，例如 {{ input = "30", output = "60" }}'
    ),
    "must be a list of tables": "须为表的列表",
    "another step begins at {start} too": "另一个阶梯也从 {start} 开始",
    'must be hours such as "16:30-00:30"': '须为时段，例如 "16:30-00:30"',
    "begins when it ends; a price for the whole day is the base price": (
        "开始与结束相同；全天的价格就是基本价格"
    ),
    "overlaps another line of hours": "与另一个时段重叠",
    # channels
    "must be an address that begins with {known}": "须为以 {known} 开头的地址",
    "is not an address": "不是地址",
    "must have neither ? nor #": "不得含有 ? 或 #",
    "must end after the port": "须在端口之后结束",
    "must not hold credentials: they would be stored and shown in clear": (
        "不得含有凭证：凭证会以明文保存和显示"
    ),
    "is not the name of a header, or stands here twice": "不是请求头的名称，或在此出现了两次",
    "is set by the gateway; keys belong into api_key": "由网关设置；密钥应写在 api_key 中",
    'must be a string of printable ASCII characters or {{ env = "NAME" }}': (
        '须为可打印 ASCII 字符的字符串，或 {{ env = "NAME" }}'
    ),
    "must be printable ASCII characters without spaces": "须为不含空格的可打印 ASCII 字符",
    'must be a string or {{ env = "NAME" }} or {{ file = "/path" }}': (
        '须为字符串、{{ env = "NAME" }} 或 {{ file = "/path" }}'
    ),
    "must be the name of a variable": "须为环境变量的名称",
    "must not be one of our own variables": "不得是本程序自己的环境变量",
    "the variable {name} must hold printable ASCII characters without spaces": (
        "环境变量 {name} 须为不含空格的可打印 ASCII 字符"
    ),
    "the environment variable {name} is not set": "环境变量 {name} 没有设置",
    "the address has changed, so it must be given again: set {name}": (
        "地址已改变，须重新提供：请设置 {name}"
    ),
    "is the same key once more": "与前面的密钥相同",
    "must be a field that steers no routing": "须为不影响路由的字段",
    # what a vendor does
    "is no quirk; known are {known}": "不是已知的特性；已知的有 {known}",
    '"{word}" is none of {known}': "“{word}”不在下列之中：{known}",
    "must be a list of strings": "须为字符串列表",
    "must have at most {most}": "最多 {most} 项",
    "must be true or false": "须为 true 或 false",
    "must be a table of words": "须为值是文字的表",
    "must be a table of [least, greatest]": "须为值是 [最小, 最大] 的表",
    '"{field}" must be [least, greatest]': "“{field}”须为 [最小, 最大]",
    '"{field}" must have the least first': "“{field}”须先写最小值",
    "must be {{ path, ok }}": "须为 {{ path, ok }}",
    "its path must be a string": "其中的 path 须为字符串",
    "the address has changed, so the key must be given again: set {name}": (
        "地址已改变，须重新提供密钥：请设置 {name}"
    ),
}
