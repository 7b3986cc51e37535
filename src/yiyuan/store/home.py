"""The home directory and the lock that keeps it to one process.

Two processes that write one SQLite ledger would each decide from their own memory.
The lock is the kernel's (flock on `home/lock`): it is gone with the process that
held it, however that ended, so there is no stale lock to clean up. The file's text
names the holder, for the message to the second.
"""

import fcntl
import os
import stat
from pathlib import Path
from typing import Self

from yiyuan.i18n.message import Message, SaidError


class HomeLocked(SaidError):
    """Another process works on this home; `pid` is its id, if it is known."""

    def __init__(self, home: Path, pid: int | None) -> None:
        """The message is for people."""
        holder = Message("process {pid}", pid=pid) if pid else Message("another process")
        template = "{home} is in use by {holder}; stop it first, or use another YIYUAN_HOME"
        super().__init__(Message(template, home=home, holder=holder))
        self.home = home
        self.pid = pid


class HomeUnsafe(SaidError):
    """Others may write into the home: whose key and ledger it then is, nobody knows."""


def check_home(home: Path) -> None:
    """Refuse a home that others may write into. Raises HomeUnsafe with what mends it."""
    try:
        mode = stat.S_IMODE(home.stat().st_mode)
    except OSError:
        return  # it will be made, for its owner only, or whoever opens it says why not
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        template = "other users may write into {home} ({mode}): chmod go-w {home}"
        raise HomeUnsafe(Message(template, home=home, mode=f"{mode:04o}"))


class HomeLock:
    """An exclusive claim on a home directory, until `release` or the process's end."""

    def __init__(self, descriptor: int) -> None:
        """Made by `acquire` only."""
        self._descriptor: int | None = descriptor

    @classmethod
    def acquire(cls, home: Path) -> Self:
        """Make the home (0700) if need be and lock it. Raises HomeLocked at once if held."""
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(descriptor, 32, 0).strip()
            os.close(descriptor)
            raise HomeLocked(home, int(text) if text.isdigit() else None) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return cls(descriptor)

    def release(self) -> None:
        """Give the home up; a second call does nothing."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
