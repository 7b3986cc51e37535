"""What the operator sets in the console: the shop's name, its notice, who may sign up.

Each has a default and a kind; what is set lies in the database as JSON. Everything is
plain text, a number or a choice: nothing is ever rendered as HTML. Some defaults come
from the environment, so each setting can say where its value is from.
"""

import base64
import json
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, NamedTuple

from yiyuan.auth.encryption import decrypt, encrypt
from yiyuan.i18n.message import Message, WrongValue
from yiyuan.kernel.money import MICROS_MAX
from yiyuan.services.shared.context import ServiceContext
from yiyuan.services.shared.errors import ServiceError
from yiyuan.services.shared.request import invalid
from yiyuan.services.site import checks
from yiyuan.services.site import topup_rules as rules
from yiyuan.services.site.checks import Check
from yiyuan.store.tables.catalog import new_version
from yiyuan.store.tables.people.identities import login_providers
from yiyuan.store.tables.site_settings import (
    SiteSettingRow,
    clear_site_setting,
    put_site_setting,
    site_settings,
)

Json = dict[str, Any]
SignUp = Literal["open", "closed", "invite"]
Security = Literal["tls", "starttls", "none"]
IS_SET: Final = "(set)"
"""What is shown of a secret."""
_TEXT_CHARACTERS_MAX = 200
_NOTICE_CHARACTERS_MAX = 2_000


@dataclass(slots=True, frozen=True)
class SiteSettings:
    """Every setting as it is now; `sign_up_grant` in micros."""

    site_name: str = "一元"
    contact: str = ""
    icp: str = ""
    brand_color: str = ""
    """Such as `#0b7285`; empty is the product's own."""
    brand_logo: str = field(default="", repr=False)
    """A picture as a data URI, in place of the name at the top left."""
    brand_icon: str = field(default="", repr=False)
    notice: str = ""
    sign_up: str = "closed"
    sign_up_grant: int = 0
    topup_link: str = ""
    """Where customers pay, outside; empty is the console's own top-up page."""
    nextchat_url: str = ""
    status_page: str = "anybody"
    """Who sees `/status`: `anybody`, `customers` who are signed in, or nobody: `off`."""
    low_balance: int = 1_000_000
    """Below this, in micros, the console reminds a customer, unless they chose their own."""
    low_channel_balance: int = 10_000_000
    """Below this, in millionths of the vendor's currency, operators are told."""
    support_may_spend: bool = False
    """Whether support may make tokens for customers, invite to accounts and promise tiers."""
    shortfall_amount: int = 1_000
    """What a request may cost above its hold without being an event, in micros."""
    shortfall_percent: int = 1
    """The same in percent of its charge; the greater of both counts."""
    shortfall_limit: int = 3
    """Such events within an hour after which an account is stopped at a model; 0 is never."""
    topup_currencies: str = rules.DEFAULT_CURRENCIES
    """元 per major unit of each currency, as JSON."""
    topup_presets: str = rules.DEFAULT_PRESETS
    """Amounts to pick from, in micros, as JSON."""
    topup_min: int = rules.DEFAULT_MIN
    topup_max: int = rules.DEFAULT_MAX
    topup_daily_max: int = 0
    """Of one account in 24 hours, in micros; 0 is no limit."""
    topup_minutes: int = 30
    """How long an order waits for its payment; a provider may ask for longer."""
    topup_bonus: str = "[]"
    """Steps such as `[{"min": 100000000, "percent": "5"}]`."""
    dispute_suspends: bool = True
    seller_name: str = ""
    """Who has sold, on receipts."""
    seller_tax_number: str = ""
    smtp_host: str = ""
    smtp_port: int = 0
    """0 is the usual port of `smtp_security`."""
    smtp_security: Security = "starttls"
    """`none` is for a server on this machine only."""
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_from: str = ""
    smtp_reply_to: str = ""
    sign_up_domains: str = ""
    """Whose mailboxes may sign up, with spaces between them; empty is all."""
    blocked_domains: str = ""
    mails_per_mailbox: int = 3
    """That strangers may have sent to one mailbox within an hour."""
    mails_per_client: int = 10
    """From one IPv4 address, or one /64 of IPv6, within an hour."""
    mails_per_hour: int = 200
    sign_ups_per_block: int = 5
    """From one /24 of IPv4, or one /64 of IPv6, within a day."""
    gifts_per_block: int = 3
    gifts_per_day: int = 200
    operators_sign_in: str = "any"
    """`any`, `second_factor`, or `provider`: by a sign-in service only."""
    accounts_per_person: int = 3
    """How many accounts somebody may own by opening them; the first comes with the sign-up."""
    terms_link: str = ""
    """What people agree to when they sign up; empty asks for nothing."""
    terms_version: str = ""

    @property
    def has_mail(self) -> bool:
        """Whether mail can be sent at all."""
        return bool(self.smtp_host and self.smtp_from)


class SiteSetting(NamedTuple):
    """One setting: its name, and how its value is checked."""

    name: str
    check: Check
    """Returns the value to keep; raises WrongValue with what is wrong."""
    is_secret: bool = False
    """Encrypted where it is kept, and never shown."""


_often = checks.number(0, 1_000_000)

