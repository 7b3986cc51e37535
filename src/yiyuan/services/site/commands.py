"""The site's settings by command: what the console's settings page shows and sets."""

from typing import Any

from yiyuan.i18n.message import WrongValue
from yiyuan.kernel.clock import iso
from yiyuan.services.shared.command import command
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.request import Nothing, Request, invalid
from yiyuan.services.site import checks
from yiyuan.services.site.settings import (
    SITE_SETTINGS,
    SiteSetting,
    SiteSettings,
    get_setting,
    read_site,
    set_site_setting,
    shown_value,
)
from yiyuan.store.tables.site_settings import site_settings

Json = dict[str, Any]


class OneSetting(Request):
    """A setting by its name."""

    name: str


class SetSetting(OneSetting):
    """A value as a text, or a secret; without either it has its default again."""

    value: str | None = None
    secret: str | None = None


@command("settings.list", reads=True)
async def list_command(context: ServiceContext, request: Nothing) -> Json:  # noqa: ARG001 - nothing
    """Every setting of the site, and since when it differs from its default."""
    return {"settings": [await _document(context, setting) for setting in SITE_SETTINGS]}


@command("settings.get", reads=True)
async def get_command(context: ServiceContext, request: OneSetting) -> Json:
    """One setting."""
    return await _document(context, get_setting(request.name))


@command("settings.set")
async def set_command(context: ServiceContext, request: SetSetting) -> Json:
    """Set one from a text; without one it has its default again."""
    name, setting, value = request.name, get_setting(request.name), None
    if setting.is_secret and request.value is not None:
        # Arguments can be seen by everybody on the machine, and stay in the shell's history.
        raise invalid(name, "is read with --secret-stdin only")
    given = request.value if request.secret is None else request.secret
    if given is not None:
        try:
            value = checks.from_text(getattr(SiteSettings(), name), given)
        except WrongValue as error:
            raise invalid(name, error.said) from None
    await set_site_setting(context, name, value)
    return await _document(context, setting)


async def _document(context: ServiceContext, setting: SiteSetting) -> Json:
    rows = {row.name: row for row in await site_settings(context.database)}
    row = rows.get(setting.name)
    return {
        "name": setting.name,
        "value": shown_value(await read_site(context), setting),
        "default": getattr(SiteSettings(), setting.name),
        "changed": None if row is None else iso(row.changed_at),
    }
