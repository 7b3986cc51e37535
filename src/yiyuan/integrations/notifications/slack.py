"""A channel of Slack, by an incoming webhook; a refusal is a word in the body.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications import contract, group_bot

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
"""Slack's own: what stands between < and > would be a mention or a link."""


def _send(config: contract.Config, note: contract.Note, _: contract.Moment) -> Call:
    document = {"text": note.plain.translate(_ESCAPES)}
    return group_bot.post(config["url"], document)


def _read(answer: Answer) -> contract.Outcome:
    decided = contract.by_status(answer)
    if decided is None:
        return contract.Outcome("delivered")
    told = answer.body[:100].decode(errors="replace").strip()
    reason = told if told.isprintable() and told else decided.reason
    return contract.Outcome(decided.state, reason, decided.wait_seconds)


SINK = contract.Sink(
    kind="slack",
    title=contract.Words("Slack", "Slack"),
    fields=(
        contract.Field(
            name="url",
            title=contract.Words("Incoming webhook", "Incoming webhook 地址"),
            is_secret=True,
        ),
    ),
    check=contract.check_url,
    send=_send,
    read=_read,
)
