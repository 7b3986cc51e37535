"""What `yiyuan doctor` looks at around the database: Python, settings, home, disk, limits."""

import json
import os
import resource
import shutil
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from yiyuan.auth.secret_key import FILE_NAME
from yiyuan.i18n.message import Message, several
from yiyuan.kernel.clock import iso
from yiyuan.kernel.setting_doc import SettingsError
from yiyuan.services.maintenance.doctor.check import Check, skipped
from yiyuan.store.sqlite.database import DATABASE_FILE

PYTHON_LEAST: Final = (3, 11)
CLEARLY_QUICKER: Final = 0.93
"""A share of the time; what is less quick is no reason to change anything."""
FREE_BYTES_LEAST: Final = 512 * 1024 * 1024
BUILT_MS: Final = 1_767_225_600_000
"""2026-01-01: no clock that is right shows less."""
CLOCK_TOLERANCE_MS: Final = 60_000
_PRIVATE_FILES = (
    *(DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm"),
    *(FILE_NAME, "lock", "control.sock"),
)
_MIB = 1024 * 1024


def check_python(measured: Path) -> Check:
    """The interpreter, and what another one would bring that set-up found and `measured`."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    plain = Message("Python {version}", version=version)
    if sys.version_info[:2] < PYTHON_LEAST:
        return Check("python", is_ok=False, detail=plain, advice="install Python 3.11")
    try:
        micros = {row["path"]: float(row["micros"]) for row in json.loads(measured.read_bytes())}
        own = micros[os.path.realpath(sys.executable)]
    except (OSError, ValueError, TypeError, KeyError):
        return Check("python", is_ok=True, detail=plain)
    best = min(micros, key=lambda path: micros[path])
    if micros[best] > own * CLEARLY_QUICKER:
        return Check("python", is_ok=True, detail=plain)
    detail = Message(
        "Python {version}; {best} needs only {share} % of the time for the same work",
        version=version,
        best=best,
        share=round(100 * micros[best] / own),
    )
    advice = Message("use it if CPU time is short: make setup PYTHON={best}", best=best)
    return Check("python", is_ok=True, detail=detail, advice=advice)


def check_user() -> Check:
    """Who the program runs as: not the machine's own master."""
    if os.geteuid() != 0:
        return Check("user", is_ok=True, detail=Message("runs as user {user}", user=os.geteuid()))
    advice = "run it as a dedicated user, as the systemd unit and the image do"
    return Check("user", is_ok=None, detail="runs as root", advice=advice)


def check_settings(faults: Sequence[SettingsError]) -> Check:
    """The environment."""
    if not faults:
        return Check("settings", is_ok=True, detail="all YIYUAN_ variables are valid")
    detail = several([fault.said for fault in faults])
    names = ", ".join(fault.variable for fault in faults)
    advice = Message("correct or unset {names}", names=names)
    return Check("settings", is_ok=False, detail=detail, advice=advice)


def check_home(home: Path) -> Check:
    """The data directory: ours alone."""
    if not home.exists():
        detail = Message("{home} does not exist yet; the first command creates it", home=home)
        return skipped("home", detail)
    if not home.is_dir():
        detail = Message("{home} is not a folder", home=home)
        return _home_fault(detail, "set YIYUAN_HOME to another place")
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        detail = Message("{home} is open to other users ({mode})", home=home, mode=f"{mode:04o}")
        return _home_fault(detail, Message("chmod 700 {home}", home=home))
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        owner = home.stat().st_uid
        template = "{home} belongs to user {owner} and cannot be written"
        advice = Message("run as user {owner}, or change the owner", owner=owner)
        return _home_fault(Message(template, home=home, owner=owner), advice)
    detail = Message("{home} ({mode})", home=home, mode=f"{mode:04o}")
    return Check("home", is_ok=True, detail=detail)


def check_files(home: Path) -> Check:
    """The files in it: readable by their owner alone."""
    if home.is_dir() and not os.access(home, os.X_OK):
        return skipped("files", Message("{home} cannot be read", home=home))
    modes = {
        name: stat.S_IMODE(path.stat().st_mode)
        for name in _PRIVATE_FILES
        if (path := home / name).exists()
    }
    if not modes:
        return skipped("files", "there are none yet")
    is_open = [name for name, mode in modes.items() if mode & 0o077]
    if is_open:
        named = ", ".join(f"{name} ({modes[name]:04o})" for name in is_open)
        detail = Message("open to others: {files}", files=named)
        paths = " ".join(str(home / name) for name in is_open)
        advice = Message("chmod 600 {paths}", paths=paths)
        return Check("files", is_ok=False, detail=detail, advice=advice)
    detail = Message("{count} files, readable by their owner only", count=len(modes))
    return Check("files", is_ok=True, detail=detail)


def check_disk(home: Path) -> Check:
    """Room for the ledger and for its log."""
    place = next(path for path in (home.absolute(), *home.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    detail = Message("{count:,} MiB are free", count=free // _MIB)
    if free >= FREE_BYTES_LEAST:
        return Check("disk", is_ok=True, detail=detail)
    advice = Message("free some space: a full disk stops the ledger ({place})", place=place)
    return Check("disk", is_ok=False, detail=detail, advice=advice)


def check_clock(now_ms: int, newest_ms: int) -> Check:
    """The wall clock against what the ledger has written, and against the release."""
    now = iso(now_ms)
    if now_ms < BUILT_MS:
        detail = Message("{now} is older than this release", now=now)
    elif now_ms < newest_ms - CLOCK_TOLERANCE_MS:
        template = "{now} is before the ledger's newest entry ({newest})"
        detail = Message(template, now=now, newest=iso(newest_ms))
    else:
        return Check("clock", is_ok=True, detail=now)
    return Check("clock", is_ok=False, detail=detail, advice="set the clock (NTP)")


def check_open_files(needed: int) -> Check:
    """Whether the process may have as many connections as it takes."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard == resource.RLIM_INFINITY or hard >= needed:
        detail = (
            Message("unlimited, {needed:,} are needed", needed=needed)
            if hard == resource.RLIM_INFINITY
            else Message("up to {limit:,}, {needed:,} are needed", limit=hard, needed=needed)
        )
        return Check("open_files", is_ok=True, detail=detail)
    detail = Message(
        "at most {limit:,} may be open, {needed:,} are needed for all connections",
        limit=hard,
        needed=needed,
    )
    template = "raise the limit (LimitNOFILE={needed}, or ulimit -Hn {needed})"
    advice = Message(template, needed=needed)
    return Check("open_files", is_ok=False, detail=detail, advice=advice)


def _home_fault(detail: Message, advice: str | Message) -> Check:
    return Check("home", is_ok=False, detail=detail, advice=advice)
