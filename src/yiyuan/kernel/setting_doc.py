"""What a setting is: how it is given, read and explained. The settings are in `settings.py`."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from yiyuan.i18n.message import Message, SaidError

_IN_CHINESE: Final = MappingProxyType(
    {
        "SQLite in the home": "数据目录中的 SQLite",
        "`secret.key` in the home": "数据目录中的 `secret.key`",
        "those of the two addresses, and loopback": "以上两个地址的主机名，以及本机回环",
        "the public URL": "同公开地址",
        "none": "无",
        "none: loopback only": "无：仅限本机",
        "off": "关闭",
    }
)


class SettingsError(SaidError):
    """A setting is wrong: `variable` (or flag) is which one, `reason` why."""

    said: Message

    def __init__(self, variable: str, reason: str | Message) -> None:
        """Neither part may hold a secret."""
        super().__init__(Message("{variable}: {reason}", variable=variable, reason=reason))
        self.variable = variable
        self.reason = reason


class SettingDoc(NamedTuple):
    """One setting: how it is given, read and explained."""

    field: str
    variable: str
    """The environment variable or, for those that have none, the flag."""
    default: str
    parse: Callable[[str], Any]
    en: str
    zh: str

    def default_in(self, language: str) -> str:
        """The default; what is a value and no sentence is the same in any language."""
        return _IN_CHINESE.get(self.default, self.default) if language == "zh" else self.default
