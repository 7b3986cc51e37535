"""What the bots of groups have in common: an address, JSON, refusals that come as 200."""

import json
from collections.abc import Container, Mapping
from typing import Any, Final

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications.contract import (
    Config,
    Field,
    Outcome,
    Words,
    by_status,
    check_line,
    check_url,
)

_REASON_CHARACTERS_MAX: Final = 200

WEBHOOK: Final = Field(
    name="url",
    title=Words("Webhook of the bot", "机器人的 Webhook 地址"),
    is_secret=True,
)


def secret_field(title: Words) -> Field:
    """The secret that a bot may want its calls signed with."""
    return Field(name="secret", title=title, is_secret=True, is_optional=True)


def check_signed(config: Config) -> None:
    """An address, and perhaps a secret. Raises SinkError."""
    check_url(config)
    check_line(config, "secret", is_optional=True)


def post(url: str, document: Mapping[str, Any]) -> Call:
    """A call with a JSON document."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Call("POST", url, (("content-type", "application/json"),), body)


def outcome_of(code: object, reason: object, again: Container[object]) -> Outcome:
    """What a code of the bot's own means: 0 is delivered, one of `again` may work later."""
    if code == 0:
        return Outcome("delivered")
    told = f"{code} {str(reason)[:_REASON_CHARACTERS_MAX]}".strip()
    return Outcome("again" if code in again else "refused", told)


def read_errcode(answer: Answer, whose: str, again: Container[object]) -> Outcome:
    """The outcome of an answer with `errcode` and `errmsg`; `whose` it is, for people."""
    decided = by_status(answer)
    if decided is not None:
        return decided
    try:
        document = json.loads(answer.body)
        code, reason = document["errcode"], document.get("errmsg", "")
    except (ValueError, KeyError, TypeError):
        return Outcome("again", f"not an answer of {whose}")
    return outcome_of(code, reason, again)
