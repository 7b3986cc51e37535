"""What `yiyuan doctor` reads in the database: schema, secret key, ledger, catalog.

Reading only, in one view of one moment, of any engine; SQLite's own check of its file
comes on top. The books are verified as `ledger verify` does.
"""

from collections.abc import Callable
from typing import NamedTuple

from yiyuan.auth.encryption import SealError, decrypt
from yiyuan.auth.secret_key import SecretKeyError, SecretKeyOpen, SecretKeys, load_secrets
from yiyuan.i18n.message import Message, several
from yiyuan.kernel.settings import Settings
from yiyuan.ledger.verify import verify
from yiyuan.services.maintenance.doctor.check import Check, skipped
from yiyuan.services.maintenance.doctor.payments import check_payment_methods
from yiyuan.store.backup.dump import meta
from yiyuan.store.backup.tables import SCHEMA_VERSION_KEY
from yiyuan.store.database import Connection
from yiyuan.store.schema import migrations
from yiyuan.store.tables.api_tokens import FINGERPRINT_KEY
from yiyuan.store.tables.catalog import CatalogRows, ChannelRow, catalog_of

Progress = Callable[[int, int], None]

_PROBLEMS_SHOWN = 3


class StoreFacts(NamedTuple):
    """What the database says; without a catalog when it cannot be read."""

    checks: list[Check]
    catalog: CatalogRows | None = None
    secrets: SecretKeys | None = None


def read_facts(
    connection: Connection, settings: Settings, now_ms: int, progress: Progress
) -> StoreFacts:
    """Make the checks; in a thread."""
    schema = check_schema(connection)
    if schema.is_ok is not True:
        return StoreFacts([schema])
    key, secrets = check_secret_key(settings, meta(connection, FINGERPRINT_KEY))
    catalog = catalog_of(connection)
    checks = [
        schema,
        key,
        check_ledger(connection, now_ms, progress),
        check_models(catalog),
        check_channel_keys(settings, catalog, secrets),
        check_payment_methods(connection),
    ]
    return StoreFacts(checks, catalog, secrets)


def check_schema(connection: Connection) -> Check:
    """The database against this release."""
    known, stored = len(migrations()), int(meta(connection, SCHEMA_VERSION_KEY) or 0)
    if stored == known:
        return Check(
            "schema", is_ok=True, detail=Message("{stored}, this release's", stored=stored)
        )
    template = "the database has {stored}, this release knows {known}"
    detail = Message(template, stored=stored, known=known)
    if stored > known:
        return Check("schema", is_ok=False, detail=detail, advice="run a newer release")
    return Check("schema", is_ok=False, detail=detail, advice="yiyuan migrate")


def check_secret_key(settings: Settings, known: str | None) -> tuple[Check, SecretKeys | None]:
    """There is a key, and it is the one that the database was made with."""
    source = "YIYUAN_SECRET_KEY" if settings.secret_key else f"{settings.home}/secret.key"
    try:
        secrets = load_secrets(settings.home, settings.secret_key, may_create=False)
    except SecretKeyError as error:
        template = "put {source} back; without it, no API token or upstream key works"
        advice: str | Message = Message(template, source=source)
        if isinstance(error, SecretKeyOpen):
            advice = error.remedy
        return Check("secret_key", is_ok=False, detail=error.said, advice=advice), None
    found = secrets.fingerprint
    if known not in (None, found):
        template = "{source} has fingerprint {found}, the database's is {wanted}"
        detail = Message(template, source=source, found=found, wanted=known)
        advice = "set YIYUAN_SECRET_KEY, or put back the secret.key of this database"
        return Check("secret_key", is_ok=False, detail=detail, advice=advice), None
    detail = Message("{source}, fingerprint {fingerprint}", source=source, fingerprint=found)
    return Check("secret_key", is_ok=True, detail=detail), secrets


def check_ledger(connection: Connection, now_ms: int, progress: Progress) -> Check:
    """The books."""
    verdict = verify.verify(connection, now_ms=now_ms, progress=progress)
    counts = {"accounts": verdict["accounts"], "entries": verdict["entries"]}
    if verdict["ok"]:
        detail = Message("{accounts:,} accounts, {entries:,} entries", **counts)
        return Check("ledger", is_ok=True, detail=detail)
    problems = verdict["problems"]
    detail = Message(
        "{accounts:,} accounts, {entries:,} entries, {count} problems: {problems}",
        **counts,
        count=len(problems),
        problems="; ".join(problems[:_PROBLEMS_SHOWN]),
    )
    only_open_holds = all(problem.startswith("V7") for problem in problems)
    advice = (
        "start the server: it ends the requests that were left open"
        if only_open_holds
        else "yiyuan ledger verify --full, and read the runbook before you change anything"
    )
    return Check("ledger", is_ok=False, detail=detail, advice=advice)


def check_models(catalog: CatalogRows) -> Check:
    """Each model on offer has a channel that delivers it."""
    enabled = {channel.id for channel in catalog.channels if channel.enabled}
    served = {row.model for row in catalog.channel_models if row.channel_id in enabled}
    offered = [model.name for model in catalog.models if model.enabled]
    if not offered:
        advice = "describe channels and models in a file: yiyuan apply FILE.toml"
        return Check("models", is_ok=True, detail="there are none yet", advice=advice)
    missing = [name for name in offered if name not in served]
    if missing:
        detail = Message("without an enabled channel: {names}", names=", ".join(missing))
        advice = "add them to a channel's models, or remove them with yiyuan apply --prune"
        return Check("models", is_ok=False, detail=detail, advice=advice)
    detail = Message("{count}, each with a channel", count=len(offered))
    return Check("models", is_ok=True, detail=detail)


def check_channel_keys(
    settings: Settings, catalog: CatalogRows, secrets: SecretKeys | None
) -> Check:
    """The stored upstream keys open, and say what their variables say."""
    if secrets is None:
        return skipped("upstream_keys", "the secret key is missing")
    faults: list[Message] = []
    notes: list[Message] = []
    for channel in (row for row in catalog.channels if row.enabled):
        for key in (row for row in catalog.keys if row.channel_id == channel.id):
            try:
                stored = decrypt(secrets.seal_key, key.sealed, channel.id)
            except SealError as error:
                faults.append(
                    Message("{channel}: {reason}", channel=channel.name, reason=str(error))
                )
                continue
            notes += _variable_notes(settings, channel, key.source, stored)
    if faults:
        advice = "apply the catalog again, with the keys"
        return Check("upstream_keys", is_ok=False, detail=several(faults), advice=advice)
    if notes:
        advice = "yiyuan apply reads keys from the environment it runs in"
        return Check("upstream_keys", is_ok=True, detail=several(notes), advice=advice)
    return Check("upstream_keys", is_ok=True, detail="all stored keys can be decrypted")


def _variable_notes(
    settings: Settings, channel: ChannelRow, source: str | None, stored: str
) -> list[Message]:
    """Where a key came from a variable: whether that says the same here and now."""
    if source is None:
        return []
    here = settings.variable(source)
    template = "{channel}: {name} is another key than the stored"
    if here is None:
        template = "{channel}: {name} is not set here, the stored key is used"
    return [] if here == stored else [Message(template, channel=channel.name, name=source)]
