r"""A bot of a Feishu (Lark) group.

With a secret, the note carries `timestamp` in seconds and the base64 of an HMAC-SHA256
whose key is `timestamp\nsecret` and whose message is empty. Refusals come as 200 with a
`code`. https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

import base64
import hashlib
import hmac
import json

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications import contract, group_bot

_TOO_OFTEN = (9499, 11232)
"""Too many requests; the bot's frequency is limited."""


def _send(config: contract.Config, note: contract.Note, moment: contract.Moment) -> Call:
    document: dict[str, object] = {"msg_type": "text", "content": {"text": note.plain}}
    if config.get("secret"):
        timestamp = str(moment.wall_ms // 1000)
        key = f"{timestamp}\n{config['secret']}".encode()
        digest = hmac.digest(key, b"", hashlib.sha256)
        document = {
            "timestamp": timestamp,
            "sign": base64.b64encode(digest).decode(),
            **document,
        }
    return group_bot.post(config["url"], document)


def _read(answer: Answer) -> contract.Outcome:
    decided = contract.by_status(answer)
    if decided is not None and answer.status >= 500:
        return decided
    try:
        document = json.loads(answer.body)
        code = document.get("code", document.get("StatusCode"))
        reason = document.get("msg", document.get("StatusMessage", ""))
    except (ValueError, AttributeError):
        return decided or contract.Outcome("again", "not an answer of Feishu")
    return group_bot.outcome_of(code, reason, _TOO_OFTEN)


SINK = contract.Sink(
    kind="feishu",
    title=contract.Words("Feishu", "飞书"),
    fields=(
        group_bot.WEBHOOK,
        group_bot.secret_field(contract.Words("Signature secret", "签名校验密钥")),
    ),
    check=group_bot.check_signed,
    send=_send,
    read=_read,
)
