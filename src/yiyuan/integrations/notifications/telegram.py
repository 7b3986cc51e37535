"""A chat of Telegram, by a bot of its own. https://core.telegram.org/bots/api#sendmessage"""

import json
import re

from yiyuan.integrations.call import Answer, Call
from yiyuan.integrations.notifications import contract, group_bot

BASE_URL = "https://api.telegram.org"
_TOKEN = re.compile(r"\d{5,15}:[A-Za-z0-9_-]{20,80}")


def _check(config: contract.Config) -> None:
    if not _TOKEN.fullmatch(config.get("bot_token", "")):
        raise contract.SinkError(
            "bot_token", "must be the bot's token, such as 123456:ABC…", "必须是机器人的 token"
        )
    contract.check_line(config, "chat_id")
    if config.get("base_url"):
        contract.check_url(config, "base_url")


def _send(config: contract.Config, note: contract.Note, _: contract.Moment) -> Call:
    base = (config.get("base_url") or BASE_URL).rstrip("/")
    document = {"chat_id": config["chat_id"], "text": note.plain, "disable_web_page_preview": True}
    url = f"{base}/bot{config['bot_token']}/sendMessage"
    return group_bot.post(url, document)


def _read(answer: Answer) -> contract.Outcome:
    decided = contract.by_status(answer)
    try:
        document = json.loads(answer.body)
        is_ok, told = document["ok"], str(document.get("description", ""))[:200]
        wait = document.get("parameters", {}).get("retry_after")
    except (ValueError, KeyError, TypeError, AttributeError):
        return decided or contract.Outcome("again", "not an answer of Telegram")
    if is_ok is True and decided is None:
        return contract.Outcome("delivered")
    state = "refused" if decided is None else decided.state
    return contract.Outcome(state, told, wait if isinstance(wait, int) else None)


SINK = contract.Sink(
    kind="telegram",
    title=contract.Words("Telegram", "Telegram"),
    fields=(
        contract.Field(
            name="bot_token",
            title=contract.Words("Token of the bot", "机器人的 token"),
            is_secret=True,
        ),
        contract.Field(
            name="chat_id",
            title=contract.Words("Chat", "会话"),
            help=contract.Words("A number, or @name of a channel.", "数字，或频道的 @名称。"),
        ),
        contract.Field(
            name="base_url",
            title=contract.Words("Address of the Bot API", "Bot API 地址"),
            help=contract.Words(f"Empty: {BASE_URL}", f"留空：{BASE_URL}"),
            is_optional=True,
        ),
    ),
    check=_check,
    send=_send,
    read=_read,
)