SITE_SETTINGS: Final = (
    SiteSetting("site_name", checks.text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("contact", checks.text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("icp", checks.text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("brand_color", checks.color),
    SiteSetting("brand_logo", checks.picture),
    SiteSetting("brand_icon", checks.picture),
    SiteSetting("notice", checks.text(_NOTICE_CHARACTERS_MAX)),
    SiteSetting("sign_up", checks.choice("open", "closed", "invite")),
    SiteSetting("sign_up_grant", checks.amount),
    SiteSetting("topup_link", checks.link),
    SiteSetting("nextchat_url", checks.link),
    SiteSetting("status_page", checks.choice("anybody", "customers", "off")),
    SiteSetting("low_balance", checks.amount),
    SiteSetting("low_channel_balance", checks.amount),
    SiteSetting("support_may_spend", checks.yes_or_no),
    SiteSetting("shortfall_amount", checks.amount),
    SiteSetting("shortfall_percent", checks.number(0, 100)),
    SiteSetting("shortfall_limit", _often),
    SiteSetting("topup_currencies", rules.checked(rules.read_currencies)),
    SiteSetting("topup_presets", rules.checked(rules.read_presets)),
    SiteSetting("topup_min", checks.number(1, MICROS_MAX)),
    SiteSetting("topup_max", checks.number(1, MICROS_MAX)),
    SiteSetting("topup_daily_max", checks.amount),
    SiteSetting("topup_minutes", checks.number(5, 120)),
    SiteSetting("topup_bonus", rules.checked(rules.read_bonus)),
    SiteSetting("dispute_suspends", checks.yes_or_no),
    SiteSetting("seller_name", checks.text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("seller_tax_number", checks.text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("smtp_host", checks.host),
    SiteSetting("smtp_port", checks.number(0, 65_535)),
    SiteSetting("smtp_security", checks.choice("tls", "starttls", "none")),
    SiteSetting("smtp_user", checks.text(_TEXT_CHARACTERS_MAX)),
    SiteSetting("smtp_password", checks.text(_TEXT_CHARACTERS_MAX), is_secret=True),
    SiteSetting("smtp_from", checks.sender),
    SiteSetting("smtp_reply_to", checks.mailbox),
    SiteSetting("sign_up_domains", checks.domains),
    SiteSetting("blocked_domains", checks.domains),
    SiteSetting("mails_per_mailbox", _often),
    SiteSetting("mails_per_client", _often),
    SiteSetting("mails_per_hour", _often),
    SiteSetting("sign_ups_per_block", _often),
    SiteSetting("gifts_per_block", _often),
    SiteSetting("gifts_per_day", _often),
    SiteSetting("operators_sign_in", checks.choice("any", "second_factor", "provider")),
    SiteSetting("accounts_per_person", checks.number(0, 1_000)),
    SiteSetting("terms_link", checks.link),
    SiteSetting("terms_version", checks.text(_TEXT_CHARACTERS_MAX)),
)


async def read_site(context: ServiceContext) -> SiteSettings:
    """Every setting; what is in the database and unknown here is left alone."""
    known = {setting.name: setting for setting in SITE_SETTINGS}
    values = {}
    for row in await site_settings(context.database):
        setting = known.get(row.name)
        if setting is not None:
            values[row.name] = _opened(context, setting, json.loads(row.value))
    found = SiteSettings(**values)
    # A database of an older release, or mail that was taken away by other means.
    return found if found.has_mail or found.sign_up != "open" else replace(found, sign_up="closed")


async def names_set(context: ServiceContext) -> frozenset[str]:
    """The names of settings that differ from their defaults."""
    return frozenset(row.name for row in await site_settings(context.database))


async def set_site_setting(context: ServiceContext, name: str, value: object) -> SiteSettings:
    """Set one, or with None let it have its default again; all settings then.

    Raises ServiceError `not_found`, `invalid_argument`, `mail_not_set`.
    """
    setting = get_setting(name)
    if value is None:
        kept = getattr(SiteSettings(), name)
        statement = clear_site_setting(name)
    else:
        try:
            kept = setting.check(value)
        except WrongValue as error:
            raise invalid(name, error.said) from None
        stored = json.dumps(_sealed(context, kept, name) if setting.is_secret else kept)
        row = SiteSettingRow(name, stored, context.actor, context.clock.wall_ms())
        statement = put_site_setting(row)
    await _check_together(context, name, kept)
    await context.database.write([statement, new_version()])
    await context.reload()
    return await read_site(context)


def get_setting(name: str) -> SiteSetting:
    """A setting by its name. Raises ServiceError `not_found`."""
    setting = next((found for found in SITE_SETTINGS if found.name == name), None)
    if setting is None:
        raise ServiceError("not_found", Message('there is no setting "{name}"', name=name))
    return setting


def shown_value(site: SiteSettings, setting: SiteSetting) -> Any:
    """A value as it may be seen: of a secret, only whether it is set."""
    value = getattr(site, setting.name)
    if setting.is_secret:
        return IS_SET if value else ""
    return value


async def _check_together(context: ServiceContext, name: str, value: Any) -> None:
    """Open sign-up takes mail, and operators' sign-in by a service takes one."""
    if name == "operators_sign_in" and value == "provider":
        services = await login_providers(context.database)
        if all(row.disabled_at is not None for row in services):
            message = "there is no sign-in service by which operators could come in: add one first"
            raise ServiceError("invalid_argument", message)
    if name not in {"sign_up", "smtp_host", "smtp_from"}:
        return
    site = await read_site(context)
    host = value if name == "smtp_host" else site.smtp_host
    sender = value if name == "smtp_from" else site.smtp_from
    sign_up = value if name == "sign_up" else site.sign_up
    if sign_up == "open" and not (host and sender):
        message = (
            "sign_up can be open only where mail can be sent, since people prove their mailbox:"
            " set smtp_host and smtp_from first"
        )
        raise ServiceError("mail_not_set", message)


def _sealed(context: ServiceContext, text: str, name: str) -> str:
    return base64.b64encode(encrypt(context.secrets.seal_key, text, f"setting {name}")).decode()


def _opened(context: ServiceContext, setting: SiteSetting, kept: Any) -> Any:
    if not setting.is_secret:
        return kept
    return decrypt(context.secrets.seal_key, base64.b64decode(kept), f"setting {setting.name}")
