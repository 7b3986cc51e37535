"""What a backup holds: every table with its columns, in the order of restoring.

A table that others refer to comes before them. Rows are ordered by key, so that two
backups of the same rows are the same. A migration that adds a table or a column adds
it here too; a test compares this list with the schema.
"""

from typing import Final, NamedTuple

from yiyuan.store.api_tokens import ApiTokenRow
from yiyuan.store.audit_log import AuditLogRow
from yiyuan.store.catalog_rows import (
    ChannelKeyRow,
    ChannelModelRow,
    ChannelRow,
    ModelRow,
    PriceChangeRow,
    PriceRow,
    TierRow,
)
from yiyuan.store.management_keys import ManagementKeyRow
from yiyuan.store.people import MemberRow, RecoveryCodeRow, UserRow
from yiyuan.store.redeem_codes import BatchRow, CodeRow
from yiyuan.store.rows import (
    AccountRow,
    AttemptRow,
    BudgetRow,
    EntryRow,
    EpochRow,
    HoldRow,
    UsageDayRow,
    UsageRow,
)
from yiyuan.store.sessions import LinkRow, SessionRow
from yiyuan.store.site_settings import ProfileRow, SiteSettingRow

SCHEMA_VERSION_KEY: Final = "schema_version"
"""The row of `meta` that migrations write, and therefore a restore does not."""


class BackupTable(NamedTuple):
    """One table: its name, all its columns, and what orders its rows."""

    name: str
    columns: tuple[str, ...]
    order: str


TABLES: Final = (
    BackupTable("meta", ("key", "value"), "key"),
    BackupTable("epochs", EpochRow._fields, "epoch"),
    BackupTable("accounts", AccountRow._fields, "id"),
    BackupTable("prices", PriceRow._fields, "id"),
    BackupTable("models", ModelRow._fields, "name"),
    BackupTable("price_changes", PriceChangeRow._fields, "model, effective_at"),
    BackupTable("tiers", TierRow._fields, "min_balance"),
    BackupTable("channels", ChannelRow._fields, "id"),
    BackupTable("channel_keys", ChannelKeyRow._fields, "id"),
    BackupTable("channel_models", ChannelModelRow._fields, "channel_id, model"),
    BackupTable("api_tokens", ApiTokenRow._fields, "id"),
    BackupTable("budgets", BudgetRow._fields, "id"),
    BackupTable("holds", HoldRow._fields, "request_id"),
    BackupTable("entries", EntryRow._fields, "account_id, seq"),
    BackupTable("usage", UsageRow._fields, "request_id"),
    BackupTable("attempts", AttemptRow._fields, "request_id, n"),
    BackupTable("users", UserRow._fields, "id"),
    BackupTable("recovery_codes", RecoveryCodeRow._fields, "hash"),
    BackupTable("members", MemberRow._fields, "account_id, user_id"),
    BackupTable("sessions", SessionRow._fields, "id"),
    BackupTable("one_time_links", LinkRow._fields, "hash"),
    BackupTable("management_keys", ManagementKeyRow._fields, "id"),
    BackupTable("code_batches", BatchRow._fields, "id"),
    BackupTable("redeem_codes", CodeRow._fields, "hash"),
    BackupTable("site_settings", SiteSettingRow._fields, "name"),
    BackupTable("account_profiles", ProfileRow._fields, "account_id"),
    BackupTable("audit_log", AuditLogRow._fields, "seq"),
    BackupTable("usage_days", UsageDayRow._fields, ", ".join(UsageDayRow._fields[:7])),
)

NOT_IN_A_BACKUP: Final[frozenset[str]] = frozenset({"checkpoints", "turns"})
"""Tables of ours that a restored database fills anew by itself."""
