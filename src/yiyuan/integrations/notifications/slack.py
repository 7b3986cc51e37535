"""A channel of Slack, by an incoming webhook; a refusal is a word in the body.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications import group_bot
from yiyuan.integrations.notifications.contract import (
    Config,
    Field,
    Moment,
    Note,
    Outcome,
    Sink,
    Words,
    by_status,
    check_url,
)

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""Slack's own: what stands between < and > would be a mention or a link."""


def _send(config: Config, note: Note, _: Moment) -> Call:
    document = {"text": note.plain.translate(_ESCAPES)}
    return group_bot.post(config["url"], document)


def _read(answer: Answer) -> Outcome:
    decided = by_status(answer)
    if decided is None:
        return Outcome("delivered")
    told = answer.body[:100].decode(errors="replace").strip()
    reason = told if told.isprintable() and told else decided.reason
    return Outcome(decided.state, reason, decided.wait_seconds)


SINK = Sink(
    kind="slack",
    title=Words("Slack", "Slack"),
    fields=(
        Field(
            name="url",
            title=Words("Incoming webhook", "Incoming webhook 地址"),
            is_secret=True,
        ),
    ),
    check=check_url,
    send=_send,
    read=_read,
)
