"""What a setting is: how it is given, read and explained. The settings are in `settings.py`."""

from collections.abc import Callable
from typing import Any, NamedTuple


class SettingDoc(NamedTuple):
    """One setting: how it is given, read and explained."""

    field: str
    variable: str
    """The environment variable or, for those that have none, the flag."""
    default: str
    parse: Callable[[str], Any]
    en: str
    zh: str
