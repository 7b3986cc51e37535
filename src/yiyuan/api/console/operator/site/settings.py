"""What the operator sets here, and what the process was told; each says from where."""

from dataclasses import fields
from typing import Any, Final, Literal

import msgspec

from yiyuan.api.console.request import ConsoleRequest
from yiyuan.api.console.route import OPERATOR_READS, OWNER, Access, Empty, Route
from yiyuan.api.console.schemas import Page, RequestBody, ResponseBody
from yiyuan.kernel.settings import Settings, describe
from yiyuan.services.people.sign_in.enforcement import waits_for
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.site import checks
from yiyuan.services.site.settings import (
    SITE_SETTINGS,
    SiteSettings,
    get_setting,
    names_set,
    set_site_setting,
    shown_value,
)

GROUP: Final = "settings"
"""What its routes are called in the audit log and in the OpenAPI document."""

Value = str | int | bool | None

# What the settings keep out of their own text is kept out of the page, too.
_SECRETS = frozenset(field.name for field in fields(Settings) if not field.repr)
_SET = "(set)"


class Setting(ResponseBody):
    """`value` of a secret says only that it is set; `text` explains it."""

    name: str
    value: Value
    default: Value
    source: Literal["default", "environment", "flag", "console"]
    is_editable: bool
    is_secret: bool
    text: str


class SettingValue(RequestBody):
    """Null is the default again."""

    value: Value


async def list_settings(visit: ConsoleRequest, _: Empty) -> Page[Setting]:
    """Every setting and where its value is from."""
    given = await names_set(visit.context)
    now, defaults = visit.house.site(), SiteSettings()
    own = [
        Setting(
            name=setting.name,
            value=shown_value(now, setting),
            default=getattr(defaults, setting.name),
            source="console" if setting.name in given else "default",
            is_editable=True,
            is_secret=setting.is_secret,
            text="",
        )
        for setting in SITE_SETTINGS
    ]
    return Page(items=[*own, *_of_the_process(visit)])


async def put_setting(visit: ConsoleRequest, asked: SettingValue) -> Setting:
    """Set one, or let it have its default again."""
    setting = get_setting(visit.places["setting"])
    before = shown_value(visit.house.site(), setting)
    _check_own_way_in(visit, setting.name, asked.value)
    if setting.check is checks.picture:  # thousands of characters that nobody reads
        visit.secrets.add("value")
        before = _SET if before else ""
    values = await set_site_setting(visit.context, setting.name, asked.value)
    if setting.is_secret:
        visit.secrets.add("value")
    visit.details["before"] = before
    return Setting(
        name=setting.name,
        value=shown_value(values, setting),
        default=getattr(SiteSettings(), setting.name),
        source="default" if asked.value is None else "console",
        is_editable=True,
        is_secret=setting.is_secret,
        text="",
    )


def _check_own_way_in(visit: ConsoleRequest, name: str, value: Value) -> None:
    """Nobody shuts themselves out by a click; the machine may do it for them."""
    session, user = visit.visitor.session, visit.visitor.user
    if name != "operators_sign_in" or session is None or user is None:
        return
    has_second = bool(session.second_factor)
    lack = waits_for(str(value), user.operator_role, session.method, has_second_factor=has_second)
    if lack is not None:
        raise ServiceError("not_allowed", "this would shut you out: sign in that way first")


def _of_the_process(visit: ConsoleRequest) -> list[Setting]:
    settings, found = visit.context.settings, []
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
                is_secret=False,
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
