"""A customer's or operator's own server, signed as Standard Webhooks has it.

`webhook-signature` holds `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, one
for each secret that is live, so that a secret can be replaced without a gap.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import json

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications import contract

SECRET_PREFIX = "whsec_"  # noqa: S105 - a prefix
"""Behind it: base64 of 24 to 64 bytes."""


def signature(secret: str, note_id: str, timestamp: int, body: bytes) -> str:
    """One entry of `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{note_id}.{timestamp}.".encode() + body
    digest = hmac.digest(key, signed, hashlib.sha256)
    return "v1," + base64.b64encode(digest).decode()


def _check(config: contract.Config) -> None:
    contract.check_url(config)
    for name in ("secret", "old_secret"):
        if name == "old_secret" and not config.get(name):
            continue
        try:
            size = len(base64.b64decode(config[name].removeprefix(SECRET_PREFIX), validate=True))
        except (KeyError, binascii.Error, ValueError):
            size = 0
        if not config.get(name, "").startswith(SECRET_PREFIX) or not 24 <= size <= 64:
            raise contract.SinkError(
                name,
                "must be whsec_ and the base64 of 24 to 64 bytes",
                "必须是 whsec_ 加上 24 到 64 字节的 base64",
            )


def _send(config: contract.Config, note: contract.Note, moment: contract.Moment) -> Call:
    timestamp = moment.wall_ms // 1000
    document = {"type": note.event, "timestamp": note.data["at"], "data": dict(note.data)}
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    secrets = filter(None, (config["secret"], config.get("old_secret")))
    signatures = " ".join(signature(secret, note.id, timestamp, body) for secret in secrets)
    headers = (
        ("content-type", "application/json"),
        ("webhook-id", note.id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signatures),
    )
    return Call("POST", config["url"], headers, body)


def _read(answer: Answer) -> contract.Outcome:
    decided = contract.by_status(answer)
    if decided is None:
        return contract.Outcome("delivered")
    # 410 is the receiver's "never again"; any other refusal may be a server in repair.
    return (
        decided
        if answer.status == 410
        else contract.Outcome("again", decided.reason, decided.wait_seconds)
    )


SINK = contract.Sink(
    kind="webhook",
    title=contract.Words("Webhook", "Webhook"),
    fields=(
        contract.Field(name="url", title=contract.Words("Address", "地址")),
        contract.Field(
            name="secret",
            title=contract.Words("Signing secret", "签名密钥"),
            help=contract.Words(
                "Made here when left empty, and shown once.", "留空则自动生成，只显示一次。"
            ),
            is_secret=True,
        ),
        contract.Field(
            name="old_secret",
            title=contract.Words("The secret before it", "上一个签名密钥"),
            help=contract.Words(
                "Signed with as well, until you remove it.", "在移除之前同时用它签名。"
            ),
            is_secret=True,
            is_optional=True,
        ),
    ),
    check=_check,
    send=_send,
    read=_read,
)
