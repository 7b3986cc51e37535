"""The secret key of an installation and the keys derived from it.

32 bytes, from `YIYUAN_SECRET_KEY` or from `secret.key` (0600) in the home, which
is made when it is missing. It is never used itself: each purpose has a subkey of
its own (HMAC-SHA256 of a label under it). Only its fingerprint is kept in the
database, so that a wrong key refuses to start instead of failing at every
request. Faults raise SecretKeyError with what to do; no message holds the key.
"""

import base64
import binascii
import hmac
import os
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from yiyuan.i18n.message import Message, SaidError

KEY_BYTES = 32
FILE_NAME = "secret.key"
_VARIABLE = "YIYUAN_SECRET_KEY"


class SecretKeyError(SaidError):
    """The secret key is missing or unusable; the message says what to do."""


class SecretKeyOpen(SecretKeyError):
    """Others may read it, and so may know it."""

    def __init__(self, path: Path, mode: int) -> None:
        """`remedy` is the command that mends it."""
        self.remedy = f"chmod 600 {path}"
        template = "other users may read {path} ({mode}): chmod 600 {path}"
        super().__init__(Message(template, path=path, mode=f"{mode:04o}"))


@dataclass(slots=True, frozen=True)
class SecretKeys:
    """What is derived from the secret key. `fingerprint` is public."""

    fingerprint: str
    token_pepper: bytes = field(repr=False)
    """Keys the hashes of API tokens."""
    seal_key: bytes = field(repr=False)
    """AES-256 key for upstream keys at rest."""


def load_secrets(home: Path, configured: str | None, *, may_create: bool = True) -> SecretKeys:
    """Take the configured key, else the home's, else make one there.

    `may_create=False` is for a home whose database was made with a key already.
    """
    if configured is not None:
        return derive(_decode(configured, _VARIABLE))
    path = home / FILE_NAME
    if not path.exists():
        if not may_create:
            message = Message(
                "{path} is missing, but the database was made with one. Put it back, or set "
                "{variable}.",
                path=path,
                variable=_VARIABLE,
            )
            raise SecretKeyError(message)
        _create(path, new_key())
    return derive(_decode(_read(path), str(path)))


def new_key() -> str:
    """A secret key, as `secret.key` and `YIYUAN_SECRET_KEY` hold it."""
    return base64.b64encode(os.urandom(KEY_BYTES)).decode()


def stored_key(home: Path) -> tuple[str, SecretKeys] | None:
    """The home's own key for a backup, and what is derived from it; None without one."""
    path = home / FILE_NAME
    if not path.exists():
        return None
    text = _read(path).strip()
    return text, derive(_decode(text, str(path)))


def read_key(text: str, source: str) -> SecretKeys:
    """What is derived from a key in base64; `source` names it in errors."""
    return derive(_decode(text, source))


def store_key(home: Path, text: str) -> None:
    """Put a key into a home that has none."""
    _create(home / FILE_NAME, text)


def derive(key: bytes) -> SecretKeys:
    """Derive the subkeys of a 32-byte key."""
    if len(key) != KEY_BYTES:
        message = Message(
            "the secret key must be {wanted} bytes, not {found}", wanted=KEY_BYTES, found=len(key)
        )
        raise SecretKeyError(message)
    return SecretKeys(
        fingerprint=_subkey(key, "fingerprint")[:8].hex(),
        token_pepper=_subkey(key, "api token hashes"),
        seal_key=_subkey(key, "sealed upstream keys"),
    )


def _subkey(key: bytes, label: str) -> bytes:
    """One key per purpose; labels must never change."""
    return hmac.digest(key, f"yiyuan 1: {label}".encode(), "sha256")


def _decode(text: str, source: str) -> bytes:
    """Read base64 of 32 bytes, in either alphabet, with or without padding."""
    compact = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        key = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        message = Message(
            "{source} must be base64 of {wanted} bytes, and is not base64. "
            "Make one with: openssl rand -base64 32",
            source=source,
            wanted=KEY_BYTES,
        )
        raise SecretKeyError(message) from None
    if len(key) != KEY_BYTES:
        message = Message(
            "{source} must be base64 of {wanted} bytes, not of {found}. "
            "Make one with: openssl rand -base64 32",
            source=source,
            wanted=KEY_BYTES,
            found=len(key),
        )
        raise SecretKeyError(message)
    return key


def _read(path: Path) -> str:
    """Read the key file; what others may read may be known to them, and is refused."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise SecretKeyOpen(path, mode)
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        message = Message("{path} cannot be read: {error}", path=path, error=error)
        raise SecretKeyError(message) from error


def _create(path: Path, key: str) -> None:
    """Write a key so that it is whole or absent, and only the first one wins.

    The file is completed under another name and then linked to its own, which
    fails if another process was faster; theirs is then the key.
    """
    draft = path.with_name(f".{FILE_NAME}.{os.urandom(8).hex()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(key.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
        _sync_directory(path.parent)
    except OSError as error:
        message = Message("{path} cannot be made: {error}", path=path, error=error)
        raise SecretKeyError(message) from error


def _sync_directory(path: Path) -> None:
    """Make a new name in a directory survive a power loss."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
