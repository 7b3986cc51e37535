"""A mailbox: the note as a letter, through the mail server of the settings."""

import re

from yiyuan.integrations.call import Answer
from yiyuan.integrations.notifications import contract

_MAILBOX = re.compile(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,189}")


def _check(config: contract.Config) -> None:
    address = config.get("address", "")
    if not _MAILBOX.fullmatch(address) or not address.isprintable():
        raise contract.SinkError("address", "must be an e-mail address", "必须是一个邮箱地址")


def _send(config: contract.Config, note: contract.Note, _: contract.Moment) -> contract.Letter:
    text = note.text + (f"\n\n{note.link}" if note.link else "")
    return contract.Letter(config["address"], note.title, text)


def _read(answer: Answer) -> contract.Outcome:
    return contract.by_status(answer) or contract.Outcome("delivered")


SINK = contract.Sink(
    kind="email",
    title=contract.Words("E-mail", "邮件"),
    fields=(contract.Field(name="address", title=contract.Words("E-mail address", "邮箱地址")),),
    check=_check,
    send=_send,
    read=_read,
)
