"""What the operator sets in the console: the shop's name, its notice, who may sign up.

Each has a default and a kind; what is set lies in the database as JSON. Everything is
plain text, a number or a choice: nothing is ever rendered as HTML. Some defaults come
from the environment, so each setting can say where its value is from.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlsplit

from yiyuan.console.desk import Desk
from yiyuan.console.refusal import CommandError
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.store.site_settings import (
    SiteSettingRow,
    clear_site_setting,
    put_site_setting,
    site_settings,
)

SignUp = Literal["open", "closed", "invite"]
_TEXT_CHARACTERS_MAX = 200
_NOTICE_CHARACTERS_MAX = 2_000
_URL_CHARACTERS_MAX = 500


@dataclass(slots=True, frozen=True)
class SiteValues:
    """Every setting as it is now; `sign_up_grant` in micros."""

    site_name: str = "一元"
    contact: str = ""
    icp: str = ""
    notice: str = ""
    sign_up: str = "closed"
    sign_up_grant: int = 0
    topup_link: str = ""
    """Where customers pay, outside; empty is the console's own top-up page."""
    nextchat_url: str = ""
    low_balance: int = 1_000_000
    """Below this, in micros, the console reminds a customer, unless they chose their own."""


class SiteSetting(NamedTuple):
    """One setting: its name, and how its value is checked."""

    name: str
    check: Callable[[Any], Any]
    """Returns the value to keep; raises ValueError with what is wrong."""


def _text(most: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most:
            message = f"must be a text of at most {most} characters"
            raise ValueError(message)
        if any(not c.isprintable() and c != "\n" for c in value):
            message = "must be plain text"
            raise ValueError(message)
        return value.strip()

    return check


def _choice(*choices: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in choices:
            message = f"must be one of {', '.join(choices)}"
            raise ValueError(message)
        return str(value)

    return check


def _amount(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MICROS_MAX:
        message = f"must be a whole number from 0 to {MICROS_MAX}"
        raise ValueError(message)
    return value


def _link(value: Any) -> str:
    text = _text(_URL_CHARACTERS_MAX)(value)
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc):
        message = "must be an address that begins with https:// or http://"
        raise ValueError(message)
    return text


SITE_SETTINGS: Final = (
    SiteSetting("site_name", _text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("contact", _text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("icp", _text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("notice", _text(_NOTICE_CHARACTERS_MAX)),
    SiteSetting("sign_up", _choice("open", "closed", "invite")),
    SiteSetting("sign_up_grant", _amount),
    SiteSetting("topup_link", _link),
    SiteSetting("nextchat_url", _link),
    SiteSetting("low_balance", _amount),
)


async def read_site(desk: Desk) -> SiteValues:
    """Every setting; what is in the database and unknown here is left alone."""
    known = {setting.name for setting in SITE_SETTINGS}
    rows = await site_settings(desk.database)
    return SiteValues(**{row.name: json.loads(row.value) for row in rows if row.name in known})


async def set_site_setting(desk: Desk, name: str, value: object) -> SiteValues:
    """Set one, or with None let it have its default again; all settings then.

    Raises CommandError `not_found`, `invalid_argument`.
    """
    setting = next((found for found in SITE_SETTINGS if found.name == name), None)
    if setting is None:
        raise CommandError("not_found", f'there is no setting "{name}"')
    if value is None:
        await desk.database.write([clear_site_setting(name)])
    else:
        try:
            kept = setting.check(value)
        except ValueError as error:
            raise CommandError("invalid_argument", f"{name} {error}") from None
        row = SiteSettingRow(name, json.dumps(kept), desk.actor, desk.clock.wall_ms())
        await desk.database.write([put_site_setting(row)])
    await desk.reload()
    return await read_site(desk)
