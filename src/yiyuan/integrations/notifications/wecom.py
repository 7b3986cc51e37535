"""A bot of a WeCom (企业微信) group: text of at most 2,048 bytes, refusals as 200 with `errcode`.

https://developer.work.weixin.qq.com/document/path/91770
"""

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications import contract, group_bot

TEXT_BYTES_MAX = 2_048
_AGAIN = (-1, 45009, 45033)
"""The system is busy; called too often."""


def _send(config: contract.Config, note: contract.Note, _: contract.Moment) -> Call:
    text = note.plain.encode()[:TEXT_BYTES_MAX].decode(errors="ignore")
    document = {"msgtype": "text", "text": {"content": text}}
    return group_bot.post(config["url"], document)


def _read(answer: Answer) -> contract.Outcome:
    return group_bot.read_errcode(answer, "WeCom", _AGAIN)


SINK = contract.Sink(
    kind="wecom",
    title=contract.Words("WeCom", "企业微信"),
    fields=(group_bot.WEBHOOK,),
    check=contract.check_url,
    send=_send,
    read=_read,
)
