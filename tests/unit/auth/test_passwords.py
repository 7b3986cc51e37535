"""What a wrong password costs, whatever is kept of whoever it is for (case 24)."""

import statistics
import time

import bcrypt
import pytest

from yiyuan.auth.password import Passwords

WRONG = {"short": "not this one", "too long": "x" * 73, "a zero byte": "not\0this"}


async def test_what_bcrypt_cannot_read_is_wrong_and_nothing_else_is_tried_for_it() -> None:
    """The words that stand in for it open nothing, though somebody has chosen them."""
    passwords = Passwords()
    for kept in ("x" * 72, "nobody has this password", "not"):
        hashed = bcrypt.hashpw(kept.encode(), bcrypt.gensalt(4)).decode()
        assert await passwords.matches(hashed, kept)
        for wrong in WRONG.values():
            assert not await passwords.matches(hashed, wrong)


@pytest.mark.timing
async def test_24_a_wrong_password_takes_its_time() -> None:
    passwords = Passwords()
    hashes = {
        "bcrypt": bcrypt.hashpw(b"words of elsewhere", bcrypt.gensalt(11)).decode(),
        "argon2id": await passwords.hash("words of here"),
        "nobody": None,
    }
    await passwords.matches(None, "warm")
    for name, hashed in hashes.items():
        times = {}
        for kind, wrong in WRONG.items():
            taken = []
            for _ in range(5):
                began = time.perf_counter()
                assert not await passwords.matches(hashed, wrong)
                taken.append(time.perf_counter() - began)
            times[kind] = statistics.median(taken)
        assert max(times.values()) < 3 * min(times.values()), (name, times)
