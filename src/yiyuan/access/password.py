"""Passwords: argon2id, in a thread, few at a time.

Hashing one takes some 20 MiB and tens of milliseconds on purpose. It happens off the
loop, two at once at most, so that a flood of sign-ins cannot starve the gateway. An
unknown person costs the same time as a wrong password.
"""

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LENGTH_MIN = 10
LENGTH_MAX = 256
_AT_ONCE = 2

_COMMON: Final = frozenset(
    {
        "1234567890", "0123456789", "password12", "password123", "qwertyuiop", "1q2w3e4r5t",
        "iloveyou12", "1111111111", "0000000000", "abcdefghij", "a123456789", "passw0rd12",
        "letmein123", "administrator", "admin12345", "welcome123", "qwerty1234", "5201314520",
    }
)  # fmt: skip


def password_fault(password: str, email: str) -> str | None:
    """Why a password will not do (`too_short`, `too_long`, `too_common`); None if it will."""
    if len(password) < LENGTH_MIN:
        return "too_short"
    if len(password) > LENGTH_MAX:
        return "too_long"
    lowered = password.lower()
    if lowered in _COMMON or len(set(lowered)) < 3 or lowered == email.lower():
        return "too_common"
    return None


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
        """Whether a hash was made at another cost than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
