"""Passwords: argon2id, in a thread, few at a time.

Hashing one takes some 20 MiB and tens of milliseconds on purpose. It happens off the
loop, two at once at most, so that a flood of sign-ins cannot starve the gateway. An
unknown person costs the same time as a wrong password.

Hashes of bcrypt come from other gateways; they are checked in the same way and count as
outdated, so that the first sign-in replaces them.
"""

import asyncio

import bcrypt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from yiyuan.auth.common_passwords import is_common

LENGTH_MIN = 10
LENGTH_MAX = 256
_AT_ONCE = 2
_BCRYPT = ("$2a$", "$2b$", "$2y$")
_BCRYPT_BYTES_MAX = 72


def password_fault(password: str, *names: str) -> str | None:
    """Why a password will not do (`too_short`, `too_long`, `too_common`); None if it will.

    `names` are the person's own and the site's.
    """
    if len(password) < LENGTH_MIN:
        return "too_short"
    if len(password) > LENGTH_MAX:
        return "too_long"
    return "too_common" if is_common(password, names) else None


class Passwords:
    """Hashes and checks passwords."""

    def __init__(self) -> None:
        """The cost is OWASP's first choice: 19 MiB, two passes, one lane."""
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """The text to keep of a password."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether it is the password of this hash; None, as for nobody, takes as long."""
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        async with self._turns:
            found = await asyncio.to_thread(self._verify, password_hash or self._nobody, password)
        return found and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether a hash was made at another cost than today's, or in another way."""
        if password_hash.startswith(_BCRYPT):
            return True
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        if password_hash.startswith(_BCRYPT):
            return _verify_bcrypt(password_hash, password)
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


def _verify_bcrypt(password_hash: str, password: str) -> bool:
    """Whether it is the password; bcrypt reads 72 bytes, so a longer one never is."""
    given = password.encode("utf-8", "surrogatepass")
    is_possible = len(given) <= _BCRYPT_BYTES_MAX and b"\0" not in given
    try:  # what is not possible takes as long as what is wrong
        tried = given if is_possible else b"nobody has this password"
        return bcrypt.checkpw(tried, password_hash.encode()) and is_possible
    except ValueError:
        return False
