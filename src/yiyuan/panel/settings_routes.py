"""What the operator sets here, and what the process was told; each says from where."""

from dataclasses import fields
from typing import Any, Literal

import msgspec

from yiyuan.console.site import SITE_SETTINGS, SiteValues, set_site_setting
from yiyuan.kernel.settings import Settings, describe
from yiyuan.panel.route import OPERATOR_READS, OWNER, Access, Nothing, Route
from yiyuan.panel.shapes import Asked, Page, Shown
from yiyuan.panel.visit import Visit
from yiyuan.store.site_settings import site_settings

Value = str | int | bool | None

# What the settings keep out of their own text is kept out of the page, too.
_SECRETS = frozenset(field.name for field in fields(Settings) if not field.repr)
_SET = "(set)"


class Setting(Shown):
    """`value` of a secret says only that it is set; `text` explains it."""

    name: str
    value: Value
    default: Value
    source: Literal["default", "environment", "flag", "console"]
    is_editable: bool
    text: str


class SettingValue(Asked):
    """Null is the default again."""

    value: Value


async def list_settings(visit: Visit, _: Nothing) -> Page[Setting]:
    """Every setting and where its value is from."""
    rows = {row.name for row in await site_settings(visit.desk.database)}
    now, defaults = visit.house.site(), SiteValues()
    own = [
        Setting(
            name=setting.name,
            value=getattr(now, setting.name),
            default=getattr(defaults, setting.name),
            source="console" if setting.name in rows else "default",
            is_editable=True,
            text="",
        )
        for setting in SITE_SETTINGS
    ]
    return Page(items=[*own, *_of_the_process(visit)])


async def put_setting(visit: Visit, asked: SettingValue) -> Setting:
    """Set one, or let it have its default again."""
    name = visit.places["setting"]
    before = getattr(visit.house.site(), name, None)
    values = await set_site_setting(visit.desk, name, asked.value)
    visit.details["before"] = before
    return Setting(
        name=name,
        value=getattr(values, name),
        default=getattr(SiteValues(), name),
        source="default" if asked.value is None else "console",
        is_editable=True,
        text="",
    )


def _of_the_process(visit: Visit) -> list[Setting]:
    settings, found = visit.desk.settings, []
    for doc in describe():
        value: Any = getattr(settings, doc.field)
        if doc.field in _SECRETS:
            value = None if value is None else _SET
        # What only follows from another setting, such as the public URL, was not given.
        is_flag = doc.variable.startswith("--")
        is_given = settings.environment.get(doc.variable) or (
            is_flag and getattr(settings, doc.field) != getattr(Settings(), doc.field)
        )
        found.append(
            Setting(
                name=doc.variable,
                value=_plain(value),
                default=doc.default_in(visit.language),
                source=("flag" if is_flag else "environment") if is_given else "default",
                is_editable=False,
                text=doc.zh if visit.language == "zh" else doc.en,
            )
        )
    return found


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, (str, int, bool)):
        return value
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return msgspec.json.encode(value).decode() if isinstance(value, (list, dict)) else str(value)


ROUTES = (
    Route("GET", "/api/operator/settings", OPERATOR_READS, list_settings, Page[Setting]),
    Route(
        "PUT",
        "/api/operator/settings/{setting}",
        Access("operator", OWNER),
        put_setting,
        Setting,
        SettingValue,
    ),
)
