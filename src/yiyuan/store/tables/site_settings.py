"""What operators set in the console, and what they remember of an account."""

from typing import Final, NamedTuple

from yiyuan.store.database import Database, Statement
from yiyuan.store.sql import Table, columns, upsert


class SiteSettingRow(NamedTuple):
    """One setting that differs from its default; `value` is JSON."""

    name: str
    value: str
    changed_by: str
    changed_at: int


class ProfileRow(NamedTuple):
    """An account's notes, the balance that its tier is to be taken for at least, its groups.

    `allowed_groups` is a JSON list of those that its tokens may have; None: no list.
    """

    account_id: str
    notes: str = ""
    tier_min_balance: int | None = None
    is_test: int = 0
    """Whether orders of a test instance may credit it."""
    default_group: str | None = None
    allowed_groups: str | None = None
    low_balance: int | None = None
    """Below which balance the account wants to be told; None is a tenth of its last top-up."""


async def site_settings(database: Database) -> list[SiteSettingRow]:
    """Every setting that was set."""
    sql = f"SELECT {columns(SiteSettingRow)} FROM site_settings"  # noqa: S608 - field names
    return [SiteSettingRow(*row) for row in await database.read(sql)]


def put_site_setting(row: SiteSettingRow) -> Statement:
    """Set one."""
    return upsert("site_settings", row, ("name",))


def clear_site_setting(name: str) -> Statement:
    """Let one have its default again."""
    return ("DELETE FROM site_settings WHERE name = ?", (name,))


async def find_profile(database: Database, account_id: str) -> ProfileRow:
    """An account's profile; empty when nobody wrote one."""
    sql = f"SELECT {columns(ProfileRow)} FROM account_profiles WHERE account_id = ?"  # noqa: S608
    rows = await database.read(sql, (account_id,))
    return ProfileRow(*rows[0]) if rows else ProfileRow(account_id)


async def promised_balance(database: Database, account_id: str) -> int:
    """The balance, in micros, that an account's tier is to be taken for at least."""
    return (await find_profile(database, account_id)).tier_min_balance or 0


def put_profile(row: ProfileRow) -> Statement:
    """Replace an account's profile."""
    return upsert("account_profiles", row, ("account_id",))


TABLES: Final = (
    Table("site_settings", SiteSettingRow, "name"),
    Table("account_profiles", ProfileRow, "account_id", after=("accounts",)),
)
