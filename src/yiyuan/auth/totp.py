"""One-time codes of an authenticator (RFC 6238): SHA-1, six digits, 30 seconds.

A code is good in its own step and in the ones beside it, since clocks differ. Which
step it was is told, so that the caller can refuse the same step a second time.
"""

import base64
import hmac
import os
from urllib.parse import quote

STEP_SECONDS = 30
RECOVERY_CODES = 10
_SECRET_BYTES = 20
_DIGITS = 6
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """A secret in base32, as authenticators take it."""
    return base64.b32encode(os.urandom(_SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The code of a time step."""
    digest = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**_DIGITS).zfill(_DIGITS)


def matching_step(secret: str, code: str, now_ms: int) -> int | None:
    """The step that a code belongs to, of this one and its neighbours; None if it is wrong."""
    now = now_ms // 1000 // STEP_SECONDS
    given = "".join(code.split())
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), given.encode()):
            return step
    return None


def provisioning_uri(secret: str, email: str, issuer: str) -> str:
    """What an authenticator reads from a QR code."""
    label = quote(f"{issuer}:{email}", safe="")
    return f"otpauth://totp/{label}?secret={secret}&issuer={quote(issuer, safe='')}"


def new_recovery_codes() -> list[str]:
    """Ten codes of 60 bits (`xxxxxx-xxxxxx`), each good once, for a lost device."""
    codes = []
    for _ in range(RECOVERY_CODES):
        letters = [_ALPHABET[byte % len(_ALPHABET)] for byte in os.urandom(12)]
        codes.append("".join(letters[:6]) + "-" + "".join(letters[6:]))
    return codes
