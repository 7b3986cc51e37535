"""Channels, price lists, codes and requests: what is refused, in Chinese."""

from typing import Final

OPERATIONS: Final = {
    "notes: at most {most} characters": "备注最多 {most} 个字符",
    "the file has no model with a price per token": "文件中没有按 token 计价的模型",
    "the file is no price list of this form": "文件不是这种格式的价格表",
    "the file is not JSON: {error}": "文件不是 JSON：{error}",
    "{argument} must be a number such as 7.1": "{argument} 须为 7.1 这样的数",
    "{argument} must not be in the future": "{argument} 不能是将来的时间",
    'there is no channel "{name}"': "没有名为“{name}”的渠道",
    'the channel "{name}" has no one key "{key}": give its id': (
        "渠道“{name}”没有唯一的密钥“{key}”：请给出其 id"
    ),
    "the key must be printable, without white space": "密钥须为可打印字符，不含空白",
    "there is a channel of this name": "已有同名渠道",
    "the channel has this key already": "渠道已有此密钥",
    "this is the channel's last key: add another first, or switch the channel off": (
        "这是渠道的最后一个密钥：请先增加一个，或停用渠道"
    ),
    'the group "{group}" has no other channel': "分组“{group}”没有其他渠道",
    'the channel has no model "{name}"': "渠道没有模型“{name}”",
    "there is no such batch": "没有这个批次",
    "there is no such request": "没有这个请求",
    "there is no such channel": "没有这个渠道",
    "there is no such incident": "没有这条故障通报",
    "say what is new: a text, a state or what to change": (
        "请说明有何更新：文字、状态或要修改的内容"
    ),
    "the incident has too many updates: write a new one": "这条通报的更新过多：请另写一条",
    '{argument} has "{model}", which is no model here': "{argument} 中的“{model}”不是这里的模型",
    "{argument} must be one line of printable characters": "{argument} 须为一行可打印字符",
    "{argument} must be printable characters and line breaks": (
        "{argument} 只能含可打印字符和换行"
    ),
    "status must be such as 429 or 5xx": "status 须写作 429 或 5xx",
}
