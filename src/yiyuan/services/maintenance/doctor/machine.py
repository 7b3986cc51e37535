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
from yiyuan.i18n.plurals import fill
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
    if sys.version_info[:2] < PYTHON_LEAST:
        return Check(
            "python", is_ok=False, detail=f"Python {version}", advice="install Python 3.11"
        )
    try:
        micros = {row["path"]: float(row["micros"]) for row in json.loads(measured.read_bytes())}
        own = micros[os.path.realpath(sys.executable)]
    except (OSError, ValueError, TypeError, KeyError):
        return Check("python", is_ok=True, detail=f"Python {version}")
    best = min(micros, key=lambda path: micros[path])
    if micros[best] > own * CLEARLY_QUICKER:
        return Check("python", is_ok=True, detail=f"Python {version}")
    share = round(100 * micros[best] / own)
    detail = f"Python {version}; {best} needs only {share} % of the time for the same work"
    advice = f"use it if CPU time is short: make setup PYTHON={best}"
    return Check("python", is_ok=True, detail=detail, advice=advice)


def check_user() -> Check:
    """Who the program runs as: not the machine's own master."""
    if os.geteuid() != 0:
        return Check("user", is_ok=True, detail=f"runs as user {os.geteuid()}")
    advice = "run it as a dedicated user, as the systemd unit and the image do"
    return Check("user", is_ok=None, detail="runs as root", advice=advice)


def check_settings(faults: Sequence[SettingsError]) -> Check:
    """The environment."""
    if not faults:
        return Check("settings", is_ok=True, detail="all YIYUAN_ variables are valid")
    detail = "; ".join(str(fault) for fault in faults)
    names = ", ".join(fault.variable for fault in faults)
    return Check("settings", is_ok=False, detail=detail, advice=f"correct or unset {names}")


def check_home(home: Path) -> Check:
    """The data directory: ours alone."""
    if not home.exists():
        detail = f"{home} does not exist yet; the first command creates it"
        return skipped("home", detail)
    if not home.is_dir():
        return _home_fault(f"{home} is not a folder", "set YIYUAN_HOME to another place")
    mode = stat.S_IMODE(home.stat().st_mode)
    if mode & 0o077:
        return _home_fault(f"{home} is open to other users ({mode:04o})", f"chmod 700 {home}")
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        owner = home.stat().st_uid
        detail = f"{home} belongs to user {owner} and cannot be written"
        return _home_fault(detail, f"run as user {owner}, or change the owner")
    return Check("home", is_ok=True, detail=f"{home} ({mode:04o})")


def check_files(home: Path) -> Check:
    """The files in it: readable by their owner alone."""
    if home.is_dir() and not os.access(home, os.X_OK):
        return skipped("files", f"{home} cannot be read")
    modes = {
        name: stat.S_IMODE(path.stat().st_mode)
        for name in _PRIVATE_FILES
        if (path := home / name).exists()
    }
    if not modes:
        return skipped("files", "there are none yet")
    is_open = [name for name, mode in modes.items() if mode & 0o077]
    if is_open:
        detail = ", ".join(f"{name} ({modes[name]:04o})" for name in is_open)
        advice = "chmod 600 " + " ".join(str(home / name) for name in is_open)
        return Check("files", is_ok=False, detail=f"open to others: {detail}", advice=advice)
    detail = fill("{count} files, readable by their owner only", {"count": len(modes)})
    return Check("files", is_ok=True, detail=detail)


def check_disk(home: Path) -> Check:
    """Room for the ledger and for its log."""
    place = next(path for path in (home.absolute(), *home.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    is_ok = free >= FREE_BYTES_LEAST
    advice = "" if is_ok else f"free some space: a full disk stops the ledger ({place})"
    return Check("disk", is_ok, f"{free // _MIB:,} MiB are free", advice)


def check_clock(now_ms: int, newest_ms: int) -> Check:
    """The wall clock against what the ledger has written, and against the release."""
    detail = iso(now_ms)
    fault = ""
    if now_ms < BUILT_MS:
        fault = "is older than this release"
    elif now_ms < newest_ms - CLOCK_TOLERANCE_MS:
        fault = f"is before the ledger's newest entry ({iso(newest_ms)})"
    if fault:
        return Check("clock", is_ok=False, detail=f"{detail} {fault}", advice="set the clock (NTP)")
    return Check("clock", is_ok=True, detail=detail)


def check_open_files(needed: int) -> Check:
    """Whether the process may have as many connections as it takes."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if hard == resource.RLIM_INFINITY or hard >= needed:
        allowed = "unlimited" if hard == resource.RLIM_INFINITY else f"up to {hard:,}"
        return Check("open_files", is_ok=True, detail=f"{allowed}, {needed:,} are needed")
    detail = f"at most {hard:,} may be open, {needed:,} are needed for all connections"
    advice = f"raise the limit (LimitNOFILE={needed}, or ulimit -Hn {needed})"
    return Check("open_files", is_ok=False, detail=detail, advice=advice)


def _home_fault(detail: str, advice: str) -> Check:
    return Check("home", is_ok=False, detail=detail, advice=advice)
