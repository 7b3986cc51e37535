"""`yiyuan doctor`: is everything as it should be, and what to do where it is not.

It looks from outside, in a process of its own, with or without a server: nothing is
locked, created or changed, and no check keeps another one from being made.
"""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from yiyuan.http.client.client import Client
from yiyuan.http.client.errors import UpstreamFailure
from yiyuan.i18n.message import Message
from yiyuan.kernel.clock import Clock, SystemClock
from yiyuan.kernel.setting_doc import SettingsError
from yiyuan.kernel.settings import Settings
from yiyuan.services.channels.local_servers import find_local_servers
from yiyuan.services.maintenance.doctor import machine, network
from yiyuan.services.maintenance.doctor.check import Check, skipped
from yiyuan.services.maintenance.doctor.store import StoreFacts, read_facts
from yiyuan.services.shared.command import teller
from yiyuan.store.errors import REFUSED
from yiyuan.store.sqlite.database import DATABASE_FILE
from yiyuan.store.sqlite.inspect import integrity_faults, look, newest_time_ms

Json = dict[str, Any]
Progress = Callable[[Json], None]


class Asked(NamedTuple):
    """What the command line knows and this room does not."""

    is_offline: bool
    files_needed: int
    server: Check
    """Whether a server runs in the home."""
    paused: Sequence[Check] = ()
    """Channels to which that server sends nothing after errors."""


class Examination(NamedTuple):
    """What was found."""

    checks: list[Check]
    local_servers: list[Json]
    """Model servers on this machine that no channel uses yet."""

    @property
    def is_ok(self) -> bool:
        """Whether there is nothing to be fixed."""
        return all(check.is_ok is not False for check in self.checks)

    def document(self) -> Json:
        """`{"ok", "checks": [{"name", "ok", "detail", "advice"}], "local_servers"}`."""
        checks = [check.document() for check in self.checks]
        return {"ok": self.is_ok, "checks": checks, "local_servers": self.local_servers}


async def examine(
    settings: Settings,
    faults: Sequence[SettingsError],
    asked: Asked,
    progress: Progress,
    clock: Clock | None = None,
) -> Examination:
    """All checks; `progress` is called while the ledger is read."""
    clock = clock or SystemClock()
    home, newest_ms = settings.home, 0
    if settings.database_url is None:
        with suppress(OSError, *REFUSED), look(home) as connection:
            newest_ms = newest_time_ms(connection)
    checks = [
        machine.check_python(Path(sys.prefix) / "interpreters.json"),
        machine.check_settings(faults),
        machine.check_user(),
        machine.check_home(home),
        machine.check_files(home),
        machine.check_disk(home),
        machine.check_clock(clock.wall_ms(), newest_ms),
        machine.check_open_files(asked.files_needed),
        asked.server,
        *asked.paused,
    ]
    facts = await _store_facts(settings, clock, progress)
    checks += facts.checks
    network_checks, local_servers = await _network(settings, facts, is_offline=asked.is_offline)
    return Examination([*checks, *network_checks], local_servers)


async def _store_facts(settings: Settings, clock: Clock, progress: Progress) -> StoreFacts:
    tell = teller(progress, "checked {done:,} of {total:,} rows")
    if settings.database_url is not None:
        return await _postgres_facts(settings, settings.database_url, clock, tell)
    if settings.home.is_dir() and not os.access(settings.home, os.X_OK):
        why = Message("{home} cannot be read", home=settings.home)
        return StoreFacts([skipped("database", why)])
    if not (settings.home / DATABASE_FILE).exists():
        advice = "the first command or server creates it; is YIYUAN_HOME right?"
        detail = Message("there is none in {home} yet", home=settings.home)
        return StoreFacts([Check("database", None, detail, advice)])
    return await asyncio.to_thread(_sqlite_facts, settings, clock.wall_ms(), tell)


def _sqlite_facts(settings: Settings, now_ms: int, tell: Callable[[int, int], None]) -> StoreFacts:
    path = settings.home / DATABASE_FILE
    restore = "stop the server and restore the latest backup into an empty home: yiyuan restore"
    try:
        with look(settings.home) as connection:
            faults = integrity_faults(connection)
            if faults:
                return StoreFacts(
                    [Check("database", is_ok=False, detail="; ".join(faults), advice=restore)]
                )
            facts = read_facts(connection, settings, now_ms, tell)
    except REFUSED as error:
        detail = Message("{path} cannot be read: {error}", path=path, error=error)
        return StoreFacts([Check("database", is_ok=False, detail=detail, advice=restore)])
    sound = Check("database", is_ok=True, detail=Message("{path} is intact", path=path))
    return facts._replace(checks=[sound, *facts.checks])


async def _postgres_facts(
    settings: Settings, url: str, clock: Clock, tell: Callable[[int, int], None]
) -> StoreFacts:
    from yiyuan.store.errors import DatabaseAway  # noqa: PLC0415 - only with PostgreSQL
    from yiyuan.store.postgres.database import PostgresDatabase  # noqa: PLC0415 - the same
    from yiyuan.store.postgres.inspect import stored_schema  # noqa: PLC0415 - the same
    from yiyuan.store.schema import SchemaError  # noqa: PLC0415 - the same

    try:
        if await stored_schema(url) == 0:
            advice = "the first command or server creates it; is YIYUAN_DATABASE_URL right?"
            return StoreFacts(
                [Check("database", None, "PostgreSQL is reachable, database empty", advice)]
            )
        database = await PostgresDatabase.open(url)
        try:
            facts = await database.run_read(
                lambda connection: read_facts(connection, settings, clock.wall_ms(), tell)
            )
        finally:
            await database.close()
    except DatabaseAway as error:
        advice = "start PostgreSQL, or correct YIYUAN_DATABASE_URL"
        return StoreFacts([Check("database", is_ok=False, detail=error.reason, advice=advice)])
    except SchemaError as error:
        return StoreFacts(
            [Check("schema", is_ok=False, detail=error.said, advice="yiyuan migrate")]
        )
    except (ValueError, *REFUSED) as error:
        advice = "check PostgreSQL's log"
        return StoreFacts([Check("database", is_ok=False, detail=str(error), advice=advice)])
    reached = Check("database", is_ok=True, detail="PostgreSQL is reachable")
    return facts._replace(checks=[reached, *facts.checks])


async def _network(
    settings: Settings, facts: StoreFacts, *, is_offline: bool
) -> tuple[list[Check], list[Json]]:
    valkey = await network.check_valkey(settings.redis_url)
    try:
        client = Client(https_proxy=settings.https_proxy, no_proxy=settings.no_proxy)
    except UpstreamFailure as error:
        advice = "correct HTTPS_PROXY"
        return [valkey, Check("proxy", is_ok=False, detail=str(error), advice=advice)], []
    try:
        found = await find_local_servers(client, facts.catalog)
        local_servers = [server.document() for server in found]
        if is_offline:
            return [valkey, skipped("channels", "--offline")], local_servers
        if facts.catalog is None or facts.secrets is None:
            return [valkey, skipped("channels", "the database cannot be read")], local_servers
        channels = await network.check_channels(client, facts.catalog, facts.secrets)
    finally:
        client.close()
    return [valkey, *channels], local_servers
