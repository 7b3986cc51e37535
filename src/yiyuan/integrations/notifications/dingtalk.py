r"""A bot of a DingTalk group.

With a secret, the address gets `timestamp` in milliseconds and `sign`, the base64 of
HMAC-SHA256 with the secret over `timestamp\nsecret`. Refusals come as 200 with an
`errcode`. https://open.dingtalk.com/document/robots/customize-robot-security-settings
"""

import base64
import hashlib
import hmac
from urllib.parse import urlencode

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications import contract, group_bot

_AGAIN = (-1, 130101, 410100)
"""The system is busy; sent too fast."""


def _send(config: contract.Config, note: contract.Note, moment: contract.Moment) -> Call:
    url = config["url"]
    if config.get("secret"):
        secret, timestamp = config["secret"], str(moment.wall_ms)
        signed = f"{timestamp}\n{secret}".encode()
        sign = base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()
        url += ("&" if "?" in url else "?") + urlencode({"timestamp": timestamp, "sign": sign})
    return group_bot.post(url, {"msgtype": "text", "text": {"content": note.plain}})


def _read(answer: Answer) -> contract.Outcome:
    return group_bot.read_errcode(answer, "DingTalk", _AGAIN)


SINK = contract.Sink(
    kind="dingtalk",
    title=contract.Words("DingTalk", "钉钉"),
    fields=(
        group_bot.WEBHOOK,
        group_bot.secret_field(contract.Words("Signature secret (SEC…)", "加签密钥（SEC…）")),
    ),
    check=group_bot.check_signed,
    send=_send,
    read=_read,
)
