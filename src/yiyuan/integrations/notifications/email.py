"""A mailbox: the note as a letter, through the mail server of the settings."""

import re

from yiyuan.integrations.call import Answer
from yiyuan.integrations.notifications.contract import (
    Config,
    Field,
    Letter,
    Moment,
    Note,
    Outcome,
    Sink,
    SinkError,
    Words,
    by_status,
)

_MAILBOX = re.compile(r"[^@\s<>,;:\"]{1,64}@[^@\s<>,;:\"]{1,189}")


def _check(config: Config) -> None:
    address = config.get("address", "")
    if not _MAILBOX.fullmatch(address) or not address.isprintable():
        raise SinkError("address", "must be an e-mail address", "必须是一个邮箱地址")


def _send(config: Config, note: Note, _: Moment) -> Letter:
    text = note.text + (f"\n\n{note.link}" if note.link else "")
    return Letter(config["address"], note.title, text)


def _read(answer: Answer) -> Outcome:
    return by_status(answer) or Outcome("delivered")


SINK = Sink(
    kind="email",
    title=Words("E-mail", "邮件"),
    fields=(Field(name="address", title=Words("E-mail address", "邮箱地址")),),
    check=_check,
    send=_send,
    read=_read,
)
